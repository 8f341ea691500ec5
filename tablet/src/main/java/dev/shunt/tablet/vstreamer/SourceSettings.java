package dev.shunt.tablet.vstreamer;

import dev.shunt.mysql.Flavor;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.Row;
import dev.shunt.tablet.TabletException;
import io.grpc.Status;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Settings of a server without which what it writes to its binary log can't be followed. */
final class SourceSettings {
  private static final Logger log = LoggerFactory.getLogger(SourceSettings.class);
  private static final int SYNTAX_ERROR = 1064;
  private static final int ACCESS_DENIED = 1227;

  private SourceSettings() {}

  /**
   * Looks at the server's settings. A session may still have others; what it writes is refused when
   * it is met.
   *
   * @throws TabletException FAILED_PRECONDITION when one must be changed
   */
  static void demand(MysqlConnection connection) {
    Map<String, String> settings = new HashMap<>();
    for (Row row :
        connection
            .execute(
                "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('log_bin', 'binlog_format',"
                    + " 'log_replica_updates', 'log_slave_updates')")
            .rows()) {
      settings.put(row.text(0).toLowerCase(Locale.ROOT), row.text(1).toUpperCase(Locale.ROOT));
    }
    demand(settings.getOrDefault("log_bin", "ON").equals("ON"), "log_bin=ON", settings);
    demand(
        settings.getOrDefault("binlog_format", "ROW").equals("ROW"), "binlog_format=ROW", settings);
    for (String name : List.of("log_replica_updates", "log_slave_updates")) {
      // Newer servers have it under both names.
      if (settings.getOrDefault(name, "ON").equals("OFF") && replicates(connection)) {
        throw new TabletException(
            Status.Code.FAILED_PRECONDITION,
            "the source is a replica and must run with "
                + name
                + "=ON: what it gets from its own source is not in its binary log");
      }
    }
  }

  /** Whether the server is a replica, be it stopped or not. */
  private static boolean replicates(MysqlConnection connection) {
    if (connection.flavor() == Flavor.MARIADB) {
      return hasRows(connection, "SHOW ALL SLAVES STATUS");
    }
    try {
      return hasRows(connection, "SHOW REPLICA STATUS");
    } catch (MysqlException e) {
      if (e.errno() != SYNTAX_ERROR) {
        throw e;
      }
      return hasRows(connection, "SHOW SLAVE STATUS"); // before 8.0.22
    }
  }

  /** An account that may not ask is taken for one of a server that is no replica. */
  private static boolean hasRows(MysqlConnection connection, String statement) {
    try {
      return !connection.execute(statement).rows().isEmpty();
    } catch (MysqlException e) {
      if (e.errno() == ACCESS_DENIED) {
        log.atWarn()
            .addKeyValue("reason", e.getMessage())
            .log("can't tell whether the source is a replica");
        return false;
      }
      throw e;
    }
  }

  /**
   * Whether the server's log tells what foreign keys did to rows: MySQL from 9.6 on, unless it was
   * told to leave foreign keys to InnoDB. Who applies such a log must not let foreign keys act
   * again: a REPLACE of a parent, for instance, is logged as a deletion but leaves the children.
   */
  static boolean logsForeignKeyActions(MysqlConnection connection) {
    return connection
        .execute("SHOW GLOBAL VARIABLES LIKE 'innodb_native_foreign_keys'")
        .rows()
        .stream()
        .anyMatch(row -> row.text(1).equalsIgnoreCase("OFF"));
  }

  private static void demand(boolean holds, String wanted, Map<String, String> settings) {
    if (!holds) {
      String name = wanted.substring(0, wanted.indexOf('='));
      throw new TabletException(
          Status.Code.FAILED_PRECONDITION,
          "the source must run with " + wanted + ", it has " + settings.get(name));
    }
  }
}
