package dev.shunt.mysql;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A small pool of connections with equal sessions. A caller that changes session settings calls
 * {@link Lease#discard()}.
 */
public final class MysqlPool implements AutoCloseable {
  private static final Duration CHECK_AFTER = Duration.ofSeconds(5);

  private record Idle(MysqlConnection connection, long since) {}

  private final Supplier<MysqlConnection> opener;
  private final Semaphore permits;
  private final Deque<Idle> idle = new ArrayDeque<>();
  private boolean closed;

  /**
   * Makes an empty pool.
   *
   * @param opener makes a connection and prepares its session
   * @param size how many connections can be out at the same time
   */
  public MysqlPool(Supplier<MysqlConnection> opener, int size) {
    if (size < 1) {
      throw new IllegalArgumentException("a pool needs room for one connection at least");
    }
    this.opener = opener;
    this.permits = new Semaphore(size);
  }

  /**
   * A connection without an open transaction; waits for one while all are out.
   *
   * @throws MysqlException when none comes back in time, or none can be opened
   */
  public Lease borrow(Duration timeout) {
    try {
      if (!permits.tryAcquire(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
        throw MysqlException.client(
            MysqlException.CONNECT_FAILED,
            "all connections of the pool are in use for " + timeout.toMillis() + " ms",
            null);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw MysqlException.client(
          MysqlException.CONNECT_FAILED, "interrupted while waiting for a connection", e);
    }
    try {
      return new Lease(take());
    } catch (RuntimeException e) {
      permits.release();
      throw e;
    }
  }

  private MysqlConnection take() {
    while (true) {
      @Nullable Idle candidate;
      synchronized (idle) {
        if (closed) {
          throw MysqlException.client(MysqlException.GONE_AWAY, "the pool is closed", null);
        }
        candidate = idle.pollFirst();
      }
      if (candidate == null) {
        return opener.get();
      }
      boolean fresh = System.nanoTime() - candidate.since() < CHECK_AFTER.toNanos();
      if (fresh || candidate.connection().ping()) {
        return candidate.connection();
      }
      candidate.connection().abort();
    }
  }

  /** A connection that goes back into the pool when the lease is closed. */
  public final class Lease implements AutoCloseable {
    private final MysqlConnection connection;
    private boolean discarded;
    private boolean returned;

    private Lease(MysqlConnection connection) {
      this.connection = connection;
    }

    public MysqlConnection connection() {
      return connection;
    }

    /** Lets {@link #close()} end the connection instead of giving it back. */
    public void discard() {
      discarded = true;
    }

    /** Gives it back; an open transaction is rolled back. */
    @Override
    public void close() {
      if (returned) {
        return;
      }
      returned = true;
      try {
        giveBack();
      } finally {
        permits.release();
      }
    }

    private void giveBack() {
      if (discarded || connection.isClosed() || connection.isBusy() || !rolledBack()) {
        connection.close();
        return;
      }
      synchronized (idle) {
        if (!closed) {
          idle.addFirst(new Idle(connection, System.nanoTime()));
          return;
        }
      }
      connection.close();
    }

    private boolean rolledBack() {
      if (!connection.inTransaction()) {
        return true;
      }
      try {
        connection.execute("ROLLBACK");
        return true;
      } catch (MysqlException e) {
        return false;
      }
    }
  }

  /** Ends the idle connections at once, the others when they come back. */
  @Override
  public void close() {
    Deque<Idle> ended;
    synchronized (idle) {
      closed = true;
      ended = new ArrayDeque<>(idle);
      idle.clear();
    }
    ended.forEach(entry -> entry.connection().close());
  }
}
