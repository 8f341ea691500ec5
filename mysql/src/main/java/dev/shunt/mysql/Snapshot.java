package dev.shunt.mysql;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Connections that all see the tables as they were at one exact position, each in a read-only
 * transaction. Their times are UTC, their results unconverted, their literals binary, and any date
 * is a literal.
 *
 * <p>Writes are locked out for about a millisecond while the transactions start: of one table by
 * LOCK TABLES, of all tables of the server when there are several, by FLUSH TABLES WITH READ LOCK.
 * LOCK TABLES of several would make writers of two of them fail by a deadlock. What delays the
 * lock, such as a long writing transaction, or MySQL's long reads for that of all tables, makes
 * writers wait behind it; it is then given up and tried again, so that they do for a second at
 * first and never for longer than four: transactions that wait for each other's rows take one after
 * the other, and a lock that is never waited for as long would never be had.
 *
 * <p>MariaDB also gives the position of a snapshot without a lock, in the status variables
 * Binlog_snapshot_file and Binlog_snapshot_position. They are not used: on 10.11 and 11.4, with
 * several sessions asking at the same time under load, some got a position a few transactions away
 * from what they saw. The account needs the LOCK TABLES privilege, RELOAD for several tables, and
 * on MySQL XA_RECOVER_ADMIN.
 *
 * <p>Rows of a transaction that was prepared (XA PREPARE) before and is committed afterwards are in
 * the log before the position and not in the tables. So there is no snapshot while one is prepared.
 */
public final class Snapshot implements AutoCloseable {
  /** Errno when tables could not be locked in time. */
  public static final int LOCK_WAIT_TIMEOUT = 1205;

  /** Errno when the account lacks a privilege. */
  public static final int ACCESS_DENIED = 1227;

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** How long writers may wait behind the lock: at the first try, twice as long at each further. */
  private static final int FIRST_LOCK_WAIT_SECONDS = 1;

  private static final int LAST_LOCK_WAIT_SECONDS = 4;

  /** Longer than any pause while the lock is held. */
  private static final int LOCKER_IDLE_SECONDS = 20;

  /** How long to let transactions be that are prepared, at first and at most. */
  private static final long FIRST_LOOK_MILLIS = 20;

  private static final long LAST_LOOK_MILLIS = 1000;

  /** Of the server's own modes some would have it refuse dates or read literals in another way. */
  private static final String SQL_MODE = "ALLOW_INVALID_DATES";

  /** Readers may be slow, and a session may wait for its turn. */
  private static final String PATIENT = "SET SESSION net_write_timeout = 600, wait_timeout = 28800";

  private static final String BEGIN = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY";

  /** Of those that ask for the same lock, by the server's address and, for one table, its name. */
  private static final Map<String, ReentrantLock> TURNS = new ConcurrentHashMap<>();

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
   * @param tables names of the tables that will be read; for one the position is exact for it only
   * @param count how many connections
   * @param patience how long to try to lock the tables; between two tries there are 1 to 8 seconds
   * @throws MysqlException also when the tables could not be locked in that time ({@link
   *     #LOCK_WAIT_TIMEOUT}), or not at all by this account ({@link #ACCESS_DENIED})
   * @throws UnfitForSnapshotException when transactions stay prepared for as long as {@code
   *     patience}, or the account may not look for them
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
      Position position = withLock(endpoint, tables, connections, patience);
      return new Snapshot(List.copyOf(connections), position);
    } catch (RuntimeException e) {
      connections.forEach(MysqlConnection::abort);
      throw e;
    }
  }

  private static MysqlConnection prepared(MysqlEndpoint endpoint) {
    MysqlConnection connection = MysqlConnection.open(endpoint);
    try {
      connection.utc().namesBinary().unconvertedResults().sqlMode(SQL_MODE);
      connection.execute(PATIENT);
      connection.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ");
      connection.flavor().sessions().beforeSnapshot(connection);
      return connection;
    } catch (RuntimeException e) {
      connection.abort();
      throw e;
    }
  }

  /**
   * Takes the lock again and again until nothing is prepared while it is held: what is prepared can
   * end only when it is let go.
   */
  private static Position withLock(
      MysqlEndpoint endpoint,
      List<String> tables,
      List<MysqlConnection> connections,
      Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    try (MysqlConnection locker = MysqlConnection.open(endpoint)) {
      for (long millis = FIRST_LOOK_MILLIS; ; millis = Math.min(2 * millis, LAST_LOOK_MILLIS)) {
        List<String> prepared = PreparedTransactions.find(locker);
        if (prepared.isEmpty()) {
          lockInTurn(endpoint, locker, tables, patience);
          try {
            prepared = PreparedTransactions.find(locker);
            if (prepared.isEmpty()) {
              begin(connections);
              // Read last: an answer also proves that the lock was held until now.
              Position position = Positions.current(locker);
              // A lock of one table does not keep others from being prepared.
              prepared = PreparedTransactions.find(locker);
              if (prepared.isEmpty()) {
                return position;
              }
            }
          } finally {
            unlock(locker);
          }
        }
        if (System.nanoTime() - deadline > 0) {
          throw new UnfitForSnapshotException(
              "a copy would lack the rows of prepared transactions; end them with XA COMMIT or XA"
                  + " ROLLBACK and start again: "
                  + String.join("; ", prepared));
        }
        sleep(millis);
      }
    }
  }

