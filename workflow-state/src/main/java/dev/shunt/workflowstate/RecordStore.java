package dev.shunt.workflowstate;

import dev.shunt.schemas.Message;
import dev.shunt.schemas.MessageDeserializer;
import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.StatusKey;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Records in a state store of Kafka Streams. Those that were used last are also kept as they are
 * when read, so that a workflow in which much happens is not read again each time. For one task:
 * nothing else may write to the store, and each time that the store is opened another of these is
 * made.
 */
final class RecordStore {
  private final KeyValueStore<String, byte[]> store;
  private final MessageSerializer serializer;
  private final MessageDeserializer deserializer;
  private final long mostBytes;
  private final SequencedMap<String, Read> read = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  /**
   * @param mostBytes of records that are kept as they are when read, in the size that they have in
   *     the store
   */
  RecordStore(
      KeyValueStore<String, byte[]> store,
      MessageSerializer serializer,
      MessageDeserializer deserializer,
      long mostBytes) {
    this.store = store;
    this.serializer = serializer;
    this.deserializer = deserializer;
    this.mostBytes = mostBytes;
  }

  private record Read(Message record, int bytes) {}

  /**
   * A record; null when there is none.
   *
   * @throws IllegalStateException when it is of another type
   */
  <T extends Message> @Nullable T get(StatusKey key, Class<T> type) {
    String name = key.toString();
    Read kept = read.get(name);
    Message record = kept == null ? load(name) : kept.record();
    if (record == null) {
      return null;
    }
    if (type.isInstance(record)) {
      return type.cast(record);
    }
    throw new IllegalStateException(
        "the store has a %s at %s".formatted(record.getClass().getName(), key));
  }

  private @Nullable Message load(String name) {
    byte[] value = store.get(name);
    if (value == null) {
      return null;
    }
    Message record = deserializer.decode(value);
    keep(name, record, value.length);
    return record;
  }

  /**
   * Puts a record in place of the one before, or removes that one.
   *
   * @param topic on which the record is published as well
   * @return the record in bytes; null when it is removed
   */
  byte @Nullable [] put(StatusKey key, @Nullable Message record, String topic) {
    String name = key.toString();
    byte[] value = serializer.serialize(topic, record);
    store.put(name, value);
    forget(name);
    if (record != null && value != null) {
      keep(name, record, value.length);
    }
    return value;
  }

  private void forget(String name) {
    Read before = read.remove(name);
    bytes -= before == null ? 0 : before.bytes();
  }

  private void keep(String name, Message record, int size) {
    read.put(name, new Read(record, size));
    bytes += size;
    while (bytes > mostBytes) {
      Map.Entry<String, Read> eldest = read.pollFirstEntry();
      bytes -= eldest.getValue().bytes();
    }
  }
}
