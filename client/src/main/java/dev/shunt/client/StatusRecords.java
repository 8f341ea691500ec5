package dev.shunt.client;

import dev.shunt.schemas.Message;
import dev.shunt.schemas.MessageDeserializer;
import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.StatusJoiner;
import dev.shunt.schemas.StatusKey;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.UndecodableException;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.workflow.lifecycle.SplitStatus;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Compares the records of a workflow on shunt.workflows with what a status comes to. */
final class StatusRecords {
  private final MessageSerializer serializer;
  private final MessageDeserializer deserializer;

  StatusRecords(MessageSerializer serializer, MessageDeserializer deserializer) {
    this.serializer = serializer;
    this.deserializer = deserializer;
  }

  /**
   * Whether these are the records of a status, byte for byte. Those of versions before are compared
   * as this version would write them.
   *
   * @param written the records of the workflow by their keys
   */
  boolean areOf(SortedMap<String, byte[]> written, WorkflowKey key, SplitStatus status) {
    Map<String, byte[]> expected = of(key, status);
    return equal(expected, written)
        || (written.values().stream().anyMatch(this::isOld)
            && equal(expected, of(key, SplitStatus.of(joined(written)))));
  }

  /** Whether it was written before the schema grew, or before streams had records of their own. */
  private boolean isOld(byte[] record) {
    Message message = read(record);
    return message != null
        && (schemaId(record) != schemaId(bytes(message))
            || (message instanceof WorkflowStatus status && !status.streams().isEmpty()));
  }

  private static int schemaId(byte[] bytes) {
    return ByteBuffer.wrap(bytes).getInt(1);
  }

  private Map<String, byte[]> of(WorkflowKey key, SplitStatus status) {
    Map<String, byte[]> records = new TreeMap<>();
    WorkflowStatus summary = status.summary();
    if (summary != null) {
      records.put(StatusKey.of(key).toString(), bytes(summary));
    }
    status
        .shards()
        .forEach((name, shard) -> records.put(StatusKey.of(key, name).toString(), bytes(shard)));
    return records;
  }

  private byte[] bytes(Message message) {
    return Objects.requireNonNull(serializer.serialize(Topics.WORKFLOWS, message));
  }

  private static boolean equal(Map<String, byte[]> some, Map<String, byte[]> others) {
    return some.keySet().equals(others.keySet())
        && some.entrySet().stream()
            .allMatch(one -> Arrays.equals(one.getValue(), others.get(one.getKey())));
  }

  /** What those of the records of a workflow that can be read come to; null when to nothing. */
  @Nullable WorkflowStatus joined(SortedMap<String, byte[]> written) {
    StatusJoiner joiner = new StatusJoiner();
    WorkflowStatus status = null;
    // The summary has the first key: one with streams in it would take the place of others.
    for (Map.Entry<String, byte[]> record : written.entrySet()) {
      Message message = read(record.getValue());
      try {
        Optional<WorkflowKey> changed =
            message == null ? Optional.empty() : joiner.take(record.getKey(), message);
        status = changed.flatMap(joiner::get).orElse(status);
      } catch (IllegalArgumentException _) {
        // Not what has such a key: it counts for nothing.
      }
    }
    return status;
  }

  private @Nullable Message read(byte[] record) {
    try {
      return deserializer.decode(record);
    } catch (UndecodableException e) {
      return null;
    }
  }
}