  private static void unlock(MysqlConnection locker) {
    if (!locker.isClosed()) {
      locker.execute("UNLOCK TABLES");
    }
  }

  /**
   * One at a time asks for a lock: writers would wait behind each of several requests, and have no
   * pause in which none is pending.
   */
  private static void lockInTurn(
      MysqlEndpoint endpoint, MysqlConnection locker, List<String> tables, Duration patience) {
    String lock =
        tables.size() == 1
            ? "%s/%s/%s".formatted(endpoint.address(), endpoint.database(), tables.getFirst())
            : endpoint.address();
    ReentrantLock turn = TURNS.computeIfAbsent(lock, _ -> new ReentrantLock(true));
    long from = System.nanoTime();
    try {
      if (!turn.tryLock(0, TimeUnit.NANOSECONDS)
          && !turnComes(turn, locker, patience.plusSeconds(LAST_LOCK_WAIT_SECONDS))) {
        throw new MysqlException(
            LOCK_WAIT_TIMEOUT,
            "HY000",
            "another snapshot of %s has waited for its lock for %d s, so this one did not ask for it"
                .formatted(endpoint.address(), secondsSince(from)));
      }
    } catch (InterruptedException e) {
      throw interrupted("waiting to take a snapshot", e);
    }
    try {
      lock(locker, tables, patience);
    } finally {
      turn.unlock();
    }
  }

  private static boolean turnComes(ReentrantLock turn, MysqlConnection locker, Duration wait)
      throws InterruptedException {
    locker.execute(PATIENT); // an earlier lock may have left it little time to be idle
    return turn.tryLock(wait.toNanos(), TimeUnit.NANOSECONDS);
  }

  private static long secondsSince(long nanos) {
    return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - nanos);
  }

  private static MysqlException interrupted(String what, InterruptedException why) {
    Thread.currentThread().interrupt();
    return MysqlException.client(MysqlException.LOST_CONNECTION, "interrupted while " + what, why);
  }

  private static void lock(MysqlConnection locker, List<String> tables, Duration patience) {
    long from = System.nanoTime();
    long deadline = from + patience.toNanos();
    String statement =
        tables.size() == 1
            ? "LOCK TABLES " + SqlText.identifier(tables.getFirst()) + " READ"
            : "FLUSH TABLES WITH READ LOCK";
    for (int wait = FIRST_LOCK_WAIT_SECONDS; ; wait = Math.min(2 * wait, LAST_LOCK_WAIT_SECONDS)) {
      // A process that stops in here, or that the network has lost, must not hold writers up.
      locker.execute(
          "SET SESSION lock_wait_timeout = %d, wait_timeout = %d"
              .formatted(wait, LOCKER_IDLE_SECONDS));
      try {
        locker.execute(statement);
        return;
      } catch (MysqlException e) {
        if (e.errno() != LOCK_WAIT_TIMEOUT) {
          throw e;
        }
        if (System.nanoTime() - deadline > 0) {
          throw new MysqlException(
              e.errno(),
              e.sqlState(),
              "transactions of others kept %s from being locked for a snapshot for %d s: %s"
                  .formatted(
                      tables.size() == 1 ? "table " + tables.getFirst() : "the server's tables",
                      secondsSince(from),
                      e.sentence()),
              e);
        }
      }
      pause(wait);
    }
  }

  /** Lets the writers that waited behind the lock request go on, longer than they waited. */
  private static void pause(int waitedSeconds) {
    long waited = TimeUnit.SECONDS.toMillis(waitedSeconds);
    sleep(ThreadLocalRandom.current().nextLong(waited, 2 * waited));
  }

  private static void sleep(long millis) {
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
    } catch (InterruptedException e) {
      throw interrupted("waiting to take a snapshot", e);
    }
  }

  /** Starts all transactions at the same time. */
  private static void begin(List<MysqlConnection> connections) {
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      for (MysqlConnection connection : connections) {
        running.add(executor.submit(() -> connection.execute(BEGIN)));
      }
      for (Future<?> future : running) {
        future.get();
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof MysqlException failure) {
        throw failure;
      }
      throw new IllegalStateException("a snapshot could not be started", e);
    } catch (InterruptedException e) {
      throw interrupted("starting a snapshot", e);
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
