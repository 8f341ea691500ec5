package dev.shunt.tablet.vreplication.stream;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.Row;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows on a stream, from beside, that one statement waits for a lock. For statements that may work
 * for hours: a short limit of their wait would throw that work away.
 */
public final class LockWatch implements AutoCloseable {
  /** How long a statement that alters a table may wait for others, seconds. */
  private static final int LONGEST_WAIT = 3600;

  private static final Logger log = LoggerFactory.getLogger(LockWatch.class);
  private static final Duration LOOK = Duration.ofSeconds(5);

  private final StreamContext stream;
  private final MysqlConnection connection;
  private final String what;
  private final String usual;
  private final Thread thread;
  private volatile boolean reported;

  /** From before the message is written, which may be cut off behind that. */
  private volatile boolean mayStand;

  /**
   * Begins to look, every five seconds.
   *
   * @param connection carries the statement, which from now on waits for tables as long as that may
   *     take
   * @param what cannot be done, to be followed by "while others use it"
   */
  private LockWatch(StreamContext stream, MysqlConnection connection, String what) {
    this.stream = stream;
    this.connection = connection;
    this.what = what;
    this.usual = connection.execute("SELECT @@SESSION.lock_wait_timeout").only().text(0);
    connection.execute("SET SESSION lock_wait_timeout = " + LONGEST_WAIT);
    this.thread =
        Thread.ofVirtual().name("lock-watch-" + stream.id()).start(() -> watch(connection));
  }

  /** Carries a statement out, again while others' locks end it, and shows what it waits for. */
  public static void carryOut(
      StreamContext stream, MysqlConnection connection, String what, Runnable statement)
      throws InterruptedException {
    LockConflictRetry conflicts = new LockConflictRetry(stream, connection, () -> what);
    try (LockWatch _ = new LockWatch(stream, connection, what)) {
      var unused =
          conflicts.retry(() -> {
            statement.run();
            return what;
          });
      conflicts.clear();
    } catch (MysqlException e) {
      if (!e.connectionLost()) {
        conflicts.clear();
      }
      throw e;
    }
  }

  private void watch(MysqlConnection watched) {
    try {
      while (!reported) {
        Thread.sleep(LOOK);
        look(watched);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt(); // it is through
    }
  }

  private void look(MysqlConnection watched) {
    try (MysqlConnection beside = MysqlConnection.open(watched.endpoint())) {
      List<Row> rows =
          beside
              .execute(
                  "SELECT state FROM information_schema.processlist WHERE id = "
                      + watched.connectionId())
              .rows();
      String state = rows.isEmpty() ? null : rows.getFirst().textOrNull(0);
      if (state != null && isWaiting(state)) {
        mayStand = true;
        log.atWarn()
            .addKeyValue("stream", stream.id())
            .addKeyValue("waiting", what)
            .addKeyValue("state", state)
            .log("locks of others are in the way");
        stream
            .table()
            .writeMessage(beside, stream.id(), "%s while others use it: %s".formatted(what, state));
        stream.board().notifyListeners(stream.id());
        reported = true;
      }
    } catch (MysqlException e) {
      log.atDebug().addKeyValue("stream", stream.id()).setCause(e).log("can't look for locks");
    }
  }

  /** For others, and not for the answer of a replica, for instance. */
  private static boolean isWaiting(String state) {
    return state.startsWith("Waiting for ") && (state.contains("lock") || state.contains("flush"));
  }

  /** Nobody else may write the message behind this. */
  private void awaitEnd() {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Takes the message back; the session waits as long as before. */
  @Override
  public void close() {
    thread.interrupt();
    awaitEnd();
    if (connection.isClosed()) {
      return;
    }
    connection.execute("SET SESSION lock_wait_timeout = " + usual);
    if (mayStand) {
      stream.table().writeMessage(connection, stream.id(), "");
      stream.board().notifyListeners(stream.id());
    }
  }
}
