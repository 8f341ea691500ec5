package dev.shunt.tablet.preflight;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.QueryResult;
import dev.shunt.mysql.ReplicationStatements;
import dev.shunt.mysql.Row;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Asks a server what the checklist wants to know of it: three statements. */
final class FactReader {
  private static final int SYNTAX_ERROR = 1064;
  private static final Set<Integer> DENIED = Set.of(1044, 1045, 1142, 1227);

  /** Variables that the checklist looks at; servers have them by different names. */
  private static final List<String> VARIABLES =
      List.of(
          "log_bin",
          "binlog_format",
          "binlog_row_image",
          "binlog_row_metadata",
          "binlog_row_value_options",
          "binlog_error_action",
          "binlog_expire_logs_seconds",
          "binlog_expire_logs_auto_purge",
          "expire_logs_days",
          "max_binlog_total_size",
          "log_replica_updates",
          "log_slave_updates",
          "gtid_mode",
          "gtid_strict_mode",
          "init_connect",
          "sync_binlog",
          "innodb_flush_log_at_trx_commit",
          "replica_skip_errors",
          "slave_skip_errors",
          "replica_exec_mode",
          "slave_exec_mode",
          "replicate_events_marked_for_skip",
          "wsrep_on",
          "read_only",
          "super_read_only",
          "transaction_read_only",
          "tx_read_only",
          "innodb_read_only",
          "innodb_force_recovery",
          "enforce_storage_engine",
          "disabled_storage_engines",
          "sql_require_primary_key",
          "innodb_force_primary_key",
          "sql_generate_invisible_primary_key",
          "lower_case_table_names");

  private final MysqlConnection connection;
  private final Map<String, String> unanswered = new LinkedHashMap<>();

  FactReader(MysqlConnection connection) {
    this.connection = connection;
  }

  ServerFacts read() {
    ReplicationStatements replication = connection.flavor().replication();
    Map<String, String> variables = variables();
    List<Map<String, String>> replicas = first(replication.allStatuses());
    List<Map<String, String>> log = first(replication.logStatus());
    return new ServerFacts(
        connection.flavor(),
        connection.serverVersion(),
        variables,
        replicas,
        log.isEmpty() ? Map.of() : log.getFirst(),
        unanswered);
  }

  private Map<String, String> variables() {
    Map<String, String> values = new HashMap<>();
    String names = VARIABLES.stream().collect(Collectors.joining("', '", "'", "'"));
    for (Row row :
        connection.execute("SHOW GLOBAL VARIABLES WHERE Variable_name IN (" + names + ")").rows()) {
      String value = row.textOrNull(1);
      values.put(row.text(0).toLowerCase(Locale.ROOT), value == null ? "" : value);
    }
    return values;
  }

  /** Rows of the first statement that the server takes. */
  private List<Map<String, String>> first(List<String> statements) {
    for (String statement : statements) {
      try {
        return rows(statement);
      } catch (MysqlException e) {
        if (e.errno() != SYNTAX_ERROR || statement.equals(statements.getLast())) {
          throw e;
        }
      }
    }
    return List.of();
  }

  /** Rows by lower-case column; none where the account may not ask, which is noted. */
  private List<Map<String, String>> rows(String statement) {
    QueryResult result;
    try {
      result = connection.execute(statement);
    } catch (MysqlException e) {
      if (!DENIED.contains(e.errno())) {
        throw e;
      }
      unanswered.put(statement, String.valueOf(e.getMessage()));
      return List.of();
    }
    List<Map<String, String>> rows = new ArrayList<>();
    for (Row row : result.rows()) {
      Map<String, String> values = new HashMap<>();
      for (int i = 0; i < result.columns().size(); i++) {
        String value = row.textOrNull(i);
        values.put(
            result.columns().get(i).name().toLowerCase(Locale.ROOT), value == null ? "" : value);
      }
      rows.add(values);
    }
    return rows;
  }
}
