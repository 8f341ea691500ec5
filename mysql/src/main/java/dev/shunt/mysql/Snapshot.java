package dev.shunt.mysql;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Connections that all see the tables as they were at one exact position, each in a read-only
 * transaction. Their times are UTC, their results unconverted and their literals binary.
 *
 * <p>On MySQL the tables are locked against writes for about a millisecond while the transactions
 * start; a long writing transaction delays that, and it is tried again and again so that other
 * writers never wait behind it for longer than a second. On MariaDB no lock is needed, as the
 * server tells the position of a snapshot; only when several connections do not meet at one
 * position is the lock used there too.
 */
public final class Snapshot implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int LOCK_WAIT_TIMEOUT = 1205;
  private static final int LOCK_WAIT_SECONDS = 1;
  private static final int LOCK_FREE_TRIES = 8;
  private static final String BEGIN = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY";

  private final List<MysqlConnection> connections;
  private final Position position;

  private Snapshot(List<MysqlConnection> connections, Position position) {
    this.connections = connections;
    this.position = position;
  }

  /** One connection, with 30 seconds of patience for the lock. */
  public static Snapshot open(MysqlEndpoint endpoint, List<String> tables) {
    return open(endpoint, tables, 1, PATIENCE);
  }

  /**
   * Opens a snapshot.
   *
   * @param endpoint with a default database, which holds the tables
   * @param tables names of the tables that will be read; the position is exact for them only
   * @param count how many connections
   * @param patience how long to try to lock the tables
   * @throws MysqlException also when the tables could not be locked in that time (errno 1205)
   */
  public static Snapshot open(
      MysqlEndpoint endpoint, List<String> tables, int count, Duration patience) {
    if (tables.isEmpty() || count < 1) {
      throw new IllegalArgumentException("a snapshot needs a table and a connection at least");
    }
    List<MysqlConnection> connections = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        connections.add(prepared(endpoint));
      }
      @Nullable Position position =
          connections.getFirst().flavor() == Flavor.MARIADB ? withoutLock(connections) : null;
      if (position == null) {
        position = withLock(endpoint, tables, connections, patience);
      }
      return new Snapshot(List.copyOf(connections), position);
    } catch (RuntimeException e) {
      connections.forEach(MysqlConnection::abort);
      throw e;
    }
  }

  private static MysqlConnection prepared(MysqlEndpoint endpoint) {
    MysqlConnection connection = MysqlConnection.open(endpoint);
    try {
      connection.utc().namesBinary().unconvertedResults();
      connection.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ");
      return connection;
    } catch (RuntimeException e) {
      connection.abort();
      throw e;
    }
  }

  private static Position withLock(
      MysqlEndpoint endpoint,
      List<String> tables,
      List<MysqlConnection> connections,
      Duration patience) {
    try (MysqlConnection locker = MysqlConnection.open(endpoint)) {
      lock(locker, tables, patience);
      each(connections, connection -> connection.execute(BEGIN));
      // Read last: an answer also proves that the lock was held until now.
      Position position = Positions.current(locker);
      locker.execute("UNLOCK TABLES");
      return position;
    }
  }

  private static void lock(MysqlConnection locker, List<String> tables, Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    locker.execute("SET SESSION lock_wait_timeout=" + LOCK_WAIT_SECONDS);
    String statement =
        tables.stream()
            .map(table -> SqlText.identifier(table) + " READ")
            .collect(Collectors.joining(", ", "LOCK TABLES ", ""));
    while (true) {
      try {
        locker.execute(statement);
        return;
      } catch (MysqlException e) {
        if (e.errno() != LOCK_WAIT_TIMEOUT || System.nanoTime() - deadline > 0) {
          throw e;
        }
      }
      pause();
    }
  }

  /** Lets the writers that waited behind the lock request go on. */
  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(ThreadLocalRandom.current().nextLong(50, 300));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw MysqlException.client(
          MysqlException.LOST_CONNECTION, "interrupted while waiting for a table lock", e);
    }
  }

  /** Null when the connections did not meet at one position in several tries. */
  private static @Nullable Position withoutLock(List<MysqlConnection> connections) {
    for (int attempt = 0; attempt < LOCK_FREE_TRIES; attempt++) {
      each(connections, connection -> connection.execute(BEGIN));
      List<BinlogPoint> points = each(connections, Snapshot::snapshotPoint);
      if (points.stream().distinct().count() == 1) {
        return position(connections.getFirst(), points.getFirst());
      }
      each(connections, connection -> connection.execute("ROLLBACK"));
    }
    return null;
  }

  private record BinlogPoint(String file, String offset) {}

  private static BinlogPoint snapshotPoint(MysqlConnection connection) {
    String file = "";
    String offset = "";
    for (Row row : connection.execute("SHOW STATUS LIKE 'binlog_snapshot_%'").rows()) {
      if (row.text(0).equalsIgnoreCase("binlog_snapshot_file")) {
        file = row.text(1);
      } else if (row.text(0).equalsIgnoreCase("binlog_snapshot_position")) {
        offset = row.text(1);
      }
    }
    if (file.isEmpty()) {
      throw MysqlException.client(
          MysqlException.UNSUITABLE_SERVER,
          "the database at "
              + connection.endpoint().address()
              + " has no binlog position: log_bin is off; switch it on",
          null);
    }
    return new BinlogPoint(file, offset);
  }

  private static Position position(MysqlConnection connection, BinlogPoint point) {
    String sql =
        "SELECT BINLOG_GTID_POS("
            + SqlText.literal(point.file())
            + ", "
            + Long.parseLong(point.offset())
            + ")";
    @Nullable String text = connection.execute(sql).only().textOrNull(0);
    if (text == null) {
      throw MysqlException.client(
          MysqlException.UNSUITABLE_SERVER,
          "binlog " + point.file() + " of the snapshot is no longer on the server",
          null);
    }
    return MariaDbPosition.parse(text);
  }

  /** Does the same on all connections at the same time. */
  private static <T> List<T> each(
      List<MysqlConnection> connections, Function<MysqlConnection, T> action) {
    if (connections.size() == 1) {
      return List.of(action.apply(connections.getFirst()));
    }
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<T>> running = new ArrayList<>();
      for (MysqlConnection connection : connections) {
        running.add(executor.submit(() -> action.apply(connection)));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> future : running) {
        results.add(future.get());
      }
      return results;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof MysqlException failure) {
        throw failure;
      }
      throw new IllegalStateException("a snapshot could not be started", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw MysqlException.client(
          MysqlException.LOST_CONNECTION, "interrupted while starting a snapshot", e);
    }
  }

  /** As many as were asked for; they are closed with the snapshot. */
  public List<MysqlConnection> connections() {
    return connections;
  }

  /** The first connection. */
  public MysqlConnection connection() {
    return connections.getFirst();
  }

  /** Exactly the transactions that the connections see of the tables. */
  public Position position() {
    return position;
  }

  @Override
  public void close() {
    connections.forEach(MysqlConnection::close);
  }
}
