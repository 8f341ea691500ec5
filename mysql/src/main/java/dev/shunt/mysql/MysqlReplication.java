package dev.shunt.mysql;

import java.util.List;
import java.util.OptionalDouble;
import java.util.function.UnaryOperator;

/** MySQL's words of today, and those of its older versions where they matter. */
final class MysqlReplication implements ReplicationStatements {
  @Override
  public String status() {
    return "SHOW REPLICA STATUS";
  }

  /** The latter before 8.0.22. */
  @Override
  public List<String> allStatuses() {
    return List.of("SHOW REPLICA STATUS", "SHOW SLAVE STATUS");
  }

  /** The latter before 8.2. */
  @Override
  public List<String> logStatus() {
    return List.of("SHOW BINARY LOG STATUS", "SHOW MASTER STATUS");
  }

  @Override
  public String replicas() {
    return "SHOW REPLICAS";
  }

  @Override
  public List<String> clearFilters() {
    return List.of(
        "STOP REPLICA SQL_THREAD",
        "CHANGE REPLICATION FILTER REPLICATE_DO_DB = (), REPLICATE_IGNORE_DB = (),"
            + " REPLICATE_DO_TABLE = (), REPLICATE_IGNORE_TABLE = (), REPLICATE_WILD_DO_TABLE ="
            + " (), REPLICATE_WILD_IGNORE_TABLE = ()",
        "START REPLICA SQL_THREAD");
  }

  /** Those with more privileges are kept by the first alone. */
  @Override
  public List<String> readOnly() {
    return List.of("super_read_only", "read_only");
  }

  @Override
  public boolean usesGtids(UnaryOperator<String> status) {
    return status.apply("Auto_Position").equals("1");
  }

  @Override
  public OptionalDouble heartbeatSeconds(MysqlConnection connection) {
    return heartbeat(
        connection,
        "SELECT heartbeat_interval FROM performance_schema.replication_connection_configuration"
            + " WHERE channel_name = ''");
  }

  static OptionalDouble heartbeat(MysqlConnection connection, String query) {
    QueryResult result = connection.execute(query);
    return result.rows().isEmpty()
        ? OptionalDouble.empty()
        : OptionalDouble.of(Double.parseDouble(result.only().text(0)));
  }

  @Override
  public String uuid(MysqlConnection connection) {
    return connection.execute("SELECT @@server_uuid").only().text(0);
  }

  @Override
  public String identity(MysqlConnection connection) {
    return connection.execute("SELECT @@GLOBAL.server_uuid").only().text(0);
  }
}
