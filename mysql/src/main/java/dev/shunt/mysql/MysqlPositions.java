package dev.shunt.mysql;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Optional;

/** GTID sets, and the servers that report them. */
final class MysqlPositions implements GtidPositions {
  static final String PREFIX = "MySQL56";

  @Override
  public String prefix() {
    return PREFIX;
  }

  @Override
  public Position parse(String text) {
    return MysqlPosition.parse(text);
  }

  @Override
  public Position current(MysqlConnection connection) {
    Row row = connection.execute("SELECT @@GLOBAL.gtid_executed, @@GLOBAL.gtid_mode").only();
    if (!row.text(1).equals("ON")) {
      throw Positions.withoutGtids(connection, "gtid_mode is " + row.text(1));
    }
    return MysqlPosition.parse(row.text(0));
  }

  @Override
  public String currentText(MysqlConnection connection) {
    return plain(connection.execute("SELECT @@GLOBAL.gtid_executed").only().text(0));
  }

  /** The server puts them together. */
  @Override
  public Optional<String> received(MysqlConnection connection, String executed, String retrieved) {
    String both = SqlText.literal(executed + "," + retrieved);
    return Optional.of(
        plain(connection.execute("SELECT GTID_SUBTRACT(" + both + ", '')").only().text(0)));
  }

  private static String plain(String text) {
    return text.replace("\n", "").replace(" ", "");
  }

  @Override
  public Position beginningOfLog(MysqlConnection connection) {
    return MysqlPosition.parse(connection.execute("SELECT @@GLOBAL.gtid_purged").only().text(0));
  }

  @Override
  public boolean waitFor(MysqlConnection connection, Position position, Duration timeout) {
    long millis = timeout.toMillis();
    if (millis <= 0) {
      // The waiting function takes zero for "for ever".
      return current(connection).atLeast(position);
    }
    String seconds = BigDecimal.valueOf(millis, 3).toPlainString();
    String sql =
        "SELECT WAIT_FOR_EXECUTED_GTID_SET("
            + SqlText.literal(position.text())
            + ", "
            + seconds
            + ")";
    return connection.execute(sql).only().number(0) == 0;
  }

  /** By the rule by which it refuses replicas. */
  @Override
  public Optional<String> lost(MysqlConnection connection, Position position) {
    // Those that are owned first: they may be executed by the time the others are read.
    Row row =
        connection
            .execute("SELECT @@GLOBAL.server_uuid, @@GLOBAL.gtid_owned, @@GLOBAL.gtid_executed")
            .only();
    MysqlPosition wanted = MysqlPosition.of(position).madeBy(row.text(0));
    MysqlPosition executed = MysqlPosition.parse(row.text(2));
    // A log is sent before its transactions count as executed: "uuid:5#12" is owned by session 12.
    MysqlPosition owned = MysqlPosition.parse(row.text(1).replaceAll("#\\d+", ""));
    return executed.union(owned).atLeast(wanted) || replicates(connection)
        ? Optional.empty()
        : Optional.of(LostTransactions.text(wanted.text(), executed.madeBy(row.text(0)).text()));
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
}
