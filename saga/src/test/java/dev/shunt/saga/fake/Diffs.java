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
        new DiffStatus(
            "u1", "completed", 10_000, 20_000, 9, true, "", List.of(corder), 0, true, 1));
  }

  /** Of a workflow whose first diff runs. */
  public static Map<WorkflowKey, WorkflowStatus> running() {
    TableDiff corder = new TableDiff("0", "corder", "pending", 0, 0, 0, 0, 0, "");
    return with(
        new InFlight("u1", "VDiffCreate", "tester", false, 9_000, "", 1),
        new DiffStatus("u1", "started", 10_000, 0, 0, false, "", List.of(corder), 0, true, 1));
  }

  private static Map<WorkflowKey, WorkflowStatus> with(
      @Nullable InFlight inFlightDiff, DiffStatus diff) {
    return Map.of(
        new WorkflowKey("customer", "c2c"),
        new WorkflowStatus(
            "customer",
            "c2c",
            1,
            Phase.ACTIVE,
            "MoveTables",
            "commerce",
            List.of("0"),
            List.of("0"),
            List.of("corder"),
            List.of(),
            List.of(),
            List.of(),
            false,
            null,
            inFlightDiff,
            null,
            List.of(diff),
            List.of(),
            1,
            1));
  }
}
