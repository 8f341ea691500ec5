package dev.shunt.tablet.manager;

import dev.shunt.mysql.QueryResult;
import dev.shunt.mysql.Row;
import replicationdata.Replicationdata;

/** Reads what a server says about its being a replica, in the words of MySQL or MariaDB. */
final class ReplicaStatus {
  private static final int STOPPED = 1;
  private static final int CONNECTING = 2;
  private static final int RUNNING = 3;

  private ReplicaStatus() {}

  static Replicationdata.Status read(QueryResult result) {
    Replicationdata.Status.Builder status = Replicationdata.Status.newBuilder();
    Row row = result.rows().getFirst();
    for (int i = 0; i < result.columns().size(); i++) {
      String value = row.textOrNull(i);
      if (value == null) {
        continue;
      }
      switch (result.columns().get(i).name()) {
        case "Source_Host", "Master_Host" -> status.setSourceHost(value);
        case "Source_Port", "Master_Port" -> status.setSourcePort(Integer.parseInt(value));
        case "Source_User", "Master_User" -> status.setSourceUser(value);
        case "Connect_Retry" -> status.setConnectRetry(Integer.parseInt(value));
        case "Replica_IO_Running", "Slave_IO_Running" -> status.setIoState(state(value));
        case "Replica_SQL_Running", "Slave_SQL_Running" -> status.setSqlState(state(value));
        case "Seconds_Behind_Source", "Seconds_Behind_Master" ->
            status.setReplicationLagSeconds(Integer.parseUnsignedInt(value));
        case "Last_IO_Error" -> status.setLastIoError(value);
        case "Last_SQL_Error" -> status.setLastSqlError(value);
        default -> {}
      }
    }
    return status.build();
  }

  private static int state(String value) {
    return switch (value) {
      case "Yes" -> RUNNING;
      case "Connecting", "Preparing" -> CONNECTING;
      default -> STOPPED;
    };
  }
}
