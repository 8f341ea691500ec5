package dev.shunt.mysql;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Last transactions of replication domains, and the servers that report them. */
final class MariaDbPositions implements GtidPositions {
  static final String PREFIX = "MariaDB";

  private static final long FIRST_PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(500);
  private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  /** Where the first event of a file of the log begins. */
  private static final int FIRST_EVENT = 4;

  @Override
  public String prefix() {
    return PREFIX;
  }

  @Override
  public Position parse(String text) {
    return MariaDbPosition.parse(text);
  }

  @Override
  public Position current(MysqlConnection connection) {
    Row row =
        connection
            .execute(
                "SELECT @@GLOBAL.gtid_binlog_pos, @@GLOBAL.gtid_binlog_state,"
                    + " @@GLOBAL.gtid_strict_mode, @@GLOBAL.log_bin")
            .only();
    if (row.text(3).equals("0")) {
      throw Positions.withoutGtids(connection, "log_bin is off");
    }
    return MariaDbPosition.ofServer(row.text(0), row.text(1), row.text(2).equals("1"));
  }

  @Override
  public String currentText(MysqlConnection connection) {
    return connection
        .execute("SELECT @@GLOBAL.gtid_binlog_pos")
        .only()
        .text(0)
        .replace("\n", "")
        .replace(" ", "");
  }

  /** It shows only how far it has come in its source's log. */
  @Override
  public Optional<String> received(MysqlConnection connection, String executed, String retrieved) {
    return Optional.empty();
  }

  @Override
  public Position beginningOfLog(MysqlConnection connection) {
    String file = connection.execute("SHOW BINARY LOGS").rows().getFirst().text(0);
    String text =
        connection
            .execute("SELECT BINLOG_GTID_POS(" + SqlText.literal(file) + ", " + FIRST_EVENT + ")")
            .only()
            .textOrNull(0);
    return MariaDbPosition.parse(text == null ? "" : text);
  }

  /** MASTER_GTID_WAIT sees only what a replica applied, never a primary's own transactions. */
  @Override
  public boolean waitFor(MysqlConnection connection, Position position, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    long pause = FIRST_PAUSE_NANOS;
    while (true) {
      if (has(connection, position)) {
        return true;
      }
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      if (Thread.currentThread().isInterrupted()) {
        connection.abort();
        throw MysqlException.client(
            MysqlException.LOST_CONNECTION, "interrupted while waiting for " + position, null);
      }
      LockSupport.parkNanos(Math.min(pause, left));
      pause = Math.min(pause * 2, LONGEST_PAUSE_NANOS);
    }
  }

  private static boolean has(MysqlConnection connection, Position position) {
    Row row =
        connection
            .execute(
                "SELECT @@GLOBAL.gtid_binlog_pos, @@GLOBAL.gtid_current_pos,"
                    + " @@GLOBAL.gtid_binlog_state, @@GLOBAL.gtid_strict_mode")
            .only();
    boolean strict = row.text(3).equals("1");
    return MariaDbPosition.ofServer(row.text(0), row.text(2), strict).atLeast(position)
        || MariaDbPosition.ofServer(row.text(1), "", strict).atLeast(position);
  }

  @Override
  public Optional<String> lost(MysqlConnection connection, Position position) {
    Row row =
        connection
            .execute(
                "SELECT @@GLOBAL.server_id, @@GLOBAL.gtid_binlog_state, @@GLOBAL.gtid_slave_pos")
            .only();
    long server = row.number(0);
    MariaDbPosition state = MariaDbPosition.ofServer("", row.text(1), false);
    MariaDbPosition replicated = MariaDbPosition.parse(row.text(2));
    return MariaDbPosition.of(position).last().values().stream()
        .filter(gtid -> gtid.server() == server && !state.hasPassed(gtid))
        .filter(gtid -> !reaches(replicated.last().get(gtid.domain()), gtid))
        .filter(gtid -> !sharesItsServerId(connection))
        .findFirst()
        .map(gtid -> LostTransactions.text(gtid.toString(), row.text(1)));
  }

  /** One that was made anew from a backup knows what it made before from where it began. */
  private static boolean reaches(
      MariaDbPosition.@Nullable Gtid known, MariaDbPosition.Gtid wanted) {
    return known != null && known.sequence() >= wanted.sequence();
  }

  /** All nodes of a Galera cluster may have one number, and one that lags has less. */
  private static boolean sharesItsServerId(MysqlConnection connection) {
    return connection.execute("SHOW GLOBAL VARIABLES LIKE 'wsrep_on'").rows().stream()
        .anyMatch(row -> row.text(1).equalsIgnoreCase("ON"));
  }
}
