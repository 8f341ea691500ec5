package dev.shunt.mysql;

import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.UnaryOperator;

/** MariaDB has kept the older words, and has connections with names. */
final class MariaDbReplication implements ReplicationStatements {
  @Override
  public String status() {
    return "SHOW SLAVE STATUS";
  }

  @Override
  public List<String> allStatuses() {
    return List.of("SHOW ALL SLAVES STATUS");
  }

  @Override
  public List<String> logStatus() {
    return List.of("SHOW MASTER STATUS");
  }

  @Override
  public String replicas() {
    return "SHOW SLAVE HOSTS";
  }

  @Override
  public List<String> clearFilters() {
    return List.of();
  }

  @Override
  public List<String> readOnly() {
    return List.of("read_only");
  }

  @Override
  public boolean usesGtids(UnaryOperator<String> status) {
    return !Set.of("", "No").contains(status.apply("Using_Gtid"));
  }

  @Override
  public OptionalDouble heartbeatSeconds(MysqlConnection connection) {
    return MysqlReplication.heartbeat(
        connection,
        "SELECT variable_value FROM information_schema.global_status"
            + " WHERE variable_name = 'SLAVE_HEARTBEAT_PERIOD'");
  }

  @Override
  public String uuid(MysqlConnection connection) {
    return "";
  }

  @Override
  public String identity(MysqlConnection connection) {
    return connection
        .execute("SELECT CONCAT_WS(' ', @@hostname, @@port, @@GLOBAL.server_id, @@datadir)")
        .only()
        .text(0);
  }
}
