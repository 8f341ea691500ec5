package dev.shunt.workflow.lifecycle;

import dev.shunt.schemas.Phase;
import dev.shunt.schemas.ShardStatus;
import dev.shunt.schemas.StreamBatch;
import dev.shunt.schemas.StreamId;
import dev.shunt.schemas.StreamSources;
import dev.shunt.schemas.StreamStatus;
import dev.shunt.schemas.WorkflowStatus;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Folds stream reports: into the streams of the target shards that they are of, and into the
 * summary only when a shard gets its first stream or loses its last, or when the streams read
 * something else. Of a workflow that no command created, phase, type, source and tables are those
 * that its streams tell.
 */
final class ObservedStreams {
  private static final Comparator<StreamStatus> ORDER =
      Comparator.comparing(StreamStatus::tablet).thenComparing(StreamStatus::id);

  private final SplitStatus before;
  private final WorkflowStatus summary;
  private final Map<String, Shard> concerned = new TreeMap<>();

  /** Of a workflow that no command created, once it is needed. */
  private @Nullable SourceTally tally;

  /** Bytes of the names of target shards; negative until it is needed. */
  private long names = -1;

  private ObservedStreams(SplitStatus before, WorkflowStatus summary) {
    this.before = before;
    this.summary = summary;
  }

  static SplitStatus evolve(SplitStatus before, StreamBatch reports) {
    WorkflowStatus known = before.summary();
    ObservedStreams fold =
        new ObservedStreams(
            before,
            known == null ? WorkflowStatus.of(reports.keyspace(), reports.workflow()) : known);
    reports.removed().forEach(fold::remove);
    reports.reported().forEach(fold::report);
    return fold.result();
  }

  /** The streams of a target shard while reports are folded into them. */
  private static final class Shard {
    private final boolean named;
    private final Map<StreamId, StreamStatus> streams = new HashMap<>();
    private long bytes;

    private Shard(@Nullable ShardStatus before) {
      named = before != null;
      if (before != null) {
        before.streams().forEach(this::put);
      }
    }

    private void put(StreamStatus stream) {
      streams.put(StreamId.of(stream), stream);
      bytes += StatusSize.of(stream);
    }

    private @Nullable StreamStatus take(StreamId id) {
      StreamStatus taken = streams.remove(id);
      bytes -= taken == null ? 0 : StatusSize.of(taken);
      return taken;
    }
  }

  private Shard shard(String name) {
    return concerned.computeIfAbsent(
        name,
        unused -> {
          ShardStatus known = before.shards().get(name);
          if (known == null && Collections.binarySearch(summary.shards(), name) >= 0) {
            throw new IllegalArgumentException(
                "the streams into shard %s are not given".formatted(name));
          }
          return new Shard(known);
        });
  }

  private void remove(StreamId id) {
    recount(shard(id.shard()).take(id), null);
  }

  private void report(StreamStatus stream) {
    Shard shard = shard(stream.shard());
    StreamStatus earlier = shard.take(StreamId.of(stream));
    StreamStatus kept = fit(shard, earlier, stream).orElse(null);
    if (kept != null) {
      shard.put(kept);
    }
    recount(earlier, kept);
  }

  /** What is read changes with a stream, where no command says what the workflow reads. */
  private void recount(@Nullable StreamStatus earlier, @Nullable StreamStatus now) {
    if (summary.createdAt() != 0
        || (earlier != null && now != null && SourceTally.alike(earlier, now))) {
      return;
    }
    if (earlier != null) {
      tally().remove(earlier);
    }
    if (now != null) {
      tally().add(now);
    }
  }

  private SourceTally tally() {
    if (tally == null) {
      tally = new SourceTally(summary.sources());
    }
    return tally;
  }

  /**
   * As much of a stream as there is room for beside the others: all of it, or all but what it reads
   * and where its copy stands, or nothing.
   */
  private Optional<StreamStatus> fit(
      Shard shard, @Nullable StreamStatus earlier, StreamStatus stream) {
    if (!shard.named && shard.streams.isEmpty() && !isRoomFor(stream.shard())) {
      return Optional.empty();
    }
    if (shard.bytes + StatusSize.of(stream) <= StatusSize.STREAMS
        && isRoomForSource(earlier, stream)) {
      return Optional.of(stream);
    }
    StreamStatus less = withoutSource(stream);
    return shard.bytes + StatusSize.of(less) <= StatusSize.STREAMS_AT_MOST
        ? Optional.of(less)
        : Optional.empty();
  }

