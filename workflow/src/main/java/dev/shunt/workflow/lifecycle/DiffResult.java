package dev.shunt.workflow.lifecycle;

import dev.shunt.schemas.DiffState;
import dev.shunt.schemas.DiffStatus;
import dev.shunt.schemas.TableDiff;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What one diff says of the tables that it compared. That rows differ is said by every part (a
 * table on a shard) that has an end; that none do only by a table that was compared whole, on every
 * shard, and never where the status had no room for all parts.
 *
 * @param mismatches tables with rows that differ, as far as the status names them
 * @param clean tables that were compared whole and have none
 * @param unnamed whether it found rows that differ in tables that the status may not name
 * @param conclusive whether it compared all tables of the workflow whole, so that nothing that an
 *     older diff said counts any more
 */
record DiffResult(
    Map<String, Mismatch> mismatches, Set<String> clean, boolean unnamed, boolean conclusive) {
  /** Stands for the tables that the status does not name. */
  static final String UNNAMED = "";

  /**
   * Rows of a table, on all shards.
   *
   * @param mismatched rows with equal key and other values
   * @param extraSource rows only on the source
   * @param extraTarget rows only on the target
   */
  record Mismatch(long mismatched, long extraSource, long extraTarget) {
    static final Mismatch NONE = new Mismatch(0, 0, 0);

    private boolean any() {
      return mismatched > 0 || extraSource > 0 || extraTarget > 0;
    }
  }

  /** The parts of one table. */
  private record Parts(Mismatch rows, boolean whole) {
    static Parts of(TableDiff part, long limit) {
      Mismatch rows =
          new Mismatch(part.mismatchedRows(), part.extraRowsSource(), part.extraRowsTarget());
      return new Parts(rows, toTheEnd(part, limit));
    }

    Parts plus(Parts other) {
      return new Parts(
          new Mismatch(
              rows.mismatched + other.rows.mismatched,
              rows.extraSource + other.rows.extraSource,
              rows.extraTarget + other.rows.extraTarget),
          whole && other.whole);
    }
  }

  static DiffResult of(DiffStatus diff) {
    Map<String, Parts> tables = new TreeMap<>();
    for (TableDiff part : diff.tables()) {
      tables.merge(part.table(), Parts.of(part, diff.limit()), Parts::plus);
    }
    boolean truncated = truncated(diff);
    Map<String, Mismatch> mismatches = new TreeMap<>();
    Set<String> clean = new HashSet<>();
    tables.forEach((table, parts) -> {
      if (parts.rows.any()) {
        mismatches.put(table, parts.rows);
      } else if (parts.whole && !truncated) {
        clean.add(table);
      }
    });
    return new DiffResult(mismatches, clean, unnamed(diff), conclusive(diff, truncated));
  }

  /** Whether it says that rows of this part differ. */
  static boolean differs(TableDiff part) {
    return Parts.of(part, 0).rows.any();
  }

  /** Tables of which it says something, {@link #UNNAMED} among them. */
  Set<String> tables() {
    Set<String> tables = new HashSet<>(clean);
    tables.addAll(mismatches.keySet());
    if (unnamed) {
      tables.add(UNNAMED);
    }
    return tables;
  }

  /** Tables that it says differ, {@link #UNNAMED} among them. */
  Map<String, Mismatch> allMismatches() {
    Map<String, Mismatch> all = new TreeMap<>(mismatches);
    if (unnamed) {
      all.put(UNNAMED, Mismatch.NONE);
    }
    return all;
  }

  /** Whether the list of parts is not known to be complete. */
  private static boolean truncated(DiffStatus diff) {
    return diff.parts() < 0 || diff.tables().size() < diff.parts();
  }

  /**
   * Parts that differ leave a list last, and none that does not comes onto a list that has lost one
   * ({@link Diffs#finishTable}): so what else is on it shows that these are all.
   */
  private static boolean unnamed(DiffStatus diff) {
    if (!diff.hasMismatch()) {
      return false;
    }
    long differing = diff.tables().stream().filter(DiffResult::differs).count();
    boolean mayHaveLost = diff.tables().size() < diff.parts() && differing == diff.tables().size();
    return differing == 0 || mayHaveLost;
  }

  private static boolean conclusive(DiffStatus diff, boolean truncated) {
    boolean noneLost = !truncated || (diff.limit() == 0 && !diff.hasMismatch());
    return diff.allTables()
        && DiffState.COMPLETED.is(diff.state())
        && noneLost
        && diff.tables().stream().allMatch(part -> toTheEnd(part, diff.limit()));
  }

  private static boolean toTheEnd(TableDiff part, long limit) {
    boolean unlimited = limit == 0 || (limit > 0 && part.processedRows() < limit);
    return DiffState.COMPLETED.is(part.state()) && unlimited;
  }
}
