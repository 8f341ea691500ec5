package dev.shunt.workflowstate;

import dev.shunt.schemas.Message;
import dev.shunt.schemas.MessageDeserializer;
import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.ShardStatus;
import dev.shunt.schemas.StatusKey;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.workflow.lifecycle.SplitStatus;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The status of each workflow, in the records, keys and bytes of the status topic; what is written
 * goes to both. A version before kept all streams in the record of the workflow: it is read as it
 * is, and split when the status changes next.
 */
final class StatusStore {
  /** Where records go that others are to see. */
  @FunctionalInterface
  interface Published {
    void record(StatusKey key, byte @Nullable [] value);
  }

  private static final Logger log = LoggerFactory.getLogger(StatusStore.class);

  private final KeyValueStore<String, byte[]> store;
  private final MessageSerializer serializer;
  private final MessageDeserializer deserializer;
  private final Published published;

  StatusStore(
      KeyValueStore<String, byte[]> store,
      MessageSerializer serializer,
      MessageDeserializer deserializer,
      Published published) {
    this.store = store;
    this.serializer = serializer;
    this.deserializer = deserializer;
    this.published = published;
  }

  /**
   * What was read of a workflow.
   *
   * @param status its summary, and those shards that were asked for
   * @param whole whether it is kept in one record, as versions before did; then all shards are
   *     there
   */
  record Kept(SplitStatus status, boolean whole) {}

  /** The summary of a workflow, null for none: what commands and events need. */
  @Nullable WorkflowStatus summary(WorkflowKey key) {
    return read(key, Set.of()).status().summary();
  }

  /** The summary of a workflow, and of some target shards those that have streams. */
  Kept read(WorkflowKey key, Set<String> shards) {
    WorkflowStatus status = get(StatusKey.of(key), WorkflowStatus.class);
    if (status == null || !status.streams().isEmpty()) {
      return new Kept(SplitStatus.of(status), status != null);
    }
    Map<String, ShardStatus> found = new TreeMap<>();
    for (String name : shards) {
      // Others that are in the store were left by a version before that knew of none.
      if (Collections.binarySearch(status.shards(), name) >= 0) {
        ShardStatus shard = get(StatusKey.of(key, name), ShardStatus.class);
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
    return new Kept(new SplitStatus(status, found), false);
  }

  private <T extends Message> @Nullable T get(StatusKey key, Class<T> type) {
    byte[] bytes = store.get(key.toString());
    if (bytes == null) {
      return null;
    }
    Message message = deserializer.decode(bytes);
    if (type.isInstance(message)) {
      return type.cast(message);
    }
    throw new IllegalStateException(
        "the status store has a %s at %s".formatted(message.getClass().getName(), key));
  }

  /**
   * Writes the records that have changed, the summary last: so whoever reads them in their order
   * has the streams that a summary names.
   *
   * @return their bytes
   */
  long write(WorkflowKey key, Kept before, SplitStatus after) {
    if (after.equals(before.status())) {
      return 0;
    }
    long bytes = 0;
    Set<String> shards = new TreeSet<>(before.status().shards().keySet());
    shards.addAll(after.shards().keySet());
    for (String name : shards) {
      ShardStatus was = before.whole() ? null : before.status().shards().get(name);
      ShardStatus now = after.shards().get(name);
      if (!Objects.equals(now, was)) {
        bytes += put(StatusKey.of(key, name), now);
      }
    }
    if (before.whole() || !Objects.equals(after.summary(), before.status().summary())) {
      bytes += put(StatusKey.of(key), after.summary());
    }
    return bytes;
  }

  private long put(StatusKey key, @Nullable Message record) {
    byte[] bytes = serializer.serialize(Topics.WORKFLOWS, record);
    store.put(key.toString(), bytes);
    published.record(key, bytes);
    return bytes == null ? 0 : bytes.length;
  }

  /** Publishes the record of a workflow once more, as it is kept. */
  void publish(WorkflowKey key) {
    StatusKey summary = StatusKey.of(key);
    published.record(summary, store.get(summary.toString()));
  }
}
