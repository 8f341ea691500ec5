package dev.shunt.workflow.lifecycle;

import dev.shunt.schemas.DiffStatus;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.workflow.lifecycle.DiffResult.Mismatch;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * In what source and target of a workflow are known to differ: what its diffs and those of its
 * reverse found, as far as no later one has shown it to be gone.
 *
 * <p>Of each table the newest diff counts that says something of it ({@link DiffResult}), and
 * nothing that is older than a diff that compared all tables whole. What a diff found is not gone
 * because of one that ran beside it. A switch in between mends nothing: which way traffic went when
 * a table was compared is reported with what was found.
 */
public final class KnownDifferences {
  private static final int MOST_NAMED = 10;

  /** What is known of one table. */
  private record Verdict(Compared by, Mismatch rows) {}

  /**
   * A diff.
   *
   * @param source keyspace that it read as the source
   * @param target keyspace that it read as the target
   * @param back whether it was of the reverse workflow
   */
  private record Compared(DiffStatus diff, String source, String target, boolean back) {}

  private final Map<String, Verdict> verdicts = new TreeMap<>();
  private final List<String> running;

  private KnownDifferences(List<Compared> compared, List<String> running) {
    verdicts(compared).forEach((table, all) -> verdicts.put(table, all.getLast()));
    this.running = running;
  }

  /**
   * Of a workflow and its reverse. Their diffs are of different services whose clocks may differ:
   * of the diffs of one workflow the order is that of its log.
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
    long since = forward == null ? 0 : forward.createdAt();
    return new KnownDifferences(
        merged(
            timeline(forward, source, target, false, Long.MIN_VALUE),
            timeline(reverse, target, source, true, since)),
        Stream.concat(running(forward), running(reverse)).toList());
  }

  /** The diffs of a workflow by the time from which on they count, in the order of its log. */
  private static NavigableMap<Long, List<Compared>> timeline(
      @Nullable WorkflowStatus status, String source, String target, boolean back, long since) {
    NavigableMap<Long, List<Compared>> timeline = new TreeMap<>();
    long time = Long.MIN_VALUE;
    for (DiffStatus diff : status == null ? List.<DiffStatus>of() : status.diffs()) {
      time = Math.max(time, diff.startedAt());
      timeline
          .computeIfAbsent(time, unused -> new ArrayList<>())
          .add(new Compared(diff, source, target, back));
    }
    return timeline.tailMap(since, true);
  }

  private static List<Compared> merged(
      NavigableMap<Long, List<Compared>> forward, NavigableMap<Long, List<Compared>> reverse) {
    NavigableMap<Long, List<Compared>> all = new TreeMap<>(forward);
    reverse.forEach((time, diffs) ->
        all.merge(
            time,
            diffs,
            (first, second) -> Stream.concat(first.stream(), second.stream()).toList()));
    return all.values().stream().flatMap(List::stream).toList();
  }

  /** The diffs that commands in flight have begun; what has no end and no command is given up. */
  private static Stream<String> running(@Nullable WorkflowStatus status) {
    if (status == null) {
      return Stream.empty();
    }
    return status.diffs().stream()
        .filter(diff -> Diffs.runs(diff) && isInFlight(status, diff))
        .map(DiffStatus::uuid);
  }

  private static boolean isInFlight(WorkflowStatus status, DiffStatus diff) {
    if (diff.commandId().isEmpty()) { // of a version that had one at a time
      return !status.inFlightDiffs().isEmpty() && diff.equals(status.diffs().getLast());
    }
    return status.inFlightDiffs().stream()
        .anyMatch(command -> command.commandId().equals(diff.commandId()));
  }

  /**
   * Ids of the diffs whose differences no later one has shown to be gone.
   *
   * @param diffs of one workflow, oldest first
   */
  static Set<String> withStandingDifferences(List<DiffStatus> diffs) {
    return verdicts(diffs.stream().map(diff -> new Compared(diff, "", "", false)).toList())
        .values()
        .stream()
        .flatMap(List::stream)
        .map(verdict -> verdict.by().diff().uuid())
        .collect(Collectors.toSet());
  }

  /**
   * What differs, where, who found it and when, and which diffs run, in one sentence; empty when
   * nothing is known and none runs.
   */
  public Optional<String> text() {
    String still =
        running.isEmpty() ? "" : "diff %s still runs".formatted(String.join(", ", running));
    if (verdicts.isEmpty()) {
      return running.isEmpty()
          ? Optional.empty()
          : Optional.of("source and target may differ: " + still);
    }
    return Optional.of(
        "source and target differ: " + differences() + (running.isEmpty() ? "" : "; " + still));
  }

  /** What to do so that {@link #text} is empty, as the beginning of a sentence. */
  public String remedy() {
    return verdicts.isEmpty()
        ? "Wait until that diff has ended"
        : "Mend that and run a diff that finds nothing";
  }

  private String differences() {
    Map<Compared, List<String>> byDiff = new LinkedHashMap<>();
    verdicts.entrySet().stream()
        .limit(MOST_NAMED)
        .forEach(entry ->
            byDiff
                .computeIfAbsent(entry.getValue().by(), unused -> new ArrayList<>())
                .add(table(entry.getKey(), entry.getValue())));
    List<String> parts = new ArrayList<>();
    byDiff.forEach((compared, tables) ->
        parts.add("%s, found by %s".formatted(String.join(", ", tables), diff(compared))));
    String more =
        verdicts.size() > MOST_NAMED
            ? "; and %d more tables".formatted(verdicts.size() - MOST_NAMED)
            : "";
    return String.join("; ", parts) + more;
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
    if (table.equals(DiffResult.UNNAMED)) {
      return "tables that the workflow's status has no room to name";
    }
    Mismatch rows = verdict.rows();
    List<String> counts = new ArrayList<>();
    if (rows.mismatched() > 0) {
      counts.add(
          rows.mismatched() == 1 ? "1 row differs" : "%d rows differ".formatted(rows.mismatched()));
    }
    if (rows.extraSource() > 0) {
      counts.add("%d only in %s".formatted(rows.extraSource(), verdict.by().source()));
    }
    if (rows.extraTarget() > 0) {
      counts.add("%d only in %s".formatted(rows.extraTarget(), verdict.by().target()));
    }
    return "%s (%s)".formatted(table, String.join(", ", counts));
  }

  /** What differs by table, each time with all diffs that say so and none says otherwise. */
  private static Map<String, List<Verdict>> verdicts(List<Compared> compared) {
    Map<String, List<Verdict>> standing = new TreeMap<>();
    for (Compared one : compared) {
      DiffResult result = DiffResult.of(one.diff());
      Map<String, Mismatch> found = result.allMismatches();
      standing.forEach((table, verdicts) -> {
        boolean says =
            result.conclusive() || result.clean().contains(table) || found.containsKey(table);
        verdicts.removeIf(verdict -> says && isBehind(one, verdict.by()));
      });
      found.forEach((table, rows) ->
          standing.computeIfAbsent(table, unused -> new ArrayList<>()).add(new Verdict(one, rows)));
    }
    standing.values().removeIf(List::isEmpty);
    return standing;
  }

  /** Whether a diff saw each table later than another one. */
  private static boolean isBehind(Compared one, Compared other) {
    if (one.back() == other.back()) {
      return Diffs.isBehind(one.diff(), other.diff());
    }
    long ended = other.diff().completedAt();
    return ended > 0 && ended <= one.diff().startedAt();
  }
}
