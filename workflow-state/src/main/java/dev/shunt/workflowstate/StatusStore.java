package dev.shunt.workflowstate;

import dev.shunt.schemas.Message;
import dev.shunt.schemas.MessageDeserializer;
import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/** The state of each workflow, in the same bytes as on the status topic. */
final class StatusStore {
  private final KeyValueStore<String, byte[]> store;
  private final MessageSerializer serializer;
  private final MessageDeserializer deserializer;

  StatusStore(
      KeyValueStore<String, byte[]> store,
      MessageSerializer serializer,
      MessageDeserializer deserializer) {
    this.store = store;
    this.serializer = serializer;
    this.deserializer = deserializer;
  }

  @Nullable WorkflowStatus get(WorkflowKey key) {
    byte[] bytes = bytes(key);
    if (bytes == null) {
      return null;
    }
    Message message = deserializer.decode(bytes);
    if (message instanceof WorkflowStatus status) {
      return status;
    }
    throw new IllegalStateException("the status store holds a " + message.getClass().getName());
  }

  byte @Nullable [] bytes(WorkflowKey key) {
    return store.get(key.toString());
  }

  /** Keeps a state, null for none, and returns its bytes. */
  byte @Nullable [] put(WorkflowKey key, @Nullable WorkflowStatus status) {
    byte[] bytes = serializer.serialize(Topics.WORKFLOWS, status);
    store.put(key.toString(), bytes);
    return bytes;
  }
}
