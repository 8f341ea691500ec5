package dev.shunt.tablet.database;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.SqlText;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The tables that a tablet keeps beside the application's, as a vttablet of version 23 has them,
 * and some of our own: {@code shunt_fence}, the highest fencing token seen for a key and its epoch;
 * {@code shunt_tablet}, which process an alias belongs to; {@code shunt_copy_part}, the parts that
 * a large table is copied in, each with the rows whose key begins with a value from {@code
 * from_value} on and below {@code below_value}, or those with keys behind {@code after_key} and up
 * to {@code until_key}; {@code shunt_copy_attempt}, which attempt at a stream's copy is the latest;
 * {@code shunt_copy_basis}, what the copy of a table stands on; {@code shunt_stream_table}, the
 * tables that a stream with patterns has; {@code shunt_left_keys}, what is still to be added to
 * tables whose streams were deleted in the middle of their copy.
 */
public final class SidecarSchema {
  private static final int DUPLICATE_COLUMN = 1060;
  private static final String OPTIONS = " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4";

  private static final List<String> TABLES =
      List.of(
          """
          vreplication (
            id int NOT NULL AUTO_INCREMENT,
            workflow varbinary(1000) DEFAULT NULL,
            source mediumblob NOT NULL,
            pos varbinary(10000) NOT NULL,
            stop_pos varbinary(10000) DEFAULT NULL,
            max_tps bigint NOT NULL,
            max_replication_lag bigint NOT NULL,
            cell varbinary(1000) DEFAULT NULL,
            tablet_types varbinary(100) DEFAULT NULL,
            time_updated bigint NOT NULL,
            transaction_timestamp bigint NOT NULL,
            state varbinary(100) NOT NULL,
            message varbinary(1000) DEFAULT NULL,
            db_name varbinary(255) NOT NULL,
            rows_copied bigint NOT NULL DEFAULT 0,
            tags varbinary(1024) NOT NULL DEFAULT '',
            time_heartbeat bigint NOT NULL DEFAULT 0,
            workflow_type int NOT NULL DEFAULT 0,
            time_throttled bigint NOT NULL DEFAULT 0,
            component_throttled varchar(255) NOT NULL DEFAULT '',
            reason_throttled varchar(255) NOT NULL DEFAULT '',
            workflow_sub_type int NOT NULL DEFAULT 0,
            defer_secondary_keys tinyint(1) NOT NULL DEFAULT 0,
            options json NOT NULL,
            PRIMARY KEY (id),
            KEY workflow_idx (workflow(64))
          )\
          """,
          """
          copy_state (
            id bigint unsigned NOT NULL AUTO_INCREMENT,
            vrepl_id int NOT NULL,
            table_name varbinary(128) NOT NULL,
            lastpk mediumblob DEFAULT NULL,
            PRIMARY KEY (id),
            KEY vrepl_id (vrepl_id, table_name)
          )\
          """,
          """
          post_copy_action (
            id bigint NOT NULL AUTO_INCREMENT,
            vrepl_id int NOT NULL,
            table_name varbinary(128) NOT NULL,
            action json NOT NULL,
            PRIMARY KEY (id),
            UNIQUE KEY vrepl_id (vrepl_id, table_name)
          )\
          """,
          """
          vreplication_log (
            id bigint NOT NULL AUTO_INCREMENT,
            vrepl_id int NOT NULL,
            type varbinary(256) NOT NULL,
            state varbinary(100) NOT NULL,
            created_at datetime NOT NULL DEFAULT CURRENT_TIMESTAMP,
            updated_at datetime NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
            message text NOT NULL,
            count bigint NOT NULL DEFAULT 1,
            PRIMARY KEY (id),
            KEY vrepl_id_idx (vrepl_id)
          )\
          """,
          """
          resharding_journal (
            id bigint NOT NULL,
            db_name varbinary(255) DEFAULT NULL,
            val mediumblob DEFAULT NULL,
            PRIMARY KEY (id)
          )\
          """,
          """
          schema_version (
            id int NOT NULL AUTO_INCREMENT,
            pos varbinary(10000) NOT NULL,
            time_updated bigint NOT NULL,
            ddl blob DEFAULT NULL,
            schemax longblob NOT NULL,
            PRIMARY KEY (id)
          )\
          """,
          """
          vdiff (
            id bigint NOT NULL AUTO_INCREMENT,
            vdiff_uuid varchar(64) NOT NULL,
            workflow varbinary(1024) DEFAULT NULL,
            keyspace varbinary(256) DEFAULT NULL,
            shard varchar(255) NOT NULL,
            db_name varbinary(1024) DEFAULT NULL,
            state varbinary(64) DEFAULT NULL,
            options json DEFAULT NULL,
            created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
            started_at timestamp NULL DEFAULT NULL,
            liveness_timestamp timestamp NULL DEFAULT NULL,
            completed_at timestamp NULL DEFAULT NULL,
            last_error varbinary(512) DEFAULT NULL,
            PRIMARY KEY (id),
            UNIQUE KEY uuid_idx (vdiff_uuid),
            KEY state (state),
            KEY ks_wf_idx (keyspace(64), workflow(64))
          )\
          """,
          """
          vdiff_table (
            vdiff_id varchar(64) NOT NULL,
            table_name varbinary(128) NOT NULL,
            state varbinary(64) DEFAULT NULL,
            lastpk mediumblob DEFAULT NULL,
            table_rows bigint NOT NULL DEFAULT 0,
            rows_compared bigint NOT NULL DEFAULT 0,
            mismatch tinyint(1) NOT NULL DEFAULT 0,
            report json DEFAULT NULL,
            created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
            updated_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
            PRIMARY KEY (vdiff_id, table_name)
          )\
          """,
          """
          vdiff_log (
            id int NOT NULL AUTO_INCREMENT,
            vdiff_id int NOT NULL,
            created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
            message text NOT NULL,
            PRIMARY KEY (id)
          )\
          """,
          """
          shunt_copy_part (
            vrepl_id int NOT NULL,
            table_name varbinary(128) NOT NULL,
            part int NOT NULL,
            from_value decimal(20,0) DEFAULT NULL,
            below_value decimal(20,0) DEFAULT NULL,
            after_key mediumblob DEFAULT NULL,
            until_key mediumblob DEFAULT NULL,
            lastpk mediumblob NOT NULL,
            notes bigint NOT NULL DEFAULT 0,
            done tinyint(1) NOT NULL DEFAULT 0,
            PRIMARY KEY (vrepl_id, table_name, part)
          )\
          """,
          """
          shunt_copy_attempt (
            vrepl_id int NOT NULL,
            attempt varbinary(36) NOT NULL,
            writes bigint NOT NULL DEFAULT 0,
            PRIMARY KEY (vrepl_id)
          )\
          """,
          """
          shunt_copy_basis (
            vrepl_id int NOT NULL,
            table_name varbinary(128) NOT NULL,
            basis mediumblob NOT NULL,
            PRIMARY KEY (vrepl_id, table_name)
          )\
          """,
          """
          shunt_stream_table (
            vrepl_id int NOT NULL,
            table_name varbinary(128) NOT NULL,
            own_rows tinyint(1) NOT NULL DEFAULT 1,
            PRIMARY KEY (vrepl_id, table_name)
          )\
          """,
          """
          shunt_left_keys (
            id bigint NOT NULL AUTO_INCREMENT,
            db_name varbinary(255) NOT NULL,
            table_name varbinary(128) NOT NULL,
            action json NOT NULL,
            PRIMARY KEY (id)
          )\
          """,
          """
          reparent_journal (
            time_created_ns bigint unsigned NOT NULL,
            action_name varbinary(255) NOT NULL,
            primary_alias varbinary(255) NOT NULL,
            replication_position varbinary(64000) DEFAULT NULL,
            PRIMARY KEY (time_created_ns)
          )\
          """,
          """
          shunt_fence (
            workflow varbinary(512) NOT NULL,
            token bigint NOT NULL,
            epoch varbinary(64) NOT NULL DEFAULT '',
            PRIMARY KEY (workflow)
          )\
          """,
          """
          shunt_tablet (
            alias varbinary(255) NOT NULL,
            db_name varbinary(256) NOT NULL,
            process varbinary(64) NOT NULL,
            since timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
            PRIMARY KEY (alias, db_name)
          )\
          """);

