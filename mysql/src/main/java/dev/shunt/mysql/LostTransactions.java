package dev.shunt.mysql;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Transactions that a server made itself and that it has no more, as its log was reset, cut by a
 * crash or put back to an earlier state. It gives their numbers out again, to others.
 */
public final class LostTransactions {
  private LostTransactions() {}

  /**
   * Of a position what the server must have made and has not got; for a MySQL by the rule by which
   * it refuses replicas.
   *
   * @return what the position has of this server and what the server has of itself, to be shown;
   *     empty when nothing is lost
   */
  public static Optional<String> of(MysqlConnection connection, Position position) {
    return switch (position) {
      case MysqlPosition wanted -> ofMysql(connection, wanted);
      case MariaDbPosition wanted -> ofMariaDb(connection, wanted);
    };
  }

  private static Optional<String> ofMysql(MysqlConnection connection, MysqlPosition wanted) {
    // Those that are owned first: they may be executed by the time the others are read.
    Row row =
        connection
            .execute("SELECT @@GLOBAL.server_uuid, @@GLOBAL.gtid_owned, @@GLOBAL.gtid_executed")
            .only();
    MysqlPosition mine = wanted.of(row.text(0));
    MysqlPosition executed = MysqlPosition.parse(row.text(2));
    // A log is sent before its transactions count as executed: "uuid:5#12" is owned by session 12.
    MysqlPosition owned = MysqlPosition.parse(row.text(1).replaceAll("#\\d+", ""));
    return executed.union(owned).atLeast(mine) || replicates(connection)
        ? Optional.empty()
        : Optional.of(told(mine.text(), executed.of(row.text(0)).text()));
  }

  /** It may still get its own back from another server. */
  private static boolean replicates(MysqlConnection connection) {
    try {
      return connection
              .execute(
                  "SELECT COUNT(*) FROM performance_schema.replication_connection_status"
                      + " WHERE service_state <> 'OFF'") // also while it can't reach its source
              .only()
              .number(0)
          > 0;
    } catch (MysqlException e) {
      if (e.connectionLost()) {
        throw e;
      }
      return false; // the account may not know
    }
  }

  private static Optional<String> ofMariaDb(MysqlConnection connection, MariaDbPosition wanted) {
    Row row =
        connection
            .execute(
                "SELECT @@GLOBAL.server_id, @@GLOBAL.gtid_binlog_state, @@GLOBAL.gtid_slave_pos")
            .only();
    long server = row.number(0);
    MariaDbPosition state = MariaDbPosition.ofServer("", row.text(1), false);
    MariaDbPosition replicated = MariaDbPosition.parse(row.text(2));
    return wanted.last().values().stream()
        .filter(gtid -> gtid.server() == server && !state.hasPassed(gtid))
        .filter(gtid -> !reaches(replicated.last().get(gtid.domain()), gtid))
        .filter(gtid -> !sharesItsServerId(connection))
        .findFirst()
        .map(gtid -> told(gtid.toString(), row.text(1)));
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

  private static String told(String wanted, String has) {
    return wanted + " is asked for, it has " + (has.isEmpty() ? "none" : has);
  }
}
