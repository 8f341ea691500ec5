package dev.shunt.tablet.manager;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.Row;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.database.ConnectionPool;
import dev.shunt.tablet.database.KillOnCancel;
import io.grpc.Context;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The read lock on all tables that LockTables takes; it ends by itself after a while. */
final class TableLock implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(TableLock.class);

  /** The timer of a process that goes on is first. */
  private static final int IDLE_BEYOND_LIMIT_SECONDS = 5;

  private final String database;
  private final ConnectionPool pool;
  private final Duration limit;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("table-lock").factory());
  private final ReentrantLock lock = new ReentrantLock();
  private ConnectionPool.@Nullable Lease held;
  private @Nullable MysqlConnection locking;
  private @Nullable ScheduledFuture<?> release;
  private boolean closed;

  TableLock(String database, ConnectionPool pool, Duration limit) {
    this.database = database;
    this.pool = pool;
    this.limit = limit;
  }

  /**
   * Waits for the locks as long as the call is there: a request for them that nobody waits for any
   * more would stop every writer of the server.
   */
  void lock() throws InterruptedException {
    ConnectionPool.Lease lease = pool.borrow();
    boolean locked = false;
    try {
      claim(lease.connection());
      try (KillOnCancel _ = new KillOnCancel(lease.connection())) {
        lockAll(lease.connection());
      }
      locked = keep(lease);
    } finally {
      if (!locked) {
        discard(lease);
      }
    }
    if (!locked) {
      throw new RpcException(Status.Code.CANCELLED, "nobody waits for the table locks any more");
    }
  }

  private void claim(MysqlConnection connection) {
    lock.lock();
    try {
      if (held != null || locking != null) {
        throw new RpcException(
            Status.Code.FAILED_PRECONDITION, "tables already locked on this tablet");
      }
      locking = connection;
    } finally {
      lock.unlock();
    }
  }

  private boolean keep(ConnectionPool.Lease lease) {
    lock.lock();
    try {
      if (closed || Context.current().isCancelled()) {
        return false;
      }
      held = lease;
      locking = null;
      release = timer.schedule(this::expire, limit.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void discard(ConnectionPool.Lease lease) {
    lock.lock();
    try {
      if (locking == lease.connection()) {
        locking = null;
        lease.connection().close();
      }
    } finally {
      lock.unlock();
    }
    lease.close();
  }

  private void lockAll(MysqlConnection connection) {
    // Whatever becomes of this process, a request that is not granted ends by itself, and so does
    // the session that holds the locks.
    long seconds = Math.max(1, limit.toSeconds());
    connection.execute(
        "SET SESSION lock_wait_timeout = %d, wait_timeout = %d"
            .formatted(seconds, seconds + IDLE_BEYOND_LIMIT_SECONDS));
    try {
      connection.execute("FLUSH TABLES WITH READ LOCK");
      return;
    } catch (MysqlException e) {
      if (e.connectionLost() || Context.current().isCancelled()) {
        throw e;
      }
      log.atDebug().addKeyValue("error", e.getMessage()).log("locking table by table instead");
    }
    List<Row> tables =
        connection
            .execute(
                "SELECT table_name FROM information_schema.tables WHERE table_type ="
                    + " 'BASE TABLE' AND table_schema = "
                    + SqlText.literal(database))
            .rows();
    if (!tables.isEmpty()) {
      connection.execute(
          "LOCK TABLES "
              + String.join(
                  ", ",
                  tables.stream()
                      .map(row -> SqlText.qualified(database, row.text(0)) + " READ")
                      .toList()));
    }
  }

  private void expire() {
    ConnectionPool.Lease lease = taken();
    if (lease != null) {
      log.atWarn()
          .addKeyValue("limit_ms", limit.toMillis())
          .log("table locks were not released in time, releasing them");
      end(lease);
    }
  }

  void unlock() {
    ConnectionPool.Lease lease = taken();
    if (lease == null) {
      throw new RpcException(Status.Code.FAILED_PRECONDITION, "tables not locked");
    }
    end(lease);
  }

  /** What is held, which is the caller's to end. */
  private ConnectionPool.@Nullable Lease taken() {
    lock.lock();
    try {
      ConnectionPool.Lease lease = held;
      held = null;
      if (release != null) {
        release.cancel(false);
        release = null;
      }
      return lease;
    } finally {
      lock.unlock();
    }
  }

  /** Closing the session ends its locks, whatever its state. */
  private static void end(ConnectionPool.Lease lease) {
    lease.connection().close();
    lease.close();
  }

  @Override
  public void close() {
    timer.shutdownNow();
    lock.lock();
    try {
      closed = true;
      if (locking != null) {
        locking.abort();
      }
    } finally {
      lock.unlock();
    }
    ConnectionPool.Lease lease = taken();
    if (lease != null) {
      end(lease);
    }
  }
}
