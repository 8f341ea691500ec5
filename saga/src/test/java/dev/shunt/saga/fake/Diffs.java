package dev.shunt.saga.fake;

import dev.shunt.schemas.DiffStatus;
import dev.shunt.schemas.InFlight;
import dev.shunt.schemas.Phase;
import dev.shunt.schemas.TableDiff;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** States of customer.c2c with diffs. */
public final class Diffs {
  /** What a diff of {@link #differing} is worded as. */
  public static final String DIFFERING_TEXT =
      "source and target differ: corder (2 rows differ, 1 only in commerce), found by diff u1 of"
          + " 1970-01-01T00:00:20Z, when commerce took the writes";

  /** What a diff that {@link #running runs} is worded as. */
  public static final String RUNNING_TEXT = "source and target may differ: diff u1 still runs";

  private Diffs() {}

  /** Of a workflow of which a diff found that corder differs. */
  public static Map<WorkflowKey, WorkflowStatus> differing() {
    TableDiff corder = new TableDiff("0", "corder", "completed", 9, 6, 2, 1, 0, "");
    return with(
        null,
        DiffStatus.of("u1", "completed")
            .with(draft -> {
              draft.startedAt = 10_000;
              draft.completedAt = 20_000;
              draft.rowsCompared = 9;
              draft.hasMismatch = true;
              draft.tables = List.of(corder);
              draft.limit = 0;
              draft.allTables = true;
              draft.parts = 1;
            }));
  }

  /** Of a workflow whose first diff runs. */
  public static Map<WorkflowKey, WorkflowStatus> running() {
    TableDiff corder = new TableDiff("0", "corder", "pending", 0, 0, 0, 0, 0, "");
    return with(
        InFlight.of("u1", "VDiffCreate", "vdiff", "tester", false, 9_000).withFence(1),
        DiffStatus.of("u1", "started")
            .with(draft -> {
              draft.commandId = "u1";
              draft.startedAt = 10_000;
              draft.tables = List.of(corder);
              draft.limit = 0;
              draft.allTables = true;
              draft.parts = 1;
            }));
  }

  private static Map<WorkflowKey, WorkflowStatus> with(
      @Nullable InFlight inFlight, DiffStatus diff) {
    return Map.of(
        new WorkflowKey("customer", "c2c"),
        WorkflowStatus.of("customer", "c2c")
            .with(draft -> {
              draft.version = 1;
              draft.phase = Phase.ACTIVE;
              draft.workflowType = "MoveTables";
              draft.sourceKeyspace = "commerce";
              draft.sourceShards = List.of("0");
              draft.targetShards = List.of("0");
              draft.tables = List.of("corder");
              draft.inFlightDiffs = inFlight == null ? List.of() : List.of(inFlight);
              draft.diffs = List.of(diff);
              draft.createdAt = 1;
              draft.updatedAt = 1;
            }));
  }
}
