package dev.shunt.saga;

import dev.shunt.schemas.MessageDeserializer;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.schemas.registry.SchemaRegistry;
import dev.shunt.service.KafkaSettings;
import io.grpc.Status;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Reads the newest states from {@code shunt.workflows}, to its end at the time of the call. */
public final class KafkaStatuses implements Statuses {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration LONGEST = Duration.ofSeconds(30);

  private final KafkaSettings kafka;
  private final MessageDeserializer deserializer;

  /** Reads from this Kafka; the registry stays the caller's. */
  public KafkaStatuses(KafkaSettings kafka, SchemaRegistry registry) {
    this.kafka = kafka;
    this.deserializer = new MessageDeserializer(registry);
  }

  @Override
  public Map<WorkflowKey, WorkflowStatus> of(Set<WorkflowKey> keys) {
    Map<TopicPartition, Long> ends = endsOfLog();
    Map<WorkflowKey, byte[]> newest = new HashMap<>();
    try (Consumer<String, byte[]> consumer = consumer(kafka.consumer())) {
      consumer.assign(ends.keySet());
      consumer.seekToBeginning(ends.keySet());
      long started = System.nanoTime();
      while (!ends.entrySet().stream()
          .allMatch(end -> consumer.position(end.getKey()) >= end.getValue())) {
        if (System.nanoTime() - started > LONGEST.toNanos()) {
          throw new FailedException(
              Status.Code.UNAVAILABLE,
              ("the states of workflows can't be read to the end of %s within %d s: a transaction may"
                      + " be open there, or Kafka is slow; send the command again")
                  .formatted(Topics.WORKFLOWS, LONGEST.toSeconds()));
        }
        for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
          keep(newest, keys, record);
        }
      }
    }
    Map<WorkflowKey, WorkflowStatus> statuses = new HashMap<>();
    newest.forEach((key, value) -> statuses.put(key, status(value)));
    return statuses;
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
  private Map<TopicPartition, Long> endsOfLog() {
    try (Consumer<String, byte[]> consumer = consumer(kafka.uncommittedConsumer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(Topics.WORKFLOWS).stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      return consumer.endOffsets(partitions);
    }
  }

  private static Consumer<String, byte[]> consumer(Map<String, Object> properties) {
    return new KafkaConsumer<>(properties, new StringDeserializer(), new ByteArrayDeserializer());
  }

  /** One that can't be read is an error: nobody knows what it says. */
  private WorkflowStatus status(byte[] value) {
    if (deserializer.decode(value) instanceof WorkflowStatus status) {
      return status;
    }
    throw new IllegalStateException("a record of " + Topics.WORKFLOWS + " is no status");
  }
}
