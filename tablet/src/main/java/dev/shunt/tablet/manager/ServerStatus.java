package dev.shunt.tablet.manager;

import dev.shunt.mysql.Flavor;
import dev.shunt.mysql.GtidPositions;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.QueryResult;
import dev.shunt.mysql.Row;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import replicationdata.Replicationdata;

/** Reads what a server says of itself and its replication. */
final class ServerStatus {
  private static final int SYNTAX_ERROR = 1064;

  private ServerStatus() {}

  static Replicationdata.PrimaryStatus primary(MysqlConnection connection) {
    Replicationdata.PrimaryStatus.Builder status =
        Replicationdata.PrimaryStatus.newBuilder().setPosition(ServerPosition.current(connection));
    List<Row> logs = binaryLog(connection).rows();
    if (!logs.isEmpty()) {
      status.setFilePosition("FilePos/" + logs.getFirst().text(0) + ":" + logs.getFirst().text(1));
    }
    return status.setServerUuid(connection.flavor().replication().uuid(connection)).build();
  }

  private static QueryResult binaryLog(MysqlConnection connection) {
    List<String> statements = connection.flavor().replication().logStatus();
    for (String statement : statements.subList(0, statements.size() - 1)) {
      try {
        return connection.execute(statement);
      } catch (MysqlException e) {
        if (e.errno() != SYNTAX_ERROR) {
          throw e;
        }
      }
    }
    return connection.execute(statements.getLast());
  }

  /** Empty when the server is no replica. */
  static Optional<Replicationdata.Status> replica(MysqlConnection connection) {
    Flavor flavor = connection.flavor();
    QueryResult result = connection.execute(flavor.replication().status());
    if (result.rows().isEmpty()) {
      return Optional.empty();
    }
    GtidPositions positions = flavor.positions();
    String executed = positions.currentText(connection);
    Replicationdata.Status status = ReplicaStatus.read(result, flavor.replication());
    return Optional.of(
        status.toBuilder()
            .setPosition(encoded(positions, executed))
            .setRelayLogPosition(
                positions
                    .received(connection, executed, status.getRelayLogPosition())
                    .map(received -> encoded(positions, received))
                    .orElse(""))
            .build());
  }

  private static String encoded(GtidPositions positions, String text) {
    return positions.prefix() + "/" + text;
  }

  /** All but what the server doesn't know, such as the tablet's type. */
  static Replicationdata.FullStatus full(MysqlConnection connection) {
    Map<String, String> variables = variables(connection);
    SemiSync semiSync = SemiSync.read(connection);
    Replicationdata.FullStatus.Builder status =
        Replicationdata.FullStatus.newBuilder()
            .setServerId((int) Long.parseLong(variables.get("server_id")))
            .setServerUuid(variables.getOrDefault("server_uuid", ""))
            .setPrimaryStatus(primary(connection))
            .setGtidPurged(purged(connection.flavor().positions(), variables))
            .setVersion(variables.getOrDefault("version", ""))
            .setVersionComment(variables.getOrDefault("version_comment", ""))
            .setReadOnly(on(variables, "read_only"))
            .setSuperReadOnly(on(variables, "super_read_only"))
            .setGtidMode(variables.getOrDefault("gtid_mode", ""))
            .setBinlogFormat(variables.getOrDefault("binlog_format", ""))
            .setBinlogRowImage(variables.getOrDefault("binlog_row_image", ""))
            .setLogBinEnabled(on(variables, "log_bin"))
            .setLogReplicaUpdates(
                on(variables, "log_replica_updates") || on(variables, "log_slave_updates"))
            .setSemiSyncPrimaryEnabled(semiSync.sourceEnabled())
            .setSemiSyncReplicaEnabled(semiSync.replicaEnabled())
            .setSemiSyncPrimaryStatus(semiSync.sourceWorks())
            .setSemiSyncReplicaStatus(semiSync.replicaWorks())
            .setSemiSyncPrimaryClients((int) semiSync.clients())
            .setSemiSyncPrimaryTimeout(semiSync.timeout())
            .setSemiSyncWaitForReplicaCount((int) semiSync.waitedFor());
    replica(connection)
        .ifPresent(replica ->
            status
                .setReplicationStatus(replica)
                .setReplicationConfiguration(configuration(connection, variables)));
    return status.build();
  }

  private static Map<String, String> variables(MysqlConnection connection) {
    Map<String, String> variables = new HashMap<>();
    for (Row row :
        connection
            .execute(
                "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('server_id', 'server_uuid',"
                    + " 'gtid_purged', 'version', 'version_comment', 'read_only',"
                    + " 'super_read_only', 'gtid_mode', 'binlog_format', 'binlog_row_image',"
                    + " 'log_bin', 'log_replica_updates', 'log_slave_updates',"
                    + " 'replica_net_timeout', 'slave_net_timeout')")
            .rows()) {
      variables.put(row.text(0).toLowerCase(Locale.ROOT), row.text(1));
    }
    return variables;
  }

  private static boolean on(Map<String, String> variables, String name) {
    return switch (variables.getOrDefault(name, "OFF")) {
      case "OFF", "0" -> false;
      default -> true;
    };
  }

  /** MariaDB doesn't say. */
  private static String purged(GtidPositions positions, Map<String, String> variables) {
    String purged = variables.getOrDefault("gtid_purged", "").replace("\n", "").replace(" ", "");
    return purged.isEmpty() ? "" : encoded(positions, purged);
  }

  private static Replicationdata.Configuration configuration(
      MysqlConnection connection, Map<String, String> variables) {
    Replicationdata.Configuration.Builder configuration =
        Replicationdata.Configuration.newBuilder();
    String timeout =
        variables.getOrDefault(
            "replica_net_timeout", variables.getOrDefault("slave_net_timeout", "0"));
    configuration.setReplicaNetTimeout(Integer.parseInt(timeout));
    connection
        .flavor()
        .replication()
        .heartbeatSeconds(connection)
        .ifPresent(configuration::setHeartbeatInterval);
    return configuration.build();
  }
}
