package dev.shunt.workflow.lifecycle;

import dev.shunt.schemas.DiffStatus;
import dev.shunt.schemas.TableDiff;
import dev.shunt.schemas.WorkflowStatus;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * In what source and target of a workflow are known to differ: what its diffs and those of its
 * reverse found, as far as no later one has shown it to be gone.
 *
 * <p>Of each table the newest diff counts that says something of it. Rows that differ are something
 * said, also by a diff that is not at its end or that was cut short; that there are none is said
 * only where the table was compared whole, on every shard. A switch in between mends nothing: which
 * way traffic went when a table was compared is told with what was found.
 */
public final class KnownDifferences {
  private static final int MOST_NAMED = 10;

  /** Stands for the tables of a diff of which the status had no room for the names. */
  private static final String UNNAMED = "";

  /** What is known of one table. */
  private record Verdict(Compared by, long differ, long sourceOnly, long targetOnly) {}

  /**
   * A diff.
   *
   * @param source keyspace that it read as the source
   * @param target keyspace that it read as the target
   */
  private record Compared(DiffStatus diff, String source, String target) {}

  private final Map<String, Verdict> verdicts;
  private final List<String> running;

  private KnownDifferences(List<Compared> compared) {
    this.verdicts = verdicts(compared);
    this.running =
        compared.stream()
            .map(Compared::diff)
            .filter(diff -> diff.state().equals("started"))
            .map(DiffStatus::uuid)
            .toList();
  }

  /**
   * Of a workflow and its reverse.
   *
   * @param source keyspace that the forward workflow moves from
   * @param target keyspace that it moves to
   * @param forward state of the forward workflow; null when nothing is known of it
   * @param reverse state of its reverse; null when nothing is known of it. Diffs of an earlier
   *     workflow of the same name do not count
   */
  public static KnownDifferences of(
      String source,
      String target,
      @Nullable WorkflowStatus forward,
      @Nullable WorkflowStatus reverse) {
    List<Compared> all = new ArrayList<>();
    if (forward != null) {
      forward.diffs().forEach(diff -> all.add(new Compared(diff, source, target)));
    }
    if (reverse != null) {
      long since = forward == null ? 0 : forward.createdAt();
      reverse.diffs().stream()
          .filter(diff -> diff.startedAt() >= since)
          .forEach(diff -> all.add(new Compared(diff, target, source)));
    }
    all.sort(Comparator.comparingLong(compared -> compared.diff().startedAt()));
    return new KnownDifferences(all);
  }

  /**
   * Ids of the diffs whose differences no later one has shown to be gone.
   *
   * @param diffs of one workflow, oldest first
   */
  static Set<String> withStandingDifferences(List<DiffStatus> diffs) {
    return verdicts(diffs.stream().map(diff -> new Compared(diff, "", "")).toList())
        .values()
        .stream()
        .map(verdict -> verdict.by().diff().uuid())
        .collect(Collectors.toSet());
  }

  /** What differs, where, who found it and when, in one sentence; empty when nothing is known. */
  public Optional<String> text() {
    if (verdicts.isEmpty()) {
      return Optional.empty();
    }
    Map<Compared, List<String>> byDiff = new LinkedHashMap<>();
    int named = 0;
    for (Map.Entry<String, Verdict> entry : verdicts.entrySet()) {
      List<String> tables =
          byDiff.computeIfAbsent(entry.getValue().by(), unused -> new ArrayList<>());
      if (named++ < MOST_NAMED) {
        tables.add(table(entry.getKey(), entry.getValue()));
      }
    }
    List<String> parts = new ArrayList<>();
    byDiff.forEach((compared, tables) -> {
      if (!tables.isEmpty()) {
        parts.add("%s, found by %s".formatted(String.join(", ", tables), diff(compared)));
      }
    });
    String more =
        verdicts.size() > MOST_NAMED
            ? "; and %d more tables".formatted(verdicts.size() - MOST_NAMED)
            : "";
    String still =
        running.isEmpty() ? "" : "; diff %s still runs".formatted(String.join(", ", running));
    return Optional.of("source and target differ: " + String.join("; ", parts) + more + still);
  }

  private static String diff(Compared compared) {
    DiffStatus diff = compared.diff();
    long at = diff.completedAt() > 0 ? diff.completedAt() : diff.startedAt();
    return "diff %s of %s, when %s took the writes"
        .formatted(
            diff.uuid(),
            Instant.ofEpochMilli(at).truncatedTo(ChronoUnit.SECONDS),
            compared.source());
  }

  private static String table(String table, Verdict verdict) {
    if (table.equals(UNNAMED)) {
      return "tables that the workflow's status has no room to name";
    }
    List<String> counts = new ArrayList<>();
    if (verdict.differ() > 0) {
      counts.add(
          verdict.differ() == 1 ? "1 row differs" : "%d rows differ".formatted(verdict.differ()));
    }
    if (verdict.sourceOnly() > 0) {
      counts.add("%d only in %s".formatted(verdict.sourceOnly(), verdict.by().source()));
    }
    if (verdict.targetOnly() > 0) {
      counts.add("%d only in %s".formatted(verdict.targetOnly(), verdict.by().target()));
    }
    return "%s (%s)".formatted(table, String.join(", ", counts));
  }

  private static Map<String, Verdict> verdicts(List<Compared> compared) {
    Map<String, Verdict> standing = new TreeMap<>();
    for (Compared one : compared) {
      DiffStatus diff = one.diff();
      if (diff.tables().isEmpty() && diff.hasMismatch()) {
        standing.put(UNNAMED, new Verdict(one, 0, 0, 0));
      }
      Set<String> tables = new LinkedHashSet<>();
      diff.tables().forEach(table -> tables.add(table.table()));
      tables.forEach(table -> judge(standing, one, table));
    }
    return standing;
  }

  private static void judge(Map<String, Verdict> standing, Compared by, String table) {
    long differ = 0;
    long sourceOnly = 0;
    long targetOnly = 0;
    boolean whole = true;
    for (TableDiff part : by.diff().tables()) {
      if (part.table().equals(table)) {
        differ += part.mismatchedRows();
        sourceOnly += part.extraRowsSource();
        targetOnly += part.extraRowsTarget();
        whole &= part.state().equals("completed") && !cut(part, by.diff().limit());
      }
    }
    if (differ + sourceOnly + targetOnly > 0) {
      standing.put(table, new Verdict(by, differ, sourceOnly, targetOnly));
    } else if (whole) {
      standing.remove(table);
    }
  }

  private static boolean cut(TableDiff part, long limit) {
    return limit > 0 && part.processedRows() >= limit;
  }
}
