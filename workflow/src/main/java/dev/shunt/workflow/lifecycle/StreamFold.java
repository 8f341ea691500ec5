package dev.shunt.workflow.lifecycle;

import dev.shunt.schemas.ShardStatus;
import dev.shunt.schemas.StreamBatch;
import dev.shunt.schemas.StreamId;
import dev.shunt.schemas.StreamStatus;
import dev.shunt.schemas.StreamSummary;
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
 * something else.
 */
final class StreamFold {
  private static final Comparator<StreamStatus> ORDER =
      Comparator.comparing(StreamStatus::tablet).thenComparing(StreamStatus::id);

  private final FoldedStreams before;
  private final StreamSummary summary;
  private final Map<String, Shard> concerned = new TreeMap<>();

  /** Null until it is needed. */
  private @Nullable SourceTally tally;

  /** Bytes of the names of target shards; negative until it is needed. */
  private long names = -1;

  private StreamFold(FoldedStreams before) {
    this.before = before;
    this.summary = before.summary();
  }

  static FoldedStreams of(FoldedStreams before, StreamBatch reports) {
    StreamFold fold = new StreamFold(before);
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

  private void recount(@Nullable StreamStatus earlier, @Nullable StreamStatus now) {
    if (earlier != null && now != null && SourceTally.alike(earlier, now)) {
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
    return (earlier != null && SourceTally.alike(earlier, stream))
        || tally().sizeWith(stream) <= StatusSize.SOURCES;
  }

  private static StreamStatus withoutSource(StreamStatus stream) {
    return stream.with(draft -> {
      draft.source = "";
      draft.message = StatusSize.sentence(stream.message());
      draft.copyStates = List.of();
    });
  }

  private FoldedStreams result() {
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
    FoldedStreams after = new FoldedStreams(summary(gained, lost), shards);
    return after.equals(before) ? before : after;
  }

  private StreamSummary summary(Set<String> gained, Set<String> lost) {
    if (gained.isEmpty() && lost.isEmpty() && tally == null) {
      return summary;
    }
    TreeSet<String> named = new TreeSet<>(summary.shards());
    named.removeAll(lost);
    named.addAll(gained);
    return new StreamSummary(
        summary.keyspace(),
        summary.workflow(),
        List.copyOf(named),
        tally == null ? summary.sources() : tally.sources());
  }
}
