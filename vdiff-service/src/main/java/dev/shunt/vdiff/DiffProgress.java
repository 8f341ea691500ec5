package dev.shunt.vdiff;

import dev.shunt.saga.RunHistory;
import dev.shunt.schemas.DiffState;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.TableDiff;
import dev.shunt.schemas.VDiffFinished;
import dev.shunt.schemas.VDiffStarted;
import dev.shunt.schemas.VDiffTableFinished;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How far earlier runs of a diff came, as the log says.
 *
 * @param started its last beginning; empty when it has not begun
 * @param finished the last result of each part, also of one that was compared before it failed: it
 *     is as true as when a run goes on
 * @param unpublished those of them that were not published again since it last began
 * @param failed whether it has failed since it last began, so that nothing counts that is published
 *     behind that
 */
record DiffProgress(
    Optional<VDiffStarted> started,
    List<TableDiff> finished,
    List<TableDiff> unpublished,
    boolean failed) {
  DiffProgress {
    finished = List.copyOf(finished);
    unpublished = List.copyOf(unpublished);
  }

  private record Part(String table, String shard) {}

  static DiffProgress of(RunHistory history) {
    Optional<VDiffStarted> started = Optional.empty();
    Map<Part, TableDiff> finished = new LinkedHashMap<>();
    Set<Part> published = new HashSet<>();
    boolean failed = false;
    for (Event event : history.events()) {
      if (event instanceof VDiffStarted began) {
        started = Optional.of(began);
        published.clear();
        failed = false;
      } else if (event instanceof VDiffTableFinished table) {
        TableDiff result = table.result();
        Part part = new Part(result.table(), result.shard());
        finished.put(part, result);
        published.add(part);
      } else if (event instanceof VDiffFinished end) {
        failed |= DiffState.ERROR.is(end.state());
      }
    }
    List<TableDiff> unpublished = new ArrayList<>();
    finished.forEach((part, result) -> {
      if (!published.contains(part)) {
        unpublished.add(result);
      }
    });
    return new DiffProgress(started, List.copyOf(finished.values()), unpublished, failed);
  }

  /** Whether it has begun and a run can go on with it; one that failed has to begin anew. */
  boolean goesOn() {
    return started.isPresent() && !failed;
  }
}
