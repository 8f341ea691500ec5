package dev.shunt.workflow.lifecycle;

import dev.shunt.schemas.DiffStatus;
import dev.shunt.schemas.TableDiff;
import dev.shunt.schemas.VDiffFinished;
import dev.shunt.schemas.VDiffStarted;
import dev.shunt.schemas.VDiffTableFinished;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;

/** Folds the events of diffs; what is kept of them is up to {@link DiffRetention}. */
final class Diffs {
  private static final Comparator<TableDiff> ORDER =
      Comparator.comparing(TableDiff::table).thenComparing(TableDiff::shard);

  private Diffs() {}

  static boolean start(StatusBuilder next, VDiffStarted started) {
    List<DiffStatus> diffs = new ArrayList<>(next.diffs);
    // A run that takes over from one that died begins its diff anew.
    diffs.removeIf(diff -> diff.uuid().equals(started.uuid()));
    List<TableDiff> tables = new ArrayList<>();
    for (String table : started.tables()) {
      for (String shard : started.shards()) {
        tables.add(new TableDiff(shard, table, "pending", 0, 0, 0, 0, 0, ""));
      }
    }
    tables.sort(ORDER);
    diffs.add(
        new DiffStatus(
            started.uuid(),
            "started",
            started.header().at(),
            0,
            0,
            false,
            "",
            tables,
            started.limit(),
            started.allTables(),
            started.limit() < 0 ? -1 : tables.size())); // as those who told it then kept it
    next.diffs = DiffRetention.fit(diffs);
    return true;
  }

  static boolean finishTable(StatusBuilder next, VDiffTableFinished event) {
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
          return new DiffStatus(
              diff.uuid(),
              diff.state(),
              diff.startedAt(),
              diff.completedAt(),
              Math.max(
                  diff.rowsCompared(), tables.stream().mapToLong(TableDiff::processedRows).sum()),
              diff.hasMismatch() || tables.stream().anyMatch(DiffResult::differs),
              diff.error(),
              tables,
              diff.limit(),
              diff.allTables(),
              diff.parts());
        });
  }

  static boolean finish(StatusBuilder next, VDiffFinished finished) {
    return change(
        next,
        finished.uuid(),
        diff ->
            new DiffStatus(
                diff.uuid(),
                finished.state(),
                diff.startedAt(),
                finished.header().at(),
                finished.rowsCompared(),
                finished.hasMismatch(),
                StatusSize.sentence(finished.error()),
                diff.tables(),
                diff.limit(),
                diff.allTables(),
                diff.parts()));
  }

  /** A diff that its run left without an end has failed. */
  static void leave(StatusBuilder next, String why, long at) {
    List<DiffStatus> diffs = new ArrayList<>(next.diffs);
    diffs.replaceAll(diff ->
        diff.state().equals("started")
            ? new DiffStatus(
                diff.uuid(),
                "error",
                diff.startedAt(),
                at,
                diff.rowsCompared(),
                diff.hasMismatch(),
                StatusSize.sentence(why),
                diff.tables(),
                diff.limit(),
                diff.allTables(),
                diff.parts())
            : diff);
    next.diffs = DiffRetention.fit(diffs);
  }

  static DiffStatus withTables(DiffStatus diff, List<TableDiff> tables) {
    return new DiffStatus(
        diff.uuid(),
        diff.state(),
        diff.startedAt(),
        diff.completedAt(),
        diff.rowsCompared(),
        diff.hasMismatch(),
        diff.error(),
        tables,
        diff.limit(),
        diff.allTables(),
        diff.parts());
  }

  private static boolean change(StatusBuilder next, String uuid, UnaryOperator<DiffStatus> change) {
    List<DiffStatus> diffs = new ArrayList<>(next.diffs);
    for (int i = 0; i < diffs.size(); i++) {
      if (diffs.get(i).uuid().equals(uuid)) {
        diffs.set(i, change.apply(diffs.get(i)));
        next.diffs = DiffRetention.fit(diffs);
        return true;
      }
    }
    return false;
  }
}
