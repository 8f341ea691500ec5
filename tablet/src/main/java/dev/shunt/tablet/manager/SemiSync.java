package dev.shunt.tablet.manager;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.Row;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What a server says of semi-synchronous replication, whichever words it has for the two sides:
 * MySQL's plugins say source and replica or master and slave, MariaDB says master and slave.
 */
record SemiSync(Map<String, String> variables, Map<String, String> status) {
  private static final String LIKE = " LIKE 'rpl_semi_sync%'";

  static SemiSync read(MysqlConnection connection) {
    return new SemiSync(
        pairs(connection, "SHOW GLOBAL VARIABLES" + LIKE),
        pairs(connection, "SHOW GLOBAL STATUS" + LIKE));
  }

  private static Map<String, String> pairs(MysqlConnection connection, String sql) {
    Map<String, String> pairs = new HashMap<>();
    for (Row row : connection.execute(sql).rows()) {
      pairs.put(
          row.text(0)
              .toLowerCase(Locale.ROOT)
              .replace("rpl_semi_sync_", "")
              .replace("master", "source")
              .replace("slave", "replica"),
          row.text(1));
    }
    return pairs;
  }

  boolean sourceEnabled() {
    return on(variables, "source_enabled");
  }

  boolean replicaEnabled() {
    return on(variables, "replica_enabled");
  }

  boolean sourceWorks() {
    return on(status, "source_status");
  }

  boolean replicaWorks() {
    return on(status, "replica_status");
  }

  /** How many replicas acknowledge. */
  long clients() {
    return number(status, "source_clients");
  }

  /** How long the server waits for them before it goes on without, in milliseconds. */
  long timeout() {
    return number(variables, "source_timeout");
  }

  /** How many must have acknowledged. */
  long waitedFor() {
    return number(variables, "source_wait_for_replica_count");
  }

  private static boolean on(Map<String, String> from, String name) {
    return switch (from.getOrDefault(name, "")) {
      case "ON", "1" -> true;
      default -> false;
    };
  }

  private static long number(Map<String, String> from, String name) {
    return Long.parseUnsignedLong(from.getOrDefault(name, "0"));
  }
}
