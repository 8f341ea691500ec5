package dev.shunt.tablet.manager;

import dev.shunt.mysql.QueryResult;
import dev.shunt.mysql.ReplicationStatements;
import dev.shunt.mysql.Row;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import replicationdata.Replicationdata;

/** Reads what a server says about its being a replica, in the words of MySQL or MariaDB. */
final class ReplicaStatus {
  private static final List<String> FILTERS =
      List.of(
          "Replicate_Do_DB",
          "Replicate_Ignore_DB",
          "Replicate_Do_Table",
          "Replicate_Ignore_Table",
          "Replicate_Wild_Do_Table",
          "Replicate_Wild_Ignore_Table");
  private static final int STOPPED = 1;
  private static final int CONNECTING = 2;
  private static final int RUNNING = 3;

  private ReplicaStatus() {}

  /** All but positions; that of the relay log is what it has retrieved, without a prefix. */
  static Replicationdata.Status read(QueryResult result, ReplicationStatements replication) {
    Map<String, String> values = new HashMap<>();
    Row row = result.rows().getFirst();
    for (int i = 0; i < result.columns().size(); i++) {
      String value = row.textOrNull(i);
      if (value != null) {
        values.put(today(result.columns().get(i).name()), value);
      }
    }
    return status(name -> values.getOrDefault(name, ""), replication);
  }

  /** MySQL's names of today; MariaDB has kept the older ones. */
  private static String today(String column) {
    return column.replace("Master", "Source").replace("Slave", "Replica");
  }

  private static Replicationdata.Status status(
      UnaryOperator<String> value, ReplicationStatements replication) {
    String lag = value.apply("Seconds_Behind_Source");
    return Replicationdata.Status.newBuilder()
        .setSourceHost(value.apply("Source_Host"))
        .setSourcePort(number(value.apply("Source_Port")))
        .setSourceUser(value.apply("Source_User"))
        .setSourceServerId(number(value.apply("Source_Server_Id")))
        .setSourceUuid(value.apply("Source_UUID"))
        .setConnectRetry(number(value.apply("Connect_Retry")))
        .setIoState(state(value.apply("Replica_IO_Running")))
        .setSqlState(state(value.apply("Replica_SQL_Running")))
        .setLastIoError(value.apply("Last_IO_Error"))
        .setLastSqlError(value.apply("Last_SQL_Error"))
        .setReplicationLagSeconds(number(lag))
        .setReplicationLagUnknown(lag.isEmpty())
        .setSqlDelay(number(value.apply("SQL_Delay")))
        .setAutoPosition(value.apply("Auto_Position").equals("1"))
        .setUsingGtid(replication.usesGtids(value))
        .setHasReplicationFilters(
            FILTERS.stream().anyMatch(filter -> !value.apply(filter).isEmpty()))
        .setSslAllowed(value.apply("Source_SSL_Allowed").equals("Yes"))
        .setFilePosition(
            file(value.apply("Relay_Source_Log_File"), value.apply("Exec_Source_Log_Pos")))
        .setRelayLogSourceBinlogEquivalentPosition(
            file(value.apply("Source_Log_File"), value.apply("Read_Source_Log_Pos")))
        .setRelayLogFilePosition(file(value.apply("Relay_Log_File"), value.apply("Relay_Log_Pos")))
        .setRelayLogPosition(gtids(value.apply("Retrieved_Gtid_Set")))
        .build();
  }

  private static String gtids(String text) {
    return text.replace("\n", "").replace(" ", "");
  }

  private static String file(String file, String position) {
    return file.isEmpty() ? "" : "FilePos/" + file + ":" + position;
  }

  private static int number(String text) {
    return text.isEmpty() ? 0 : Integer.parseUnsignedInt(text);
  }

  private static int state(String value) {
    return switch (value) {
      case "Yes" -> RUNNING;
      case "Connecting", "Preparing" -> CONNECTING;
      default -> STOPPED;
    };
  }
}
