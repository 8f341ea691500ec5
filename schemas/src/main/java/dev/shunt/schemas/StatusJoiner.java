package dev.shunt.schemas;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Joins the records of shunt.workflows and shunt.workflows.shards: the summary of each workflow and
 * the streams of its target shards. The summary says which shards count, so that nothing else does:
 * neither a shard whose summary is still to come nor one that was left of a workflow that is gone.
 *
 * <p>A shard is written before the summary that first names it, but who reads two topics may get
 * the summary first. What is joined is whole once the ends are reached that both had when the
 * reader began; from then on it is the state that the summary says, with streams of about the same
 * time.
 *
 * <p>A summary with streams in it is one as versions before wrote it: of each shard that has a
 * record of its own that one counts, whichever comes first, for it was written later. Any number of
 * threads may use one of these.
 */
public final class StatusJoiner {
  private final ReentrantLock lock = new ReentrantLock();
  private final NavigableMap<WorkflowKey, Parts> workflows = new TreeMap<>();

  /** What has come of one workflow. */
  private static final class Parts {
    private @Nullable WorkflowStatus summary;
    private final Map<String, ShardStatus> shards = new TreeMap<>();

    /** Those that the summary had in it itself. */
    private final Map<String, ShardStatus> summarized = new TreeMap<>();

    /** Null when it is to be joined anew. */
    private @Nullable WorkflowStatus joined;

    private boolean isEmpty() {
      return summary == null && shards.isEmpty();
    }

    private boolean counts(String shard) {
      return summary != null && Collections.binarySearch(summary.shards(), shard) >= 0;
    }

    private void summary(@Nullable WorkflowStatus status) {
      joined = null;
      summarized.clear();
      if (status == null || status.streams().isEmpty()) {
        summary = status;
        return;
      }
      summary = status.with(draft -> draft.streams = List.of());
      summarized.putAll(byShard(status));
    }

    private void shard(String name, @Nullable ShardStatus shard) {
      joined = null;
      summarized.remove(name);
      if (shard == null) {
        shards.remove(name);
      } else {
        shards.put(name, shard);
      }
    }

    private @Nullable WorkflowStatus status() {
      if (joined == null && summary != null) {
        joined = join(summary, this::counting);
      }
      return joined;
    }

    private @Nullable ShardStatus counting(String shard) {
      ShardStatus own = shards.get(shard);
      return own == null ? summarized.get(shard) : own;
    }
  }

  /** The streams of a status that has them all, by target shard. */
  public static NavigableMap<String, ShardStatus> byShard(WorkflowStatus status) {
    NavigableMap<String, List<StreamStatus>> streams = new TreeMap<>();
    for (StreamStatus stream : status.streams()) {
      streams.computeIfAbsent(stream.shard(), unused -> new ArrayList<>()).add(stream);
    }
    NavigableMap<String, ShardStatus> shards = new TreeMap<>();
    streams.forEach((shard, of) ->
        shards.put(shard, new ShardStatus(status.keyspace(), status.workflow(), shard, of)));
    return shards;
  }

  /**
   * A summary with the streams of those shards that it names.
   *
   * @param shards shards of the workflow by their names
   */
  public static WorkflowStatus join(WorkflowStatus summary, Map<String, ShardStatus> shards) {
    return join(summary, shards::get);
  }

  private static WorkflowStatus join(
      WorkflowStatus summary, Function<String, @Nullable ShardStatus> shards) {
    List<StreamStatus> streams = new ArrayList<>();
    for (String name : summary.shards()) {
      ShardStatus shard = shards.apply(name);
      if (shard != null) {
        streams.addAll(shard.streams());
      }
    }
    return summary.with(draft -> draft.streams = streams);
  }

  /**
   * As {@link #take(String, Message)}, of a record that may be on a topic where its key does not
   * count; it is passed over then.
   */
  public Optional<WorkflowKey> take(String topic, String key, @Nullable Message value) {
    return StatusKey.parse(key).isOf(topic) ? take(key, value) : Optional.empty();
  }

  /**
   * Takes the next record.
   *
   * @param value null for a tombstone
   * @return the workflow whose status is another one by it; empty when none is
   * @throws IllegalArgumentException when the key names no workflow, or the value is not what has
   *     such a key; nothing changes then
   */
  public Optional<WorkflowKey> take(String key, @Nullable Message value) {
    StatusKey parsed = StatusKey.parse(key);
    return parsed
        .shard()
        .map(shard -> takeShard(parsed.workflow(), shard, cast(key, value, ShardStatus.class)))
        .orElseGet(() -> takeSummary(parsed.workflow(), cast(key, value, WorkflowStatus.class)));
  }

  private static <T extends Message> @Nullable T cast(
      String key, @Nullable Message value, Class<T> type) {
    if (value != null && !type.isInstance(value)) {
      throw new IllegalArgumentException(
          "the value of %s is a %s and no %s"
              .formatted(key, value.getClass().getSimpleName(), type.getSimpleName()));
    }
    return type.cast(value);
  }

  private Optional<WorkflowKey> takeSummary(WorkflowKey key, @Nullable WorkflowStatus status) {
    lock.lock();
    try {
      Parts parts = workflows.computeIfAbsent(key, unused -> new Parts());
      parts.summary(status);
      forget(key, parts);
      return Optional.of(key);
    } finally {
      lock.unlock();
    }
  }

  private Optional<WorkflowKey> takeShard(
      WorkflowKey key, String name, @Nullable ShardStatus shard) {
    lock.lock();
    try {
      Parts parts = workflows.computeIfAbsent(key, unused -> new Parts());
      parts.shard(name, shard);
      forget(key, parts);
      return parts.counts(name) ? Optional.of(key) : Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  private void forget(WorkflowKey key, Parts parts) {
    if (parts.isEmpty()) {
      workflows.remove(key);
    }
  }

  /** The status of a workflow with its streams; empty when there is none. */
  public Optional<WorkflowStatus> get(WorkflowKey key) {
    lock.lock();
    try {
      Parts parts = workflows.get(key);
      return parts == null ? Optional.empty() : Optional.ofNullable(parts.status());
    } finally {
      lock.unlock();
    }
  }

  /** The statuses of all workflows, sorted by key. */
  public NavigableMap<WorkflowKey, WorkflowStatus> all() {
    lock.lock();
    try {
      NavigableMap<WorkflowKey, WorkflowStatus> all = new TreeMap<>();
      workflows.forEach((key, parts) -> {
        WorkflowStatus status = parts.status();
        if (status != null) {
          all.put(key, status);
        }
      });
      return all;
    } finally {
      lock.unlock();
    }
  }
}