  private SidecarSchema() {}

  /** Makes what is not there yet of the sidecar and its tables. */
  public static void create(MysqlConnection connection, String sidecar) {
    createDatabase(connection, sidecar);
    Set<String> existing = tables(connection, sidecar);
    for (String table : TABLES) {
      // A statement without an effect is logged as well; on a replica it would be a transaction
      // that its source does not have.
      if (!existing.contains(table.substring(0, table.indexOf(' ')))) {
        connection.execute(
            "CREATE TABLE IF NOT EXISTS " + SqlText.identifier(sidecar) + "." + table + OPTIONS);
      }
    }
    addColumn(connection, sidecar, "shunt_copy_part", "after_key", "mediumblob DEFAULT NULL");
    addColumn(connection, sidecar, "shunt_copy_part", "until_key", "mediumblob DEFAULT NULL");
    addColumn(
        connection, sidecar, "shunt_stream_table", "own_rows", "tinyint(1) NOT NULL DEFAULT 1");
    addColumn(connection, sidecar, "shunt_fence", "epoch", "varbinary(64) NOT NULL DEFAULT ''");
  }

  /** Adds a column that a table of an earlier version lacks. */
  private static void addColumn(
      MysqlConnection connection, String sidecar, String table, String column, String type) {
    boolean existing =
        !connection
            .execute(
                "SELECT 1 FROM information_schema.columns WHERE table_schema = "
                    + SqlText.literal(sidecar)
                    + " AND table_name = "
                    + SqlText.literal(table)
                    + " AND column_name = "
                    + SqlText.literal(column))
            .rows()
            .isEmpty();
    if (existing) {
      return;
    }
    try {
      connection.execute(
          "ALTER TABLE "
              + SqlText.qualified(sidecar, table)
              + " ADD COLUMN "
              + SqlText.identifier(column)
              + " "
              + type);
    } catch (MysqlException e) {
      if (e.errno() != DUPLICATE_COLUMN) { // another tablet of the server was quicker
        throw e;
      }
    }
  }

  private static Set<String> tables(MysqlConnection connection, String database) {
    return connection
        .execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = "
                + SqlText.literal(database))
        .rows()
        .stream()
        .map(row -> row.text(0))
        .collect(Collectors.toSet());
  }

  /** Makes a database where the server has none of the name. */
  public static void createDatabase(MysqlConnection connection, String name) {
    boolean existing =
        !connection
            .execute(
                "SELECT 1 FROM information_schema.schemata WHERE schema_name = "
                    + SqlText.literal(name))
            .rows()
            .isEmpty();
    if (!existing) {
      connection.execute(
          "CREATE DATABASE IF NOT EXISTS "
              + SqlText.identifier(name)
              + " DEFAULT CHARACTER SET utf8mb4");
    }
  }
}
