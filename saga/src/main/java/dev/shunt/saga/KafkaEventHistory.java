package dev.shunt.saga;

import dev.shunt.schemas.Event;
import dev.shunt.schemas.Message;
import dev.shunt.schemas.UndecodableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads back what a command caused. Events of a workflow stand in the partition of its tasks, for
 * both topics have the same number of partitions and the same keys.
 */
public final class KafkaEventHistory implements EventHistory {
  /** How far clocks of producers may differ. */
  private static final Duration CLOCK_SKEW = Duration.ofMinutes(10);

  private static final Duration POLL = Duration.ofMillis(100);

  private final String topic;
  private final Supplier<Consumer<String, byte[]>> consumers;
  private final Deserializer<Message> deserializer;

  /**
   * Wires it.
   *
   * @param topic topic of the events
   * @param consumers makes consumers of committed records without a group
   * @param deserializer reads the values
   */
  public KafkaEventHistory(
      String topic,
      Supplier<Consumer<String, byte[]>> consumers,
      Deserializer<Message> deserializer) {
    this.topic = topic;
    this.consumers = consumers;
    this.deserializer = deserializer;
  }

  @Override
  public List<Event> of(Task task) {
    TopicPartition partition = new TopicPartition(topic, task.partition());
    List<Event> events = new ArrayList<>();
    try (Consumer<String, byte[]> consumer = consumers.get()) {
      consumer.assign(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).get(partition);
      seek(consumer, partition, task);
      while (consumer.position(partition) < end) {
        for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
          Event event = event(record);
          if (event != null && event.header().commandId().equals(task.commandId())) {
            events.add(event);
          }
        }
      }
    }
    return events;
  }

  private static void seek(Consumer<String, byte[]> consumer, TopicPartition partition, Task task) {
    long from = Math.max(0, task.timestamp() - CLOCK_SKEW.toMillis());
    Map<TopicPartition, OffsetAndTimestamp> found =
        consumer.offsetsForTimes(Map.of(partition, from));
    OffsetAndTimestamp offset = found.get(partition);
    if (offset == null) {
      consumer.seekToEnd(List.of(partition));
    } else {
      consumer.seek(partition, offset.offset());
    }
  }

  private @Nullable Event event(ConsumerRecord<String, byte[]> record) {
    if (record.value() == null) {
      return null;
    }
    try {
      return deserializer.deserialize(topic, record.headers(), record.value())
              instanceof Event event
          ? event
          : null;
    } catch (UndecodableException e) {
      return null;
    }
  }
}
