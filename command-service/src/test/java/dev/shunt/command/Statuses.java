package dev.shunt.command;

import dev.shunt.schemas.CopyState;
import dev.shunt.schemas.DiffStatus;
import dev.shunt.schemas.InFlight;
import dev.shunt.schemas.Outcome;
import dev.shunt.schemas.Phase;
import dev.shunt.schemas.StreamStatus;
import dev.shunt.schemas.WorkflowStatus;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** States of workflows for tests. */
final class Statuses {
  static final String SOURCE =
      "keyspace:\"commerce\" shard:\"0\" filter:{rules:{match:\"corder\" filter:\"select * from"
          + " corder\"} rules:{match:\"customer\" filter:\"select * from customer\"}}";

  private Statuses() {}

  /** Workflow customer.c2c with these streams and diffs. */
  static WorkflowStatus status(
      List<StreamStatus> streams, List<DiffStatus> diffs, @Nullable InFlight diff) {
    return new WorkflowStatus(
        "customer",
        "c2c",
        7,
        Phase.ACTIVE,
        "MoveTables",
        "commerce",
        List.of("0"),
        List.of("0"),
        List.of("corder", "customer"),
        List.of(),
        List.of(),
        List.of(),
        false,
        null,
        diff,
        null,
        diffs,
        streams,
        1,
        2);
  }

  static WorkflowStatus withOutcome(WorkflowStatus status, Outcome outcome) {
    return new WorkflowStatus(
        status.keyspace(),
        status.workflow(),
        status.version() + 1,
        status.phase(),
        status.workflowType(),
        status.sourceKeyspace(),
        status.sourceShards(),
        status.targetShards(),
        status.tables(),
        status.createdTables(),
        status.replicaCellsSwitched(),
        status.rdonlyCellsSwitched(),
        status.writesSwitched(),
        status.inFlight(),
        status.inFlightDiff(),
        outcome,
        status.diffs(),
        status.streams(),
        status.createdAt(),
        status.updatedAt());
  }

  /** The same at the end of its life, at this moment in milliseconds. */
  static WorkflowStatus ended(WorkflowStatus status, Phase phase, long at) {
    return new WorkflowStatus(
        status.keyspace(),
        status.workflow(),
        status.version() + 1,
        phase,
        status.workflowType(),
        status.sourceKeyspace(),
        status.sourceShards(),
        status.targetShards(),
        status.tables(),
        status.createdTables(),
        status.replicaCellsSwitched(),
        status.rdonlyCellsSwitched(),
        status.writesSwitched(),
        null,
        null,
        status.lastOutcome(),
        status.diffs(),
        status.streams(),
        status.createdAt(),
        at);
  }

  /** A stream on tablet zone1-200. */
  static StreamStatus stream(
      String state, String message, long timeUpdated, List<CopyState> copyStates) {
    return new StreamStatus(
        "0",
        "zone1-0000000200",
        5,
        SOURCE,
        "MySQL56/ec33d23e-e634-11f1-9498-02fc00000001:1-32",
        "",
        state,
        message,
        "vt_customer",
        0,
        timeUpdated,
        0,
        0,
        "",
        0,
        "",
        "zone1",
        "in_order:replica,primary",
        1,
        0,
        true,
        "{\"sharded_auto_increment_handling\": 1}",
        copyStates);
  }
}
