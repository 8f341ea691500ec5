package dev.shunt.tablet.vstreamer;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.Position;
import dev.shunt.mysql.Snapshot;
import dev.shunt.tablet.RpcException;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A snapshot that several reads share, as many at a time as it has sessions. A read that is broken
 * off takes its session with it.
 */
final class HeldSnapshot implements AutoCloseable {
  /**
   * Behind a read its session goes back to here: it keeps what it sees and lets the locks of
   * metadata go, for which whoever alters a table waits, and all others behind him.
   */
  private static final String SAVEPOINT = "shunt_read";

  /** How long to try to lock the tables; without success they are read one by one. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Snapshot snapshot;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<MysqlConnection> idle;
  private int left;
  private boolean closed;

  private HeldSnapshot(Snapshot snapshot) {
    this.snapshot = snapshot;
    this.idle = new ArrayDeque<>(snapshot.connections());
    this.left = idle.size();
  }

  /**
   * Takes a snapshot of tables of the endpoint's default database.
   *
   * @throws RpcException UNIMPLEMENTED when the server does not let several tables be locked
   */
  static HeldSnapshot open(MysqlEndpoint endpoint, List<String> tables, int sessions) {
    try {
      Snapshot snapshot = Snapshot.open(endpoint, tables, sessions, PATIENCE);
      try {
        snapshot.connections().forEach(session -> session.execute("SAVEPOINT " + SAVEPOINT));
        return new HeldSnapshot(snapshot);
      } catch (RuntimeException e) {
        snapshot.connections().forEach(MysqlConnection::abort);
        throw e;
      }
    } catch (MysqlException e) {
      boolean locking =
          e.errno() == Snapshot.LOCK_WAIT_TIMEOUT || e.errno() == Snapshot.ACCESS_DENIED;
      if (locking && tables.size() > 1) {
        throw new RpcException(
            Status.Code.UNIMPLEMENTED,
            "no snapshot of several tables can be taken here: " + e.getMessage(),
            e);
      }
      throw e;
    }
  }

  /** Exactly the transactions that it holds. */
  Position position() {
    return snapshot.position();
  }

  /**
   * A session for one read; waits while all are in use.
   *
   * @throws RpcException UNAVAILABLE when the snapshot was given up, or no session is left
   */
  SnapshotSession session() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (idle.isEmpty() && left > 0 && !closed) {
        changed.await();
      }
      if (closed || left == 0) {
        throw new RpcException(Status.Code.UNAVAILABLE, "the snapshot is not held any more");
      }
      MysqlConnection connection = idle.removeFirst();
      return new SnapshotSession(connection, position(), () -> end(connection));
    } finally {
      lock.unlock();
    }
  }

  private void end(MysqlConnection connection) {
    try {
      if (!connection.isClosed()) {
        connection.execute("ROLLBACK TO SAVEPOINT " + SAVEPOINT);
      }
    } catch (MysqlException e) {
      connection.abort();
    } finally {
      giveBack(connection);
    }
  }

  private void giveBack(MysqlConnection connection) {
    lock.lock();
    try {
      if (connection.isClosed()) {
        left--;
      } else if (closed) {
        connection.close();
      } else {
        idle.addLast(connection);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Reads that are under way are broken off. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      snapshot.connections().forEach(MysqlConnection::abort);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
