package dev.shunt.workflow.lifecycle;

import dev.shunt.schemas.DiffState;
import dev.shunt.schemas.DiffStatus;
import dev.shunt.schemas.TableDiff;
import dev.shunt.schemas.VDiffFinished;
import dev.shunt.schemas.VDiffStarted;
import dev.shunt.schemas.VDiffTableFinished;
import dev.shunt.schemas.WorkflowStatus;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;

/** Folds the events of diffs; what is kept of them is up to {@link DiffRetention}. */
final class Diffs {
  private static final Comparator<TableDiff> ORDER =
      Comparator.comparing(TableDiff::table).thenComparing(TableDiff::shard);

  private Diffs() {}

  static boolean start(WorkflowStatus.Draft next, VDiffStarted started) {
    List<DiffStatus> diffs = new ArrayList<>(next.diffs);
    // A run that takes over from one that died begins its diff anew.
    diffs.removeIf(diff -> diff.uuid().equals(started.uuid()));
    List<TableDiff> tables = new ArrayList<>();
    for (String table : started.tables()) {
      for (String shard : started.shards()) {
        tables.add(new TableDiff(shard, table, DiffState.PENDING.text(), 0, 0, 0, 0, 0, ""));
      }
    }
    tables.sort(ORDER);
    diffs.add(
        DiffStatus.of(started.uuid(), DiffState.STARTED.text())
            .with(draft -> {
              draft.commandId = started.header().commandId();
              draft.beside = diffs.stream().filter(Diffs::runs).map(DiffStatus::uuid).toList();
              draft.startedAt = started.header().at();
              draft.tables = tables;
              draft.limit = started.limit();
              draft.allTables = started.allTables();
              // As those who published it then kept it.
              draft.parts = started.limit() < 0 ? -1 : tables.size();
            }));
    next.diffs = DiffRetention.fit(diffs);
    return true;
  }

  static boolean finishTable(WorkflowStatus.Draft next, VDiffTableFinished event) {
    TableDiff result = event.result();
    return change(
        next,
        event.uuid(),
        diff -> {
          List<TableDiff> tables = new ArrayList<>(diff.tables());
          tables.removeIf(table ->
              table.table().equals(result.table()) && table.shard().equals(result.shard()));
          boolean hides = DiffResult.of(diff).unnamed() && !DiffResult.differs(result);
          if (!hides) {
            tables.add(result);
          }
          tables.sort(ORDER);
          return diff.with(draft -> {
            draft.rowsCompared =
                Math.max(
                    diff.rowsCompared(), tables.stream().mapToLong(TableDiff::processedRows).sum());
            draft.hasMismatch = diff.hasMismatch() || tables.stream().anyMatch(DiffResult::differs);
            draft.tables = tables;
          });
        });
  }

  static boolean finish(WorkflowStatus.Draft next, VDiffFinished finished) {
    return change(
        next,
        finished.uuid(),
        diff ->
            diff.with(draft -> {
              draft.state = finished.state();
              draft.completedAt = finished.header().at();
              draft.rowsCompared = finished.rowsCompared();
              draft.hasMismatch = finished.hasMismatch();
              draft.error = StatusSize.sentence(finished.error());
            }));
  }

  /** A diff that its command left without an end has failed. */
  static void leave(WorkflowStatus.Draft next, String commandId, String why, long at) {
    List<DiffStatus> diffs = new ArrayList<>(next.diffs);
    diffs.replaceAll(diff ->
        runs(diff) && isOf(diff, commandId)
            ? diff.with(draft -> {
              draft.state = DiffState.ERROR.text();
              draft.completedAt = at;
              draft.error = StatusSize.sentence(why);
            })
            : diff);
    next.diffs = DiffRetention.fit(diffs);
  }

  /**
   * What a workflow keeps of one of the same name before it: diffs whose commands go on, which say
   * nothing of this one.
   */
  static List<DiffStatus> ofAnEarlierWorkflow(WorkflowStatus.Draft next) {
    return next.diffs.stream()
        .filter(diff ->
            next.inFlightDiffs.stream()
                .anyMatch(running -> running.commandId().equals(diff.commandId())))
        .map(diff ->
            diff.with(draft -> {
              draft.state = DiffState.ERROR.text();
              draft.error = "the workflow that it compared has ended";
              draft.hasMismatch = false;
              draft.tables = List.of();
              draft.allTables = false;
              draft.parts = -1;
            }))
        .toList();
  }

  /** Whether a diff has begun and not ended. */
  static boolean runs(DiffStatus diff) {
    return DiffState.STARTED.is(diff.state());
  }

  /** Whether a diff began when another had ended, so that it saw each table later. */
  static boolean isBehind(DiffStatus diff, DiffStatus other) {
    return !diff.beside().contains(other.uuid());
  }

  /** Whether a command is that of a diff; there was one at a time when none was named. */
  static boolean isOf(DiffStatus diff, String commandId) {
    return diff.commandId().isEmpty() || diff.commandId().equals(commandId);
  }

  static DiffStatus withTables(DiffStatus diff, List<TableDiff> tables) {
    return diff.with(draft -> draft.tables = tables);
  }

  private static boolean change(
      WorkflowStatus.Draft next, String uuid, UnaryOperator<DiffStatus> change) {
    List<DiffStatus> diffs = new ArrayList<>(next.diffs);
    for (int i = 0; i < diffs.size(); i++) {
      if (diffs.get(i).uuid().equals(uuid) && runs(diffs.get(i))) {
        diffs.set(i, change.apply(diffs.get(i)));
        next.diffs = DiffRetention.fit(diffs);
        return true;
      }
    }
    return false;
  }
}
