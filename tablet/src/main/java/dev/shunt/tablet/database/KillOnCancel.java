package dev.shunt.tablet.database;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import io.grpc.Context;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the statement of a connection when the call for which it runs is cancelled or past its
 * deadline. Use with try; after {@link #close()} the connection is safe from it.
 */
public final class KillOnCancel implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(KillOnCancel.class);

  private static final long AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private final MysqlConnection connection;
  private final Context context;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition closing = lock.newCondition();
  private final Context.CancellationListener listener = this::cancelled;
  private boolean done;

  /** Watches the current call. */
  public KillOnCancel(MysqlConnection connection) {
    this.connection = connection;
    this.context = Context.current();
    context.addListener(listener, Runnable::run);
  }

  private void cancelled(Context ignored) {
    var unused = Thread.ofVirtual().name("kill-query").start(this::kill);
  }

  /** Again until it is done: a server forgets a KILL QUERY that comes before the statement. */
  private void kill() {
    lock.lock();
    try {
      while (!done && !connection.isClosed()) {
        killQuery();
        long unused = closing.awaitNanos(AGAIN_NANOS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  private void killQuery() {
    try {
      connection.killQuery();
    } catch (MysqlException e) {
      log.atDebug().addKeyValue("error", e.getMessage()).log("statement could not be killed");
    }
  }

  @Override
  public void close() {
    context.removeListener(listener);
    lock.lock();
    try {
      done = true;
      closing.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
