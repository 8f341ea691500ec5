package dev.shunt.workflow.lifecycle;

import dev.shunt.schemas.DiffStatus;
import dev.shunt.schemas.TableDiff;
import dev.shunt.schemas.VDiffFinished;
import dev.shunt.schemas.VDiffStarted;
import dev.shunt.schemas.VDiffTableFinished;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Folds the events of diffs; the newest ten are kept, and of them as much as a status has room for:
 * reports of older diffs go first. A diff whose differences stand goes behind those that say
 * nothing any more. All of it stays on the event log.
 */
final class Diffs {
  private static final int KEPT = 10;
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
            started.limit()));
    next.diffs = fit(newest(diffs));
    return true;
  }

  /** The oldest go, those last that found what no later diff has shown to be gone. */
  private static List<DiffStatus> newest(List<DiffStatus> diffs) {
    List<DiffStatus> left = new ArrayList<>(diffs);
    while (left.size() > KEPT) {
      Set<String> standing = KnownDifferences.withStandingDifferences(left);
      DiffStatus oldest =
          left.stream()
              .filter(diff -> !standing.contains(diff.uuid()))
              .findFirst()
              .filter(diff -> !diff.equals(left.getLast()))
              .orElse(left.getFirst());
      left.remove(oldest);
    }
    return left;
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
          tables.add(result);
          tables.sort(ORDER);
          return new DiffStatus(
              diff.uuid(),
              diff.state(),
              diff.startedAt(),
              diff.completedAt(),
              Math.max(
                  diff.rowsCompared(), tables.stream().mapToLong(TableDiff::processedRows).sum()),
              diff.hasMismatch() || tables.stream().anyMatch(Diffs::hasMismatch),
              diff.error(),
              tables,
              diff.limit());
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
                diff.limit()));
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
                diff.limit())
            : diff);
    next.diffs = fit(diffs);
  }

  private static boolean hasMismatch(TableDiff table) {
    return table.mismatchedRows() > 0 || table.extraRowsSource() > 0 || table.extraRowsTarget() > 0;
  }

  /** Room is given to the newest diff first, within a diff in the order of its tables. */
  private static List<DiffStatus> fit(List<DiffStatus> diffs) {
    long left = StatusSize.DIFFS;
    for (DiffStatus diff : diffs) {
      left -= StatusSize.ofHead(diff);
    }
    List<DiffStatus> fitting = new ArrayList<>();
    for (DiffStatus diff : diffs.reversed()) {
      long bare = StatusSize.ofTables(diff.tables());
      List<TableDiff> tables = new ArrayList<>();
      if (bare <= left) {
        left -= bare;
        for (TableDiff table : diff.tables()) {
          long report = StatusSize.of(table.report());
          tables.add(report <= left ? table : withoutReport(table));
          left -= report <= left ? report : 0;
        }
      }
      fitting.addFirst(tables.equals(diff.tables()) ? diff : withTables(diff, tables));
    }
    return fitting;
  }

  private static TableDiff withoutReport(TableDiff table) {
    return new TableDiff(
        table.shard(),
        table.table(),
        table.state(),
        table.processedRows(),
        table.matchingRows(),
        table.mismatchedRows(),
        table.extraRowsSource(),
        table.extraRowsTarget(),
        "");
  }

  private static DiffStatus withTables(DiffStatus diff, List<TableDiff> tables) {
    return new DiffStatus(
        diff.uuid(),
        diff.state(),
        diff.startedAt(),
        diff.completedAt(),
        diff.rowsCompared(),
        diff.hasMismatch(),
        diff.error(),
        tables,
        diff.limit());
  }

  private static boolean change(StatusBuilder next, String uuid, UnaryOperator<DiffStatus> change) {
    List<DiffStatus> diffs = new ArrayList<>(next.diffs);
    for (int i = 0; i < diffs.size(); i++) {
      if (diffs.get(i).uuid().equals(uuid)) {
        diffs.set(i, change.apply(diffs.get(i)));
        next.diffs = fit(diffs);
        return true;
      }
    }
    return false;
  }
}
