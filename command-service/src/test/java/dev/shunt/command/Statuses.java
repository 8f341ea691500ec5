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
    return WorkflowStatus.of("customer", "c2c")
        .with(draft -> {
          draft.version = 7;
          draft.phase = Phase.ACTIVE;
          draft.workflowType = "MoveTables";
          draft.sourceKeyspace = "commerce";
          draft.sourceShards = List.of("0");
          draft.targetShards = List.of("0");
          draft.tables = List.of("corder", "customer");
          draft.inFlightDiffs = diff == null ? List.of() : List.of(diff);
          draft.diffs = diffs;
          draft.streams = streams;
          draft.createdAt = 1;
          draft.updatedAt = 2;
        });
  }

  static WorkflowStatus withOutcome(WorkflowStatus status, Outcome outcome) {
    return status.with(draft -> {
      draft.version = status.version() + 1;
      draft.lastOutcome = outcome;
    });
  }

  /** The same at the end of its life, at this moment in milliseconds. */
  static WorkflowStatus ended(WorkflowStatus status, Phase phase, long at) {
    return status.with(draft -> {
      draft.version = status.version() + 1;
      draft.phase = phase;
      draft.inFlight = null;
      draft.inFlightDiffs = List.of();
      draft.updatedAt = at;
    });
  }

  /** A stream on tablet zone1-200. */
  static StreamStatus stream(
      String state, String message, long timeUpdated, List<CopyState> copyStates) {
    return StreamStatus.of("0", "zone1-0000000200", 5)
        .with(draft -> {
          draft.source = SOURCE;
          draft.position = "MySQL56/ec33d23e-e634-11f1-9498-02fc00000001:1-32";
          draft.state = state;
          draft.message = message;
          draft.dbName = "vt_customer";
          draft.timeUpdated = timeUpdated;
          draft.cells = "zone1";
          draft.tabletTypes = "in_order:replica,primary";
          draft.workflowType = 1;
          draft.deferSecondaryKeys = true;
          draft.options = "{\"sharded_auto_increment_handling\": 1}";
          draft.copyStates = copyStates;
        });
  }
}
