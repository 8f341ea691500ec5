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
    long[] events = {0};
    int partitions = log.partitions();
    AuditQuery query = new AuditQuery(null, null, null, until);
    log.readPartitions(
        Topics.EVENTS,
        record -> {
          Event event = log.decode(record);
          if (query.matches(event)
              && record.partition() == WorkflowKey.of(event.header()).partition(partitions)) {
            events[0]++;
            evolve(states, event);
          }
        });
    return new Folded(events[0], foldReports(states, partitions, until), states);
  }

  /**
   * The last reports of a workflow's streams.
   *
   * @param partition where those that count lie
   */
  private record Reports(int partition, SequencedMap<StreamId, byte[]> last) {}

  /** The last report of each stream is all that counts, so no other is read whole. */
  private long foldReports(
      Map<WorkflowKey, SplitStatus> states, int partitions, @Nullable Instant until) {
    StreamHeadReader heads = new StreamHeadReader(registry);
    Map<WorkflowKey, Reports> all = new HashMap<>();
    long[] count = {0};
    log.readPartitions(
        Topics.STREAMS,
        record -> {
          StreamHead head = record.value() == null ? null : heads.read(record.value());
          if (head == null || (until != null && head.at() > until.toEpochMilli())) {
            return;
          }
          Reports reports =
              all.computeIfAbsent(
                  WorkflowKey.of(head),
                  key -> new Reports(key.partition(partitions), new LinkedHashMap<>()));
          if (record.partition() == reports.partition()) {
            count[0]++;
            reports.last().putLast(head.stream(), record.value());
          }
        });
    all.forEach((key, reports) ->
        put(
            states,
            key,
            Evolver.evolve(
                states.getOrDefault(key, SplitStatus.NONE), batch(key, reports.last().values()))));
    return count[0];
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
   * Folds everything and compares it with shunt.workflows. While something goes on, the live state
   * may be a moment behind its logs or before the fold: compare again then.
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

  private static void evolve(Map<WorkflowKey, SplitStatus> states, Event event) {
    WorkflowKey key = WorkflowKey.of(event.header());
    SplitStatus state = states.getOrDefault(key, SplitStatus.NONE);
    put(states, key, state.withSummary(Evolver.evolve(state.summary(), event)));
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
    log.readPartitions(
        Topics.WORKFLOWS,
        record -> {
          String text = new String(record.key(), StandardCharsets.UTF_8);
          WorkflowKey key;
          try {
            key = StatusKey.parse(text).workflow();
          } catch (IllegalArgumentException _) {
            return; // nobody can name it
          }
          SortedMap<String, byte[]> last = live.computeIfAbsent(key, unused -> new TreeMap<>());
          if (record.value() == null) {
            last.remove(text);
          } else {
            last.put(text, record.value());
          }
        });
    live.values().removeIf(Map::isEmpty);
    return live;
  }

  @Override
  public void close() {
    log.close();
  }
}
