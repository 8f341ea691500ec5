package dev.shunt.saga;

import dev.shunt.schemas.MessageDeserializer;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.schemas.registry.RegistryException;
import dev.shunt.schemas.registry.SchemaRegistry;
import dev.shunt.service.Durations;
import dev.shunt.service.KafkaSettings;
import io.grpc.Status;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the newest states from {@code shunt.workflows}, to its end at the time of the call; only
 * the partitions of the workflows that are looked for, so that a transaction left open on another
 * one stands in nobody's way.
 */
public final class KafkaStatuses implements Statuses {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration LONGEST = Duration.ofSeconds(30);

  private final KafkaSettings kafka;
  private final MessageDeserializer deserializer;
  private final Duration longest;

  /** Reads from this Kafka; the registry stays the caller's. */
  public KafkaStatuses(KafkaSettings kafka, SchemaRegistry registry) {
    this(kafka, registry, LONGEST);
  }

  /**
   * As {@link #KafkaStatuses(KafkaSettings, SchemaRegistry)}.
   *
   * @param longest how long a read may take
   */
  KafkaStatuses(KafkaSettings kafka, SchemaRegistry registry, Duration longest) {
    this.kafka = kafka;
    this.deserializer = new MessageDeserializer(registry);
    this.longest = longest;
  }

  @Override
  public Map<WorkflowKey, WorkflowStatus> of(Set<WorkflowKey> keys) {
    try {
      Map<WorkflowKey, WorkflowStatus> statuses = new HashMap<>();
      newest(keys).forEach((key, value) -> statuses.put(key, status(value)));
      return statuses;
    } catch (InterruptException e) {
      throw e;
    } catch (KafkaException | RegistryException e) {
      throw unreadable(Failures.message(e), e);
    }
  }

  private static FailedException unreadable(String reason, @Nullable Exception cause) {
    String message =
        "the states of workflows can't be read from %s: %s".formatted(Topics.WORKFLOWS, reason);
    return cause == null
        ? new FailedException(Status.Code.UNAVAILABLE, message)
        : new FailedException(Status.Code.UNAVAILABLE, message, cause);
  }

  private Map<WorkflowKey, byte[]> newest(Set<WorkflowKey> keys) {
    Map<TopicPartition, Long> ends = endsOfLog(keys);
    Map<WorkflowKey, byte[]> newest = new HashMap<>();
    try (Consumer<String, byte[]> consumer = consumer(kafka.reader())) {
      consumer.assign(ends.keySet());
      consumer.seekToBeginning(ends.keySet());
      long started = System.nanoTime();
      while (!ends.entrySet().stream()
          .allMatch(end -> consumer.position(end.getKey()) >= end.getValue())) {
        if (System.nanoTime() - started > longest.toNanos()) {
          throw unreadable(
              "its end is not reached within %s: a transaction may be open there, or Kafka is slow"
                  .formatted(Durations.text(longest)),
              null);
        }
        for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
          keep(newest, keys, record);
        }
      }
    }
    return newest;
  }

  private static void keep(
      Map<WorkflowKey, byte[]> newest,
      Set<WorkflowKey> keys,
      ConsumerRecord<String, byte[]> record) {
    for (WorkflowKey key : keys) {
      if (key.toString().equals(record.key())) {
        if (record.value() == null) {
          newest.remove(key);
        } else {
          newest.put(key, record.value());
        }
      }
    }
  }

  /**
   * The ends of the log, also behind a transaction that somebody left open: a consumer of committed
   * records would take the start of that one for the end, though what counts may stand behind it.
   */
  private Map<TopicPartition, Long> endsOfLog(Set<WorkflowKey> keys) {
    try (Consumer<String, byte[]> consumer = consumer(kafka.uncommittedReader())) {
      int partitions = consumer.partitionsFor(Topics.WORKFLOWS).size();
      if (partitions == 0) {
        throw unreadable("there is no such topic", null);
      }
      Set<TopicPartition> read = new HashSet<>();
      keys.forEach(
          key -> read.add(new TopicPartition(Topics.WORKFLOWS, key.partition(partitions))));
      return consumer.endOffsets(read);
    }
  }

  private Consumer<String, byte[]> consumer(Map<String, Object> properties) {
    properties.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) longest.toMillis());
    return new KafkaConsumer<>(properties, new StringDeserializer(), new ByteArrayDeserializer());
  }

  /** One that can't be read is an error: nobody knows what it says. */
  private WorkflowStatus status(byte[] value) {
    if (deserializer.decode(value) instanceof WorkflowStatus status) {
      return status;
    }
    throw unreadable("a record there is no status", null);
  }
}