  /** Whether the summary can name one shard more, which it then does. */
  private boolean isRoomFor(String shard) {
    if (names < 0) {
      names = summary.shards().stream().mapToLong(StatusSize::of).sum();
    }
    long more = StatusSize.of(shard);
    if (shard.length() > StatusSize.LONGEST_SHARD || names + more > StatusSize.SHARDS) {
      return false;
    }
    names += more;
    return true;
  }

  private boolean isRoomForSource(@Nullable StreamStatus earlier, StreamStatus stream) {
    return summary.createdAt() != 0
        || (earlier != null && SourceTally.alike(earlier, stream))
        || tally().sizeWith(stream) <= StatusSize.SOURCES;
  }

  private static StreamStatus withoutSource(StreamStatus stream) {
    return stream.with(draft -> {
      draft.source = "";
      draft.message = StatusSize.sentence(stream.message());
      draft.copyStates = List.of();
    });
  }

  private SplitStatus result() {
    Map<String, ShardStatus> shards = new TreeMap<>(before.shards());
    Set<String> gained = new HashSet<>();
    Set<String> lost = new HashSet<>();
    concerned.forEach((name, shard) -> {
      if (!shard.streams.isEmpty()) {
        List<StreamStatus> streams = shard.streams.values().stream().sorted(ORDER).toList();
        shards.put(name, new ShardStatus(summary.keyspace(), summary.workflow(), name, streams));
        gained.add(name);
      } else if (shards.remove(name) != null) {
        lost.add(name);
      }
    });
    gained.removeAll(before.shards().keySet());
    WorkflowStatus next = summary(gained, lost);
    SplitStatus after = new SplitStatus(next, shards);
    return after.equals(before) ? before : after;
  }

  private @Nullable WorkflowStatus summary(Set<String> gained, Set<String> lost) {
    StreamSources sources = tally == null ? summary.sources() : tally.sources();
    if (gained.isEmpty() && lost.isEmpty() && sources.equals(summary.sources())) {
      return before.summary();
    }
    WorkflowStatus.Draft next = new WorkflowStatus.Draft(summary);
    if (!gained.isEmpty() || !lost.isEmpty()) {
      TreeSet<String> named = new TreeSet<>(summary.shards());
      named.removeAll(lost);
      named.addAll(gained);
      next.shards = List.copyOf(named);
    }
    next.sources = sources;
    describe(next);
    return next.version == 0 && next.shards.isEmpty() ? null : next.build();
  }

  /**
   * Describes a workflow that no command created by its streams. Of one that a command created it
   * is no longer counted what they read.
   */
  static void describe(WorkflowStatus.Draft next) {
    if (next.createdAt != 0) {
      next.sources = StreamSources.NONE;
      return;
    }
    if (next.phase == Phase.UNKNOWN || next.phase == Phase.OBSERVED) {
      next.phase = next.shards.isEmpty() ? Phase.UNKNOWN : Phase.OBSERVED;
    }
    StreamSources sources = next.sources;
    List<String> keyspaces = sorted(sources.keyspaces());
    next.sourceKeyspace = keyspaces.size() == 1 ? keyspaces.getFirst() : "";
    next.sourceShards = sorted(sources.shards());
    next.targetShards = next.shards;
    next.tables = sorted(sources.tables());
    next.workflowType = mostFrequent(sources.types());
  }

  private static List<String> sorted(Map<String, Long> counted) {
    return counted.keySet().stream().sorted().toList();
  }

  /** The first by name of those that are counted most often; empty when there is none. */
  private static String mostFrequent(Map<String, Long> counted) {
    return counted.entrySet().stream()
        .min(
            Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                .thenComparing(Map.Entry.comparingByKey()))
        .map(Map.Entry::getKey)
        .orElse("");
  }
}
