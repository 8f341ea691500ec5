package dev.shunt.client;

import dev.shunt.schemas.Event;
import dev.shunt.schemas.Message;
import dev.shunt.schemas.MessageDeserializer;
import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.StreamEvent;
import dev.shunt.schemas.StreamHead;
import dev.shunt.schemas.StreamHeadReader;
import dev.shunt.schemas.StreamId;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.UndecodableException;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.schemas.registry.SchemaRegistry;
import dev.shunt.workflow.lifecycle.Evolver;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Folds the logs anew, from their first record, and compares the result with the state that is
 * live. What tablets report of their streams is kept for a week: a stream that last changed before
 * that is missing from the fold.
 */
public final class StateReplay implements AutoCloseable {
  /**
   * The state of all workflows, folded.
   *
   * @param events how many events went into it
   * @param streamEvents how many stream reports went into it
   * @param workflows the states by key
   */
  public record Fold(long events, long streamEvents, Map<WorkflowKey, WorkflowStatus> workflows) {}

  /**
   * A workflow whose folded state isn't the live one.
   *
   * @param key the workflow
   * @param folded its folded state; null when the logs know of none
   * @param live its live state; null when there is none, or none that can be read
   */
  public record Difference(
      WorkflowKey key, @Nullable WorkflowStatus folded, @Nullable WorkflowStatus live) {}

  /**
   * What a comparison found.
   *
   * @param fold the folded state
   * @param differences none when all are equal, byte for byte
   */
  public record Comparison(Fold fold, List<Difference> differences) {
    public boolean equal() {
      return differences.isEmpty();
    }
  }

  private final AuditLog log;
  private final SchemaRegistry registry;
  private final MessageSerializer serializer;
  private final MessageDeserializer deserializer;

  /**
   * @param connection stays the giver's to close
   */
  public StateReplay(Connection connection) {
    this.log = new AuditLog(connection);
    this.registry = connection.registry();
    this.serializer = new MessageSerializer(connection.registry());
    this.deserializer = connection.deserializer();
  }

  /**
   * The state at a moment. As in the live fold, records in a partition of another workflow do not
   * count.
   *
   * @param until only what happened then or before counts; null for all until now
   * @throws UndecodableException when a record can't be read
   */
  public Fold fold(@Nullable Instant until) {
    Map<WorkflowKey, WorkflowStatus> states = new TreeMap<>();
    long[] events = {0};
    int partitions = log.partitions();
    log.replay(
        new AuditQuery(null, null, null, until),
        record -> {
          WorkflowKey key = WorkflowKey.of(record.event().header());
          if (record.partition() == key.partition(partitions)) {
            events[0]++;
            evolve(states, record.event());
          }
        });
    return new Fold(events[0], foldReports(states, partitions, until), states);
  }

  /** The last report of each stream is all that counts, so no other is read whole. */
  private long foldReports(
      Map<WorkflowKey, WorkflowStatus> states, int partitions, @Nullable Instant until) {
    StreamHeadReader heads = new StreamHeadReader(registry);
    Map<WorkflowKey, SequencedMap<StreamId, byte[]>> reports = new HashMap<>();
    Map<WorkflowKey, Integer> proper = new HashMap<>();
    long[] count = {0};
    log.read(
        Topics.STREAMS,
        record -> {
          StreamHead head = record.value() == null ? null : heads.read(record.value());
          if (head == null || (until != null && head.at() > until.toEpochMilli())) {
            return;
          }
          WorkflowKey key = WorkflowKey.of(head);
          if (record.partition()
              == proper.computeIfAbsent(key, unused -> key.partition(partitions))) {
            count[0]++;
            reports
                .computeIfAbsent(key, unused -> new LinkedHashMap<>())
                .putLast(head.stream(), record.value());
          }
        });
    reports
        .values()
        .forEach(streams -> streams.values().forEach(report -> evolve(states, read(report))));
    return count[0];
  }

  private StreamEvent read(byte[] report) {
    return (StreamEvent) deserializer.decode(report);
  }

  /**
   * Folds everything and compares it with shunt.workflows. While something goes on, the live state
   * may be a moment behind its logs or before the fold: compare again then.
   */
  public Comparison compare() {
    Fold fold = fold(null);
    Map<WorkflowKey, byte[]> live = live();
    TreeSet<WorkflowKey> keys = new TreeSet<>(fold.workflows().keySet());
    keys.addAll(live.keySet());
    List<Difference> differences = new ArrayList<>();
    for (WorkflowKey key : keys) {
      WorkflowStatus folded = fold.workflows().get(key);
      byte @Nullable [] bytes = live.get(key);
      if (!same(folded, bytes)) {
        differences.add(new Difference(key, folded, status(bytes)));
      }
    }
    return new Comparison(fold, List.copyOf(differences));
  }

  private static void evolve(Map<WorkflowKey, WorkflowStatus> states, Event event) {
    WorkflowKey key = WorkflowKey.of(event.header());
    put(states, key, Evolver.evolve(states.get(key), event));
  }

  private static void evolve(Map<WorkflowKey, WorkflowStatus> states, StreamEvent event) {
    WorkflowKey key = WorkflowKey.of(event);
    put(states, key, Evolver.evolve(states.get(key), event));
  }

  private static void put(
      Map<WorkflowKey, WorkflowStatus> states, WorkflowKey key, @Nullable WorkflowStatus status) {
    if (status == null) {
      states.remove(key);
    } else {
      states.put(key, status);
    }
  }

  private Map<WorkflowKey, byte[]> live() {
    Map<WorkflowKey, byte[]> live = new TreeMap<>();
    log.read(Topics.WORKFLOWS, record -> take(live, record));
    return live;
  }

  private static void take(Map<WorkflowKey, byte[]> live, ConsumerRecord<byte[], byte[]> record) {
    WorkflowKey key = WorkflowKey.parse(new String(record.key(), StandardCharsets.UTF_8));
    if (record.value() == null) {
      live.remove(key);
    } else {
      live.put(key, record.value());
    }
  }

  private boolean same(@Nullable WorkflowStatus folded, byte @Nullable [] live) {
    if (folded == null || live == null) {
      return folded == null && live == null;
    }
    byte[] expected = serializer.serialize(Topics.WORKFLOWS, folded);
    if (Arrays.equals(expected, live)) {
      return true;
    }
    // Written before the schema grew: compare in the schema of today.
    WorkflowStatus status = schemaId(live) == schemaId(expected) ? null : status(live);
    return status != null
        && Arrays.equals(expected, serializer.serialize(Topics.WORKFLOWS, status));
  }

  private static int schemaId(byte @Nullable [] bytes) {
    return bytes == null || bytes.length < 5 ? -1 : ByteBuffer.wrap(bytes).getInt(1);
  }

  private @Nullable WorkflowStatus status(byte @Nullable [] bytes) {
    try {
      Message message = deserializer.deserialize(Topics.WORKFLOWS, bytes);
      return message instanceof WorkflowStatus status ? status : null;
    } catch (UndecodableException e) {
      return null;
    }
  }

  @Override
  public void close() {
    log.close();
  }
}
