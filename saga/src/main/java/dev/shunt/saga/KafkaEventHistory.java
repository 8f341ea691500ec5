package dev.shunt.saga;

import dev.shunt.schemas.Event;
import dev.shunt.schemas.Message;
import dev.shunt.schemas.MessageHeaders;
import dev.shunt.schemas.UndecodableException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.Deserializer;

/**
 * Reads back what the runs of a command published. Events of a workflow stand in the partition of
 * its tasks, for both topics have the same number of partitions and the same keys.
 *
 * <p>Runs write without transactions: what was acknowledged to them is final, also where the
 * transaction of another process that died is still open before it. So this reads to the end of the
 * log, and leaves out what admission publishes, which is transactional and carries no fence, or,
 * where it ends a command, the highest one: its transaction may be aborted yet, and if not, the
 * tombstone of the task ends the run.
 */
public final class KafkaEventHistory implements EventHistory {
  /** How far clocks of producers may differ. */
  private static final Duration CLOCK_SKEW = Duration.ofMinutes(10);

  private static final Duration POLL = Duration.ofMillis(100);

  private final String topic;
  private final Supplier<Consumer<String, byte[]>> consumers;
  private final Deserializer<Message> deserializer;

  /**
   * Reads a topic by consumers of its own, which are made when they are needed.
   *
   * @param topic topic of the events
   * @param consumers makes consumers of uncommitted records without a group
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
    UndecodableException unreadable = null;
    try (Consumer<String, byte[]> consumer = consumers.get()) {
      consumer.assign(List.of(partition));
      long end =
          Objects.requireNonNull(
              consumer.endOffsets(List.of(partition)).get(partition),
              () -> "Kafka has not told where " + partition + " ends");
      seek(consumer, partition, task, end);
      while (consumer.position(partition) < end) {
        for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
          if (task.key().toString().equals(record.key())) {
            try {
              eventOf(record, task).ifPresent(events::add);
            } catch (UndecodableException e) {
              unreadable = named(record, e);
            }
          }
        }
      }
    }
    if (unreadable != null) {
      throw new UnreadableEventException(
          "can't tell what was done: " + unreadable.getMessage(), events, unreadable);
    }
    return events;
  }

  private static void seek(
      Consumer<String, byte[]> consumer, TopicPartition partition, Task task, long end) {
    long from = Math.max(0, task.timestamp() - CLOCK_SKEW.toMillis());
    Map<TopicPartition, OffsetAndTimestamp> found =
        consumer.offsetsForTimes(Map.of(partition, from));
    OffsetAndTimestamp offset = found.get(partition);
    consumer.seek(partition, offset == null ? end : offset.offset());
  }

  private static UndecodableException named(
      ConsumerRecord<String, byte[]> record, UndecodableException e) {
    return new UndecodableException(
        e.kind(),
        "the event at %s-%d offset %d is unreadable: %s"
            .formatted(record.topic(), record.partition(), record.offset(), e.getMessage()),
        e);
  }

  /**
   * The event if a run of the task published it.
   *
   * @throws UndecodableException when it can't be read and may be that: what runs publish names
   *     their command in a header, and what anybody else has put here is no part of it
   */
  private Optional<Event> eventOf(ConsumerRecord<String, byte[]> record, Task task) {
    if (record.value() == null) {
      return Optional.empty();
    }
    try {
      Message message = deserializer.deserialize(topic, record.headers(), record.value());
      return message instanceof Event event
              && event.header().commandId().equals(task.commandId())
              && event.header().fence() > 0
              && event.header().fence() < Long.MAX_VALUE
          ? Optional.of(event)
          : Optional.empty();
    } catch (UndecodableException e) {
      if (names(record, task)) {
        throw e;
      }
      return Optional.empty();
    }
  }

  private static boolean names(ConsumerRecord<String, byte[]> record, Task task) {
    Header command = record.headers().lastHeader(MessageHeaders.COMMAND_ID);
    return command != null
        && Arrays.equals(command.value(), task.commandId().getBytes(StandardCharsets.UTF_8));
  }
}
