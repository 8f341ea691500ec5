package dev.shunt.mysql;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Asks servers for their position. */
public final class Positions {
  private static final long FIRST_PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(500);
  private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private Positions() {}

  /**
   * All transactions that the server has in its log.
   *
   * @throws MysqlException also when the server writes no GTIDs
   */
  public static Position current(MysqlConnection connection) {
    return switch (connection.flavor()) {
      case MYSQL -> {
        Row row = connection.execute("SELECT @@GLOBAL.gtid_executed, @@GLOBAL.gtid_mode").only();
        if (!row.text(1).equals("ON")) {
          throw withoutGtids(connection, "gtid_mode is " + row.text(1));
        }
        yield MysqlPosition.parse(row.text(0));
      }
      case MARIADB -> {
        Row row =
            connection
                .execute(
                    "SELECT @@GLOBAL.gtid_binlog_pos, @@GLOBAL.gtid_binlog_state,"
                        + " @@GLOBAL.gtid_strict_mode, @@GLOBAL.log_bin")
                .only();
        if (row.text(3).equals("0")) {
          throw withoutGtids(connection, "log_bin is off");
        }
        yield MariaDbPosition.ofServer(row.text(0), row.text(1), row.text(2).equals("1"));
      }
    };
  }

  /**
   * Waits until the server has a position.
   *
   * @param timeout how long to wait at most; zero looks once
   * @return whether it has it
   */
  public static boolean waitFor(MysqlConnection connection, Position position, Duration timeout) {
    if (position.flavor() != connection.flavor()) {
      throw new IllegalArgumentException(
          position + " can't be awaited on a " + connection.flavor() + " server");
    }
    if (position.isEmpty()) {
      return true;
    }
    return switch (position) {
      case MysqlPosition wanted -> waitForMysql(connection, wanted, timeout);
      case MariaDbPosition wanted -> waitForMariaDb(connection, wanted, timeout);
    };
  }

  private static boolean waitForMysql(
      MysqlConnection connection, MysqlPosition wanted, Duration timeout) {
    if (timeout.isZero()) {
      // The waiting function takes zero for "for ever".
      return current(connection).atLeast(wanted);
    }
    String seconds = String.format(Locale.ROOT, "%.3f", timeout.toNanos() / 1e9);
    String sql =
        "SELECT WAIT_FOR_EXECUTED_GTID_SET("
            + SqlText.literal(wanted.text())
            + ", "
            + seconds
            + ")";
    return connection.execute(sql).only().number(0) == 0;
  }

  /** MASTER_GTID_WAIT sees only what a replica applied, never a primary's own transactions. */
  private static boolean waitForMariaDb(
      MysqlConnection connection, MariaDbPosition wanted, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    long pause = FIRST_PAUSE_NANOS;
    while (true) {
      Row row =
          connection
              .execute(
                  "SELECT @@GLOBAL.gtid_binlog_pos, @@GLOBAL.gtid_current_pos,"
                      + " @@GLOBAL.gtid_binlog_state, @@GLOBAL.gtid_strict_mode")
              .only();
      boolean strict = row.text(3).equals("1");
      if (MariaDbPosition.ofServer(row.text(0), row.text(2), strict).atLeast(wanted)
          || MariaDbPosition.ofServer(row.text(1), "", strict).atLeast(wanted)) {
        return true;
      }
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      if (Thread.currentThread().isInterrupted()) {
        connection.abort();
        throw MysqlException.client(
            MysqlException.LOST_CONNECTION, "interrupted while waiting for " + wanted, null);
      }
      LockSupport.parkNanos(Math.min(pause, left));
      pause = Math.min(pause * 2, LONGEST_PAUSE_NANOS);
    }
  }

  private static MysqlException withoutGtids(MysqlConnection connection, String why) {
    return MysqlException.client(
        MysqlException.UNSUITABLE_SERVER,
        "the database at "
            + connection.endpoint().address()
            + " has no GTID position: "
            + why
            + "; switch it on",
        null);
  }
}
