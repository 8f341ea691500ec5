package dev.shunt.copy;

import dev.shunt.saga.Task;
import dev.shunt.schemas.MessageDeserializer;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.schemas.registry.SchemaRegistry;
import dev.shunt.service.KafkaSettings;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Reads the workflow's newest status from {@code shunt.workflows}. */
final class KafkaCreatedTables implements CreatedTables {
  private static final Duration POLL = Duration.ofMillis(100);

  private final KafkaSettings kafka;
  private final MessageDeserializer deserializer;

  KafkaCreatedTables(KafkaSettings kafka, SchemaRegistry registry) {
    this.kafka = kafka;
    this.deserializer = new MessageDeserializer(registry);
  }

  @Override
  public Optional<Set<String>> of(Task task) {
    TopicPartition partition = new TopicPartition(Topics.WORKFLOWS, task.partition());
    long end = endOfLog(partition);
    byte[] newest = null;
    try (Consumer<String, byte[]> consumer =
        new KafkaConsumer<>(
            kafka.consumer(), new StringDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      while (consumer.position(partition) < end) {
        for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
          if (task.key().toString().equals(record.key())) {
            newest = record.value();
          }
        }
      }
    }
    return newest == null ? Optional.empty() : tables(newest);
  }

  /**
   * The end of the log, also behind a transaction that somebody left open: a consumer of committed
   * records would take the start of that one for the end, though what counts may stand behind it.
   */
  private long endOfLog(TopicPartition partition) {
    try (Consumer<String, byte[]> consumer =
        new KafkaConsumer<>(
            kafka.uncommittedConsumer(), new StringDeserializer(), new ByteArrayDeserializer())) {
      return consumer.endOffsets(List.of(partition)).get(partition);
    }
  }

  /** A status that can't be read is an error: without it nobody knows what may be dropped. */
  private Optional<Set<String>> tables(byte[] status) {
    if (!(deserializer.decode(status) instanceof WorkflowStatus workflow)) {
      throw new IllegalStateException("a record of " + Topics.WORKFLOWS + " is no status");
    }
    return workflow.createdAt() > 0
        ? Optional.of(new TreeSet<>(workflow.createdTables()))
        : Optional.empty();
  }
}
