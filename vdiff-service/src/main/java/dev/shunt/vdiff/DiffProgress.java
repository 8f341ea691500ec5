package dev.shunt.vdiff;

import dev.shunt.saga.RunHistory;
import dev.shunt.schemas.DiffState;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.TableDiff;
import dev.shunt.schemas.VDiffFinished;
import dev.shunt.schemas.VDiffStarted;
import dev.shunt.schemas.VDiffTableFinished;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How far earlier runs of a diff came, as the log tells.
 *
 * @param started its last beginning; empty when it has not begun
 * @param finished the last result of each part, also of one that was compared before it failed: it
 *     is as true as when a run goes on
 * @param failed whether it has failed since it last began, so that nothing counts that is told
 *     behind that
 */
record DiffProgress(Optional<VDiffStarted> started, List<TableDiff> finished, boolean failed) {
  DiffProgress {
    finished = List.copyOf(finished);
  }

  private record Part(String table, String shard) {}

  static DiffProgress of(RunHistory history) {
    Optional<VDiffStarted> started = Optional.empty();
    Map<Part, TableDiff> finished = new LinkedHashMap<>();
    boolean failed = false;
    for (Event event : history.events()) {
      if (event instanceof VDiffStarted began) {
        started = Optional.of(began);
        failed = false;
      } else if (event instanceof VDiffTableFinished table) {
        TableDiff result = table.result();
        finished.put(new Part(result.table(), result.shard()), result);
      } else if (event instanceof VDiffFinished end) {
        failed |= DiffState.ERROR.is(end.state());
      }
    }
    return new DiffProgress(started, List.copyOf(finished.values()), failed);
  }

  /** Whether it has begun and a run can go on with it; one that failed has to begin anew. */
  boolean goesOn() {
    return started.isPresent() && !failed;
  }
}
