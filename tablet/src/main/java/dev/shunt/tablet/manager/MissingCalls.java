package dev.shunt.tablet.manager;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Why calls of Vitess's TabletManager are not served. */
final class MissingCalls {
  private MissingCalls() {}

  /** Reasons by the call's name. */
  static Map<String, String> reasons() {
    Map<String, String> reasons = new HashMap<>();
    all(
        reasons,
        "it has no hold of its server's files; back it up with the server's own tools",
        "Backup",
        "RestoreFromBackup",
        "MysqlHostMetrics");
    all(
        reasons,
        "who is primary and what replicates from where is decided by those who run the server",
        "StopReplication",
        "StopReplicationMinimum",
        "StartReplication",
        "RestartReplication",
        "StartReplicationUntilAfter",
        "ResetReplication",
        "ResetReplicationParameters",
        "SetReplicationSource",
        "StopReplicationAndGetStatus",
        "InitPrimary",
        "InitReplica",
        "DemotePrimary",
        "UndoDemotePrimary",
        "PromoteReplica",
        "ReplicaWasPromoted",
        "ReplicaWasRestarted");
    all(
        reasons,
        "it prepares no distributed transactions",
        "ReadTransaction",
        "GetTransactionInfo",
        "ConcludeTransaction");
    all(reasons, "tables are compared by the vdiff service", "VDiff");
    all(reasons, "it runs no programs", "ExecuteHook");
    return reasons;
  }

  private static void all(Map<String, String> into, String reason, String... calls) {
    List.of(calls).forEach(call -> into.put(call, reason));
  }
}
