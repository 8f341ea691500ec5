package dev.shunt.tablet.vreplication;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import java.time.Duration;
import java.util.function.Supplier;

/** Repeats transactions that were only in the way of others. */
final class LockConflicts {
  private static final Duration PAUSE = Duration.ofMillis(50);

  private LockConflicts() {}

  /**
   * Runs a transaction until no deadlock and no lock wait timeout ends it; what else it throws goes
   * through.
   *
   * @param transaction from its BEGIN to its COMMIT
   */
  static <T> T retry(MysqlConnection connection, Supplier<T> transaction)
      throws InterruptedException {
    while (true) {
      try {
        return transaction.get();
      } catch (MysqlException e) {
        if (!TerminalErrors.isLockConflict(e)) {
          throw e;
        }
        connection.execute("ROLLBACK");
        Thread.sleep(PAUSE);
      }
    }
  }
}
