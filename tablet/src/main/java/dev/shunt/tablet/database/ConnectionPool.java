package dev.shunt.tablet.database;

import dev.shunt.mysql.ConnectOptions;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.MysqlException;
import dev.shunt.tablet.RpcException;
import dev.shunt.workflow.sql.lexer.ExecutableComments;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Connections to the tablet's database that are used again. Strings in their statements escape with
 * backslashes and stand between single quotes, whatever the server's default; everything else is
 * the server's default.
 */
public final class ConnectionPool implements AutoCloseable {
  /** Modes that change how a statement's text is read, alone or as part of a combination. */
  private static final Set<String> LEXICAL_MODES =
      Set.of(
          "ANSI",
          "ANSI_QUOTES",
          "DB2",
          "MAXDB",
          "MSSQL",
          "NO_BACKSLASH_ESCAPES",
          "ORACLE",
          "POSTGRESQL");

  private static final Duration TRUSTED_IDLE = Duration.ofSeconds(5);

  private final String name;
  private final MysqlEndpoint endpoint;
  private final ConnectOptions options;
  private final Duration wait;
  private final Semaphore permits;
  private final boolean resetOnReturn;
  private final Deque<Idle> idle = new ArrayDeque<>();
  private final AtomicReference<@Nullable String> mode = new AtomicReference<>();
  private volatile ExecutableComments.@Nullable Server server;
  private volatile boolean closed;

  private record Idle(MysqlConnection connection, long since) {}

  /**
   * Makes an empty pool.
   *
   * @param name what it is for, in messages
   * @param size most connections at a time
   * @param wait how long a caller waits for one
   * @param resetOnReturn whether sessions are made fresh between users
   */
  public ConnectionPool(
      String name,
      MysqlEndpoint endpoint,
      ConnectOptions options,
      int size,
      Duration wait,
      boolean resetOnReturn) {
    this.name = name;
    this.endpoint = endpoint;
    this.options = options;
    this.wait = wait;
    this.permits = new Semaphore(size);
    this.resetOnReturn = resetOnReturn;
  }

  /** A connection on loan; closing gives it back. */
  public final class Lease implements AutoCloseable {
    private final MysqlConnection connection;
    private boolean changed;
    private boolean returned;

    private Lease(MysqlConnection connection) {
      this.connection = connection;
    }

    /** The connection; not to be used after the lease is closed. */
    public MysqlConnection connection() {
      return connection;
    }

    /** What runs may change the session: it is made fresh before somebody else gets it. */
    public void resetOnReturn() {
      changed = true;
    }

    /** Gives the connection back; an open transaction or a lost connection is not used again. */
    @Override
    public void close() {
      if (!returned) {
        returned = true;
        giveBack(connection, resetOnReturn || changed);
      }
    }
  }

  /**
   * Borrows a connection.
   *
   * @throws RpcException RESOURCE_EXHAUSTED when none got free in time, UNAVAILABLE when the pool
   *     is closed
   * @throws MysqlException when the server can't be reached
   */
  public Lease borrow() throws InterruptedException {
    if (!permits.tryAcquire(wait.toNanos(), TimeUnit.NANOSECONDS)) {
      throw new RpcException(
          Status.Code.RESOURCE_EXHAUSTED,
          "no connection of the " + name + " pool got free in " + wait.toMillis() + " ms");
    }
    try {
      if (closed) {
        throw new RpcException(Status.Code.UNAVAILABLE, "the tablet is shutting down");
      }
      MysqlConnection connection = takeIdle();
      if (connection == null) {
        connection = MysqlConnection.open(endpoint, options);
        prepare(connection);
        server = ServerComments.server(connection);
      }
      return new Lease(connection);
    } catch (RuntimeException | Error e) {
      permits.release();
      throw e;
    }
  }

  /**
   * What the server is, as far as comments go; as the latest connection found it.
   *
   * @throws RpcException as {@link #borrow}
   * @throws MysqlException when the server can't be reached
   */
  public ExecutableComments.Server server() throws InterruptedException {
    ExecutableComments.Server known = server;
    if (known == null) {
      try (Lease lease = borrow()) {
        known = ServerComments.server(lease.connection());
      }
    }
    return known;
  }

  private @Nullable MysqlConnection takeIdle() {
    while (true) {
      Idle taken;
      synchronized (idle) {
        taken = idle.pollLast();
      }
      if (taken == null) {
        return null;
      }
      MysqlConnection connection = taken.connection;
      boolean trusted = System.nanoTime() - taken.since < TRUSTED_IDLE.toNanos();
      if (!connection.isClosed() && (trusted || connection.ping()) && clean(connection)) {
        return connection;
      }
      connection.close();
    }
  }

  private void prepare(MysqlConnection connection) {
    try {
      String wanted = mode.get();
      if (wanted == null) {
        String all = connection.execute("SELECT @@SESSION.sql_mode").only().text(0);
        wanted =
            Arrays.stream(all.split(","))
                .filter(one -> !LEXICAL_MODES.contains(one))
                .collect(Collectors.joining(","));
        mode.set(wanted);
      }
      connection.sqlMode(wanted);
    } catch (RuntimeException | Error e) {
      connection.close();
      throw e;
    }
  }

  private void giveBack(MysqlConnection connection, boolean reset) {
    try {
      if (reusable(connection, reset)) {
        synchronized (idle) {
          if (!closed) {
            idle.addLast(new Idle(connection, System.nanoTime()));
            return;
          }
        }
      }
      connection.close();
    } finally {
      permits.release();
    }
  }

  private boolean reusable(MysqlConnection connection, boolean reset) {
    if (connection.isClosed() || closed) {
      return false;
    }
    if (reset) {
      try {
        connection.reset();
        prepare(connection);
      } catch (MysqlException e) {
        return false;
      }
    }
    return clean(connection);
  }

  /** Statements that nobody began a transaction for commit by themselves. */
  private static boolean clean(MysqlConnection connection) {
    return !connection.inTransaction() && connection.autocommits();
  }

  /** Closes idle connections now and those on loan when they come back. */
  @Override
  public void close() {
    closed = true;
    synchronized (idle) {
      idle.forEach(one -> one.connection.close());
      idle.clear();
    }
  }
}
