package dev.shunt.vdiff;

import dev.shunt.saga.RunHistory;
import dev.shunt.schemas.DiffState;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.TableDiff;
import dev.shunt.schemas.VDiffFinished;
import dev.shunt.schemas.VDiffStarted;
import dev.shunt.schemas.VDiffTableFinished;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How far earlier runs of a diff came, as the log tells: what counts since it last began.
 *
 * @param started its last beginning; empty when it has not begun
 * @param finished results of parts since then
 * @param failed whether it has failed since then, so that nothing counts that is told behind it
 */
record DiffProgress(Optional<VDiffStarted> started, List<TableDiff> finished, boolean failed) {
  DiffProgress {
    finished = List.copyOf(finished);
  }

  static DiffProgress of(RunHistory history) {
    Optional<VDiffStarted> started = Optional.empty();
    List<TableDiff> finished = new ArrayList<>();
    boolean failed = false;
    for (Event event : history.events()) {
      if (event instanceof VDiffStarted began) {
        started = Optional.of(began);
        finished.clear();
        failed = false;
      } else if (event instanceof VDiffTableFinished table) {
        finished.add(table.result());
      } else if (event instanceof VDiffFinished end) {
        failed |= DiffState.ERROR.is(end.state());
      }
    }
    return new DiffProgress(started, finished, failed);
  }

  /** Whether it has begun and a run can go on with it; one that failed has to begin anew. */
  boolean goesOn() {
    return started.isPresent() && !failed;
  }
}
