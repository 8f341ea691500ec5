package dev.shunt.client;

import dev.shunt.schemas.Event;
import dev.shunt.schemas.MessageDeserializer;
import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.StatusKey;
import dev.shunt.schemas.StreamBatch;
import dev.shunt.schemas.StreamEvent;
import dev.shunt.schemas.StreamHead;
import dev.shunt.schemas.StreamHeadReader;
import dev.shunt.schemas.StreamId;
import dev.shunt.schemas.StreamStatus;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.UndecodableException;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.schemas.registry.SchemaRegistry;
import dev.shunt.workflow.lifecycle.Evolver;
import dev.shunt.workflow.lifecycle.FoldedStreams;
import dev.shunt.workflow.lifecycle.SplitStatus;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Folds the logs anew, from their first record, and compares the result with the state that is
 * live, record by record. What tablets report of their streams is kept for a week: a stream that
 * last changed before that is missing from the fold.
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
  private final MessageDeserializer deserializer;
  private final StatusRecords records;

  /**
   * @param connection stays the giver's to close
   */
  public StateReplay(Connection connection) {
    this.log = new AuditLog(connection);
    this.registry = connection.registry();
    this.deserializer = connection.deserializer();
    this.records =
        new StatusRecords(new MessageSerializer(connection.registry()), connection.deserializer());
  }

  /**
   * The state at a moment. As in the live fold, records in a partition of another workflow do not
   * count.
   *
   * @param until only what happened then or before counts; null for all until now
   * @throws UndecodableException when a record can't be read
   */
  public Fold fold(@Nullable Instant until) {
    return folded(until).joined();
  }

  /** As {@link Fold}, in the parts that are on the topic. */
  private record Folded(long events, long streamEvents, Map<WorkflowKey, SplitStatus> states) {
    private Fold joined() {
      Map<WorkflowKey, WorkflowStatus> workflows = new TreeMap<>();
      states.forEach((key, state) -> {
        WorkflowStatus status = state.joined();
        if (status != null) {
          workflows.put(key, status);
        }
      });
      return new Fold(events, streamEvents, workflows);
    }
  }

  private Folded folded(@Nullable Instant until) {
    Map<WorkflowKey, SplitStatus> states = new TreeMap<>();
    long events = 0;
    long reports = 0;
    int partitions = log.partitions();
    for (Events some : log.readPartitions(Topics.EVENTS, () -> new Events(partitions, until))) {
      events += some.count;
      states.putAll(some.states);
    }
    for (Reports some : log.readPartitions(Topics.STREAMS, () -> new Reports(partitions, until))) {
      reports += some.count;
      some.last.forEach((key, last) -> fold(states, key, last.byStream().values()));
    }
    return new Folded(events, reports, states);
  }

  /** Folds the events of workflows that lie in some partitions. */
  private final class Events implements Consumer<ConsumerRecord<byte[], byte[]>> {
    private final int partitions;
    private final AuditQuery query;
    private final Map<WorkflowKey, SplitStatus> states = new HashMap<>();
    private long count;

    Events(int partitions, @Nullable Instant until) {
      this.partitions = partitions;
      this.query = new AuditQuery(null, null, null, until);
    }

    @Override
    public void accept(ConsumerRecord<byte[], byte[]> record) {
      Event event = log.decode(record);
      WorkflowKey key = WorkflowKey.of(event.header());
      if (query.matches(event) && record.partition() == key.partition(partitions)) {
        count++;
        SplitStatus state = states.getOrDefault(key, SplitStatus.NONE);
        put(states, key, state.withSummary(Evolver.evolve(state.summary(), event)));
      }
    }
  }

  /**
   * The last reports of a workflow's streams.
   *
   * @param partition where those that count lie
   */
  private record Last(int partition, SequencedMap<StreamId, byte[]> byStream) {}

  /**
   * Finds the last report of each stream in some partitions, which is all that counts: so no other
   * is read whole.
   */
  private final class Reports implements Consumer<ConsumerRecord<byte[], byte[]>> {
    private final int partitions;
    private final @Nullable Instant until;
    private final StreamHeadReader heads = new StreamHeadReader(registry);
    private final Map<WorkflowKey, Last> last = new HashMap<>();
    private long count;

    Reports(int partitions, @Nullable Instant until) {
      this.partitions = partitions;
      this.until = until;
    }

    @Override
    public void accept(ConsumerRecord<byte[], byte[]> record) {
      StreamHead head = record.value() == null ? null : heads.read(record.value());
      if (head == null || (until != null && head.at() > until.toEpochMilli())) {
        return;
      }
      WorkflowKey key = WorkflowKey.of(head);
      Last reports = last.get(key);
      if (reports == null) {
        int proper = key.partition(partitions);
        if (record.partition() != proper) {
          return;
        }
        reports = new Last(proper, new LinkedHashMap<>());
        last.put(key, reports);
      }
      if (record.partition() == reports.partition()) {
        count++;
        reports.byStream().putLast(head.stream(), record.value());
      }
    }
  }

  private void fold(
      Map<WorkflowKey, SplitStatus> states, WorkflowKey key, Collection<byte[]> reports) {
    FoldedStreams streams =
        FoldedStreams.none(key.keyspace(), key.workflow()).with(batch(key, reports));
    WorkflowStatus summary = states.getOrDefault(key, SplitStatus.NONE).summary();
    put(states, key, new SplitStatus(Evolver.evolve(summary, streams.summary()), streams.shards()));
  }

  private StreamBatch batch(WorkflowKey key, Collection<byte[]> reports) {
    List<StreamStatus> reported = new ArrayList<>();
    List<StreamId> removed = new ArrayList<>();
    for (byte[] report : reports) {
      StreamBatch one = StreamBatch.of((StreamEvent) deserializer.decode(report));
      reported.addAll(one.reported());
      removed.addAll(one.removed());
    }
    return new StreamBatch(key.keyspace(), key.workflow(), reported, removed);
  }

  /**
   * Folds everything and compares it with what is live. While something goes on, the live state may
   * be a moment behind its logs or before the fold: compare again then.
   */
  public Comparison compare() {
    Folded folded = folded(null);
    folded.states().keySet().removeIf(key -> !isNameable(key));
    Map<WorkflowKey, SortedMap<String, byte[]>> live = live();
    TreeSet<WorkflowKey> keys = new TreeSet<>(folded.states().keySet());
    keys.addAll(live.keySet());
    List<Difference> differences = new ArrayList<>();
    for (WorkflowKey key : keys) {
      SplitStatus expected = folded.states().getOrDefault(key, SplitStatus.NONE);
      SortedMap<String, byte[]> written = live.getOrDefault(key, new TreeMap<>());
      if (!records.areOf(written, key, expected)) {
        differences.add(new Difference(key, expected.joined(), records.joined(written, key)));
      }
    }
    return new Comparison(folded.joined(), List.copyOf(differences));
  }

  private static void put(
      Map<WorkflowKey, SplitStatus> states, WorkflowKey key, SplitStatus status) {
    if (status.summary() == null) {
      states.remove(key);
    } else {
      states.put(key, status);
    }
  }

  private static boolean isNameable(WorkflowKey key) {
    return !key.keyspace().isEmpty() && !key.workflow().isEmpty();
  }

  /** The last record of each key that names a workflow. */
  private Map<WorkflowKey, SortedMap<String, byte[]>> live() {
    Map<WorkflowKey, SortedMap<String, byte[]>> live = new TreeMap<>();
    for (String topic : List.of(Topics.WORKFLOWS, Topics.SHARDS)) {
      for (Live some : log.readPartitions(topic, Live::new)) {
        some.last.forEach(
            (key, records) -> live.computeIfAbsent(key, unused -> new TreeMap<>()).putAll(records));
      }
    }
    live.values().removeIf(Map::isEmpty);
    return live;
  }

  private static final class Live implements Consumer<ConsumerRecord<byte[], byte[]>> {
    private final Map<WorkflowKey, SortedMap<String, byte[]>> last = new HashMap<>();

    @Override
    public void accept(ConsumerRecord<byte[], byte[]> record) {
      String text = new String(record.key(), StandardCharsets.UTF_8);
      StatusKey parsed;
      try {
        parsed = StatusKey.parse(text);
      } catch (IllegalArgumentException _) {
        return; // nobody can name it
      }
      if (!parsed.isOf(record.topic())) {
        return;
      }
      WorkflowKey key = parsed.workflow();
      SortedMap<String, byte[]> records = last.computeIfAbsent(key, unused -> new TreeMap<>());
      if (record.value() == null) {
        records.remove(text);
      } else {
        records.put(text, record.value());
      }
    }
  }

  @Override
  public void close() {
    log.close();
  }
}
