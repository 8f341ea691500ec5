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

/** Compares the records of the status of a workflow with what a status comes to. */
final class StatusRecords {
  private final MessageSerializer serializer;
  private final MessageDeserializer deserializer;

  StatusRecords(MessageSerializer serializer, MessageDeserializer deserializer) {
    this.serializer = serializer;
    this.deserializer = deserializer;
  }

  /**
   * Whether these are the records of a status, byte for byte. Those of versions before are compared
   * as this version would write them; those of shards that the summary does not name do not count.
   *
   * @param all the records of the workflow by their keys
   */
  boolean areOf(SortedMap<String, byte[]> all, WorkflowKey key, SplitStatus status) {
    Map<String, byte[]> expected = of(key, status);
    if (equal(expected, all)) {
      return true; // as nearly all are: nothing has to be decoded
    }
    SortedMap<String, byte[]> written = counted(all, key);
    return equal(expected, written)
        || (written.values().stream().anyMatch(this::isOld)
            && equal(expected, of(key, SplitStatus.of(joined(written, key)))));
  }

  /** Without the shards that a version left which knew of none. */
  private SortedMap<String, byte[]> counted(SortedMap<String, byte[]> all, WorkflowKey key) {
    byte[] record = all.get(StatusKey.of(key).toString());
    if (record == null || !(read(record) instanceof WorkflowStatus summary)) {
      return all;
    }
    SortedMap<String, byte[]> counted = new TreeMap<>();
    counted.put(StatusKey.of(key).toString(), record);
    for (String shard : summary.shards()) {
      String name = StatusKey.of(key, shard).toString();
      byte[] streams = all.get(name);
      if (streams != null) {
        counted.put(name, streams);
      }
    }
    return counted;
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
  @Nullable WorkflowStatus joined(SortedMap<String, byte[]> all, WorkflowKey key) {
    SortedMap<String, byte[]> written = counted(all, key);
    StatusJoiner joiner = new StatusJoiner();
    WorkflowStatus status = null;
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
