package dev.shunt.tablet.vreplication;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import java.time.Duration;
import java.util.function.Supplier;

/** Repeats transactions that were only in the way of others. */
final class LockConflicts {
  private static final Duration PAUSE = Duration.ofMillis(50);
  private static final long TELL_EVERY_NANOS = Duration.ofMinutes(1).toNanos();

  /** After so many a transaction is in the way of one that lasts, and somebody should know. */
  private static final int PATIENCE = 3;

  private LockConflicts() {}

  /** Learns why a transaction does not get through. */
  @FunctionalInterface
  interface Telling {
    void tell(MysqlException conflict);
  }

  /**
   * Runs a transaction until no deadlock and no lock wait timeout ends it; what else it throws goes
   * through.
   *
   * @param transaction from its BEGIN to its COMMIT
   */
  static <T> T retry(MysqlConnection connection, Supplier<T> transaction)
      throws InterruptedException {
    return retry(connection, transaction, _ -> {});
  }

  /**
   * As {@link #retry(MysqlConnection, Supplier)}.
   *
   * @param telling learns of the third conflict and then of one a minute, in no transaction
   */
  static <T> T retry(MysqlConnection connection, Supplier<T> transaction, Telling telling)
      throws InterruptedException {
    long toldAt = 0;
    for (int conflicts = 1; ; conflicts++) {
      try {
        return transaction.get();
      } catch (MysqlException e) {
        if (!TerminalErrors.isLockConflict(e)) {
          throw e;
        }
        connection.execute("ROLLBACK");
        long now = System.nanoTime();
        if (conflicts == PATIENCE || (conflicts > PATIENCE && now - toldAt > TELL_EVERY_NANOS)) {
          toldAt = now;
          telling.tell(e);
        }
        Thread.sleep(PAUSE);
      }
    }
  }
}
