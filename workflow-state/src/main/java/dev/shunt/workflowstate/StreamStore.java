package dev.shunt.workflowstate;

import dev.shunt.schemas.MessageDeserializer;
import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.ShardStatus;
import dev.shunt.schemas.StatusKey;
import dev.shunt.schemas.StreamSummary;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.workflow.lifecycle.FoldedStreams;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The streams of each workflow: those into each target shard in a record, and a summary. What is
 * written is published as well.
 */
final class StreamStore {
  private static final Logger log = LoggerFactory.getLogger(StreamStore.class);

  /** Those of a partition; streams that report keep theirs here. */
  private static final long MOST_READ = 4L * 1024 * 1024;

  /** Where it goes that others are to see. */
  interface Published {
    /** The streams into a shard, as they are on their topic; null when none are left. */
    void shard(StatusKey key, byte @Nullable [] value);

    /** Always behind the shards that changed with it. */
    void summary(WorkflowKey key, StreamSummary summary);
  }

  private final RecordStore records;
  private final Published published;

  StreamStore(
      KeyValueStore<String, byte[]> store,
      MessageSerializer serializer,
      MessageDeserializer deserializer,
      Published published) {
    this.records = new RecordStore(store, serializer, deserializer, MOST_READ);
    this.published = published;
  }

  /** The streams of a workflow into some target shards. */
  FoldedStreams read(WorkflowKey key, Set<String> shards) {
    StreamSummary summary = records.get(StatusKey.of(key), StreamSummary.class);
    if (summary == null) {
      return FoldedStreams.none(key.keyspace(), key.workflow());
    }
    Map<String, ShardStatus> found = new TreeMap<>();
    for (String name : shards) {
      if (Collections.binarySearch(summary.shards(), name) >= 0) {
        ShardStatus shard = records.get(StatusKey.of(key, name), ShardStatus.class);
        if (shard == null) {
          log.atError()
              .addKeyValue("workflow", key)
              .addKeyValue("shard", name)
              .log("the streams of a shard are lost; they are known again once they are reported");
          shard = new ShardStatus(key.keyspace(), key.workflow(), name, List.of());
        }
        found.put(name, shard);
      }
    }
    return new FoldedStreams(summary, found);
  }

  /** Publishes what the summary of a workflow is to say, though it has not changed. */
  void publishSummary(WorkflowKey key, FoldedStreams streams) {
    published.summary(key, streams.summary());
  }

  /**
   * Writes what has changed.
   *
   * @return its bytes
   */
  long write(WorkflowKey key, FoldedStreams before, FoldedStreams after) {
    long bytes = 0;
    Set<String> shards = new TreeSet<>(before.shards().keySet());
    shards.addAll(after.shards().keySet());
    for (String name : shards) {
      ShardStatus now = after.shards().get(name);
      if (now == null || !now.equals(before.shards().get(name))) {
        StatusKey shard = StatusKey.of(key, name);
        byte[] value = records.put(shard, now, Topics.SHARDS);
        published.shard(shard, value);
        bytes += size(shard, value);
      }
    }
    StreamSummary summary = after.summary();
    if (!summary.equals(before.summary())) {
      StatusKey whole = StatusKey.of(key);
      byte[] value =
          records.put(whole, summary.shards().isEmpty() ? null : summary, Topics.STREAM_SUMMARIES);
      published.summary(key, summary);
      bytes += size(whole, value);
    }
    return bytes;
  }

  private static int size(StatusKey key, byte @Nullable [] value) {
    return key.toString().length() + (value == null ? 0 : value.length);
  }
}
