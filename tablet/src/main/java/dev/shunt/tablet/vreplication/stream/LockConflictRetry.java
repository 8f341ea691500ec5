package dev.shunt.tablet.vreplication.stream;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import java.time.Duration;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Repeats a transaction of a stream that is only in the way of others, and shows on the stream what
 * it waits for. Belongs to one thread.
 */
public final class LockConflictRetry {
  private static final Logger log = LoggerFactory.getLogger(LockConflictRetry.class);
  private static final Duration PAUSE = Duration.ofMillis(50);
  private static final long SOON_NANOS = Duration.ofSeconds(5).toNanos();
  private static final long REPORT_EVERY_NANOS = Duration.ofMinutes(1).toNanos();

  /** After so many a transaction is in the way of one that lasts, and somebody should know. */
  private static final int PATIENCE = 3;

  private final StreamContext stream;
  private final MysqlConnection connection;
  private final Supplier<String> what;
  private boolean reported;
  private long reportedAt;

  /**
   * @param connection carries the transaction
   * @param what cannot be done, to be followed by "while others use it"
   */
  public LockConflictRetry(
      StreamContext stream, MysqlConnection connection, Supplier<String> what) {
    this.stream = stream;
    this.connection = connection;
    this.what = what;
  }

  /**
   * Runs a transaction until no deadlock and no lock wait timeout ends it; what else it throws goes
   * through. After some seconds or three conflicts, and then once a minute, the stream's message
   * says what it waits for.
   *
   * @param transaction from its BEGIN to its COMMIT: it is rolled back before it is run again
   */
  public <T> T retry(Supplier<T> transaction) throws InterruptedException {
    long began = System.nanoTime();
    for (int conflicts = 1; ; conflicts++) {
      try {
        return transaction.get();
      } catch (MysqlException e) {
        if (!TerminalErrors.isLockConflict(e)) {
          throw e;
        }
        connection.execute("ROLLBACK");
        long now = System.nanoTime();
        boolean due = reported ? now - reportedAt > REPORT_EVERY_NANOS : now - began > SOON_NANOS;
        if (due || (!reported && conflicts == PATIENCE)) {
          reported = true;
          reportedAt = now;
          report(e);
        }
        Thread.sleep(PAUSE);
      }
    }
  }

  /** Takes the message back, if there was one, where nothing else does. */
  public void clear() {
    if (reported) {
      reported = false;
      show("");
    }
  }

  private void report(MysqlException conflict) {
    log.atWarn()
        .addKeyValue("stream", stream.id())
        .addKeyValue("waiting", what.get())
        .addKeyValue("reason", conflict.getMessage())
        .log("locks of others are in the way");
    show(
        "%s while others use it, it is tried again: %s"
            .formatted(what.get(), conflict.getMessage()));
  }

  private void show(String message) {
    try {
      stream.table().writeMessage(connection, stream.id(), message);
      stream.board().notifyListeners(stream.id());
    } catch (MysqlException e) {
      if (e.connectionLost()) {
        throw e;
      }
      log.atWarn().addKeyValue("stream", stream.id()).setCause(e).log("that can't be shown");
    }
  }
}
