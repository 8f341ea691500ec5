package dev.shunt.workflowstate;

import dev.shunt.schemas.MessageDeserializer;
import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.StatusKey;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.workflow.lifecycle.SplitStatus;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * The summary of the status of each workflow; what is written goes to the status topic as well. The
 * streams are kept elsewhere ({@link StreamStore}). A version before kept them in the same record:
 * that is read without them, and written so with the next record of the workflow.
 */
final class StatusStore {
  /** Those of a partition. */
  private static final long MOST_READ = 1024L * 1024;

  /** Where records go that others are to see. */
  @FunctionalInterface
  interface Published {
    void record(StatusKey key, byte @Nullable [] value);
  }

  private final KeyValueStore<String, byte[]> store;
  private final RecordStore records;
  private final Published published;

  StatusStore(
      KeyValueStore<String, byte[]> store,
      MessageSerializer serializer,
      MessageDeserializer deserializer,
      Published published) {
    this.store = store;
    this.records = new RecordStore(store, serializer, deserializer, MOST_READ);
    this.published = published;
  }

  /** The summary of a workflow; null when nothing is known of it. */
  @Nullable WorkflowStatus get(WorkflowKey key) {
    WorkflowStatus status = records.get(StatusKey.of(key), WorkflowStatus.class);
    return status == null || status.streams().isEmpty() ? status : SplitStatus.of(status).summary();
  }

  /** Whether readers have streams from this record that are older than those of the shards. */
  boolean hasStreams(WorkflowKey key) {
    WorkflowStatus status = records.get(StatusKey.of(key), WorkflowStatus.class);
    return status != null && !status.streams().isEmpty();
  }

  /** Writes a summary, or a tombstone where nothing is left of it. */
  void put(WorkflowKey key, @Nullable WorkflowStatus status) {
    StatusKey name = StatusKey.of(key);
    published.record(name, records.put(name, status, Topics.WORKFLOWS));
  }

  /** Publishes the record of a workflow once more, as it is kept. */
  void publish(WorkflowKey key) {
    StatusKey name = StatusKey.of(key);
    published.record(name, store.get(name.toString()));
  }
}
