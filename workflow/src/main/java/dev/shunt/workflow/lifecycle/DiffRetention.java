package dev.shunt.workflow.lifecycle;

import dev.shunt.schemas.DiffStatus;
import dev.shunt.schemas.TableDiff;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * What of the diffs a status keeps; all of it stays on the event log.
 *
 * <p>Diffs: the newest ten, and older ones as long as they are the last to say something of a
 * table, so that neither a difference nor what showed it to be gone is forgotten; those that run.
 * Of their parts and reports as much as there is room for, in the order of {@link Rank}; reports go
 * first.
 */
final class DiffRetention {
  private static final int KEPT = 10;

  /** Beyond it a diff goes also when nothing newer says what it said. */
  private static final int MOST = 64;

  /** Room of all diffs without their parts. */
  private static final long HEADS = StatusSize.DIFFS / 2;

  /** Which parts of diffs keep their room; those of a newer diff before those of an older one. */
  private enum Rank {
    /** Rows differ. */
    DIFFERS,
    /** Belongs to a diff that shows a difference of an older one to be gone. */
    CLEARS,
    OTHER
  }

  private DiffRetention() {}

  /**
   * As much of the diffs as a status has room for.
   *
   * @param diffs oldest first
   */
  static List<DiffStatus> fit(List<DiffStatus> diffs) {
    return fitParts(kept(diffs));
  }

  private static List<DiffStatus> kept(List<DiffStatus> diffs) {
    List<DiffStatus> left = new ArrayList<>(diffs);
    while (left.size() > KEPT) {
      OptionalInt next = oldestSuperseded(left);
      if (next.isEmpty() && (left.size() > MOST || heads(left) > HEADS)) {
        next = oldestWithoutStanding(left);
      }
      if (next.isEmpty()) {
        return left;
      }
      left.remove(next.getAsInt());
    }
    return left;
  }

  /** The oldest but for the last one that says nothing which newer ones do not say something of. */
  private static OptionalInt oldestSuperseded(List<DiffStatus> diffs) {
    List<DiffResult> results = diffs.stream().map(DiffResult::of).toList();
    return IntStream.range(0, diffs.size() - 1)
        .filter(i -> !Diffs.runs(diffs.get(i)) && isSuperseded(i, diffs, results))
        .findFirst();
  }

  private static boolean isSuperseded(int i, List<DiffStatus> diffs, List<DiffResult> results) {
    Set<String> newer = new HashSet<>();
    for (int j = i + 1; j < diffs.size(); j++) {
      if (Diffs.isBehind(diffs.get(j), diffs.get(i))) {
        if (results.get(j).conclusive()) {
          return true;
        }
        newer.addAll(results.get(j).tables());
      }
    }
    return !results.get(i).conclusive() && newer.containsAll(results.get(i).tables());
  }

  /**
   * What is lost of it makes a difference stand that is gone, not the other way around; if there is
   * no such one, the oldest. Empty when all but the last one run.
   */
  private static OptionalInt oldestWithoutStanding(List<DiffStatus> diffs) {
    Set<String> standing = KnownDifferences.withStandingDifferences(diffs);
    int[] ended =
        IntStream.range(0, diffs.size() - 1).filter(i -> !Diffs.runs(diffs.get(i))).toArray();
    OptionalInt without =
        IntStream.of(ended).filter(i -> !standing.contains(diffs.get(i).uuid())).findFirst();
    return without.isPresent() ? without : IntStream.of(ended).findFirst();
  }

  private static long heads(List<DiffStatus> diffs) {
    return diffs.stream().mapToLong(StatusSize::ofHead).sum();
  }

  private static List<DiffStatus> fitParts(List<DiffStatus> diffs) {
    long left = StatusSize.DIFFS - heads(diffs);
    long parts = diffs.stream().mapToLong(diff -> StatusSize.ofTables(diff.tables())).sum();
    if (parts <= left) {
      return fitReports(diffs, left - parts);
    }
    return fitReports(withPartsWithin(left, diffs), 0);
  }

  private static List<DiffStatus> withPartsWithin(long room, List<DiffStatus> diffs) {
    Set<String> clearing = clearing(diffs);
    Map<Rank, List<TableDiff>> parts = new EnumMap<>(Rank.class);
    for (DiffStatus diff : diffs.reversed()) {
      boolean clears = clearing.contains(diff.uuid());
      for (TableDiff part : diff.tables()) {
        parts.computeIfAbsent(rank(part, clears), unused -> new ArrayList<>()).add(part);
      }
    }
    Set<TableDiff> kept = Collections.newSetFromMap(new IdentityHashMap<>());
    long left = room;
    // What comes behind the first without room has none either: the order is strict.
    for (TableDiff part : parts.values().stream().flatMap(List::stream).toList()) {
      left -= StatusSize.ofTable(part);
      if (left < 0) {
        break;
      }
      kept.add(part);
    }
    return diffs.stream()
        .map(diff -> Diffs.withTables(diff, diff.tables().stream().filter(kept::contains).toList()))
        .toList();
  }

  private static Rank rank(TableDiff part, boolean clears) {
    if (DiffResult.differs(part)) {
      return Rank.DIFFERS;
    }
    return clears ? Rank.CLEARS : Rank.OTHER;
  }

  /** Ids of the diffs that are the last to say that a difference of an older one is gone. */
  private static Set<String> clearing(List<DiffStatus> diffs) {
    List<DiffResult> results = diffs.stream().map(DiffResult::of).toList();
    Set<String> clearing = new HashSet<>();
    Set<String> newer = new HashSet<>();
    for (int i = diffs.size() - 1; i >= 0; i--) {
      DiffResult result = results.get(i);
      Set<String> clean = new HashSet<>(result.clean());
      clean.removeAll(newer);
      boolean clears =
          results.subList(0, i).stream()
              .flatMap(older -> older.allMismatches().keySet().stream())
              .anyMatch(table -> result.conclusive() || clean.contains(table));
      if (clears) {
        clearing.add(diffs.get(i).uuid());
      }
      newer.addAll(result.tables());
    }
    return clearing;
  }

  private static List<DiffStatus> fitReports(List<DiffStatus> diffs, long room) {
    long left = room;
    List<DiffStatus> fitting = new ArrayList<>();
    for (DiffStatus diff : diffs.reversed()) {
      List<TableDiff> tables = new ArrayList<>();
      boolean changed = false;
      for (TableDiff table : diff.tables()) {
        long report = table.report().isEmpty() ? 0 : StatusSize.of(table.report());
        boolean fits = report <= left;
        tables.add(fits ? table : withoutReport(table));
        left -= fits ? report : 0;
        changed |= !fits;
      }
      fitting.addFirst(changed ? Diffs.withTables(diff, tables) : diff);
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
}
