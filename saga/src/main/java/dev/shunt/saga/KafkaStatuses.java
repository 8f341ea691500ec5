package dev.shunt.saga;

import dev.shunt.schemas.MessageDeserializer;
import dev.shunt.schemas.StatusKey;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.schemas.registry.RegistryException;
import dev.shunt.schemas.registry.SchemaRegistry;
import dev.shunt.service.Durations;
import dev.shunt.service.KafkaSettings;
import dev.shunt.time.Time;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the newest states from {@code shunt.workflows}, to its end at the time of the call; they
 * are without streams, and of the partitions only those are read of the workflows that are looked
 * for, so that a transaction left open on another one stands in nobody's way. However many things
 * don't answer, it ends when nothing has come for the time that it has, or after ten times as long,
 * and says once what it waits for.
 */
public final class KafkaStatuses implements Statuses {
  private static final Logger log = LoggerFactory.getLogger(KafkaStatuses.class);

  private static final Duration POLL = Duration.ofMillis(100);

  private static final Duration CLOSE = Duration.ofSeconds(1);

  /** How long it takes before it is said what is waited for. */
  private static final Duration UNREPORTED = Duration.ofSeconds(3);

  /** How long nothing may come. */
  private static final Duration LONGEST = Duration.ofSeconds(30);

  private static final int LONGEST_IN_ALL = 10;

  private final KafkaSettings kafka;
  private final MessageDeserializer deserializer;
  private final Duration longest;
  private final Time time;

  /** Reads from this Kafka; the registry stays the caller's. */
  public KafkaStatuses(KafkaSettings kafka, SchemaRegistry registry, Time time) {
    this(kafka, registry, LONGEST, time);
  }

  /**
   * As {@link #KafkaStatuses(KafkaSettings, SchemaRegistry, Time)}.
   *
   * @param longest for how long nothing may come
   */
  KafkaStatuses(KafkaSettings kafka, SchemaRegistry registry, Duration longest, Time time) {
    this.kafka = kafka;
    this.deserializer = new MessageDeserializer(registry);
    this.longest = longest;
    this.time = time;
  }

  @Override
  public Map<WorkflowKey, WorkflowStatus> of(Set<WorkflowKey> keys) {
    return of(keys, awaited -> {});
  }

  @Override
  public Map<WorkflowKey, WorkflowStatus> of(Set<WorkflowKey> keys, Consumer<String> waiting) {
    try {
      Map<WorkflowKey, WorkflowStatus> statuses = new HashMap<>();
      newest(keys, waiting).forEach((key, value) -> statuses.put(key, status(value)));
      return statuses;
    } catch (InterruptException e) {
      throw e;
    } catch (KafkaException | RegistryException e) {
      throw unreadable(Failures.message(e), e);
    }
  }

  private static FailedException unreadable(String reason, @Nullable Exception cause) {
    return FailedException.waitedFor(
        "the states of workflows can't be read from %s: %s".formatted(Topics.WORKFLOWS, reason),
        cause);
  }

  private Map<WorkflowKey, byte[]> newest(Set<WorkflowKey> keys, Consumer<String> waiting) {
    long started = time.nanoTime();
    Map<TopicPartition, Long> ends = endsOfLog(keys, started);
    Map<String, WorkflowKey> names = new HashMap<>();
    keys.forEach(key -> names.put(StatusKey.of(key).toString(), key));
    Map<WorkflowKey, byte[]> newest = new HashMap<>();
    boolean reported = false;
    long progressed = started;
    long least = Long.MAX_VALUE;
    try (Reading reading = open(kafka.reader())) {
      KafkaConsumer<String, byte[]> consumer = reading.consumer();
      consumer.assign(ends.keySet());
      consumer.seekToBeginning(ends.keySet());
      for (long missing = missing(consumer, ends, started);
          missing > 0;
          missing = missing(consumer, ends, started)) {
        if (missing < least && left(started, LONGEST_IN_ALL).isPositive()) {
          least = missing;
          progressed = time.nanoTime();
        }
        if (left(progressed).isZero()) {
          throw unreadable(
              "its end is not reached and nothing has come for %s: a transaction may be open there,"
                      .formatted(Durations.text(longest))
                  + " or Kafka is slow",
              null);
        }
        if (!reported && time.nanoTime() - started > UNREPORTED.toNanos()) {
          reported = true;
          report(waiting);
        }
        for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
          keep(newest, names, record);
        }
      }
    }
    return newest;
  }

  /** How many records, at most, are to come. */
  private long missing(
      KafkaConsumer<String, byte[]> consumer, Map<TopicPartition, Long> ends, long started) {
    long missing = 0;
    for (Map.Entry<TopicPartition, Long> end : ends.entrySet()) {
      Duration left = left(started);
      long position = consumer.position(end.getKey(), left.isZero() ? POLL : left);
      missing += Math.max(0, end.getValue() - position);
    }
    return missing;
  }

  private static void keep(
      Map<WorkflowKey, byte[]> newest,
      Map<String, WorkflowKey> names,
      ConsumerRecord<String, byte[]> record) {
    WorkflowKey key = names.get(record.key());
    if (key != null && record.value() == null) {
      newest.remove(key);
    } else if (key != null) {
      newest.put(key, record.value());
    }
  }

  /**
   * The ends of the log, also behind a transaction that somebody left open: a consumer of committed
   * records would take the start of that one for the end, though what counts may stand behind it.
   */
  private Map<TopicPartition, Long> endsOfLog(Set<WorkflowKey> keys, long started) {
    try (Reading reading = open(kafka.uncommittedReader())) {
      KafkaConsumer<String, byte[]> consumer = reading.consumer();
      int partitions = consumer.partitionsFor(Topics.WORKFLOWS, left(started)).size();
      if (partitions == 0) {
        throw unreadable("there is no such topic", null);
      }
      Set<TopicPartition> read = new HashSet<>();
      keys.forEach(
          key -> read.add(new TopicPartition(Topics.WORKFLOWS, key.partition(partitions))));
      return consumer.endOffsets(read, left(started));
    }
  }

  private void report(Consumer<String> waiting) {
    String awaited =
        ("the states of workflows are read from %s, whose end is not reached yet: a transaction may"
                + " be open there, or Kafka is slow; while nothing comes it is waited for up to %s")
            .formatted(Topics.WORKFLOWS, Durations.text(longest));
    log.atWarn().addKeyValue("topic", Topics.WORKFLOWS).log(awaited);
    waiting.accept(awaited);
  }

  /** What is left of the time in which something has to come. */
  private Duration left(long started) {
    return left(started, 1);
  }

  private Duration left(long started, int times) {
    Duration left = longest.multipliedBy(times).minusNanos(time.nanoTime() - started);
    return left.isNegative() ? Duration.ZERO : left;
  }

  /** A consumer that is closed without waiting for a broker. */
  private record Reading(KafkaConsumer<String, byte[]> consumer) implements AutoCloseable {
    @Override
    public void close() {
      consumer.close(CloseOptions.timeout(CLOSE));
    }
  }

  private static Reading open(Map<String, Object> properties) {
    return new Reading(
        new KafkaConsumer<>(properties, new StringDeserializer(), new ByteArrayDeserializer()));
  }

  /** One that can't be read is an error: nobody knows what it says. */
  private WorkflowStatus status(byte[] value) {
    if (deserializer.decode(value) instanceof WorkflowStatus status) {
      // Versions before wrote the streams into it.
      return status.with(draft -> draft.streams = List.of());
    }
    throw unreadable("a record there is no status", null);
  }
}
