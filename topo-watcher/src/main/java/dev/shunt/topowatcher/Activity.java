package dev.shunt.topowatcher;

import dev.shunt.schemas.InFlight;
import dev.shunt.schemas.Outcome;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Notices from the statuses of workflows that commands begin, go on and end. */
final class Activity {
  private record Doing(@Nullable InFlight command, List<InFlight> diffs, @Nullable Outcome last) {}

  private Map<WorkflowKey, Doing> before = Map.of();

  /** Whether a command is under way, or has ended since the last look. */
  boolean look(Map<WorkflowKey, WorkflowStatus> statuses) {
    Map<WorkflowKey, Doing> now = new HashMap<>();
    statuses.forEach((key, status) ->
        now.put(key, new Doing(status.inFlight(), status.inFlightDiffs(), status.lastOutcome())));
    boolean active =
        !now.equals(before) || now.values().stream().anyMatch(doing -> doing.command() != null);
    before = now;
    return active;
  }
}
