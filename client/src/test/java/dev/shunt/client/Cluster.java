package dev.shunt.client;

import dev.shunt.embedded.KafkaBroker;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.Message;
import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.TopicCreator;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.schemas.registry.InMemoryRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** A broker with the topics, and a producer that stands for the services. */
final class Cluster implements AutoCloseable {
  private final KafkaBroker broker;
  private final InMemoryRegistry registry = new InMemoryRegistry();
  private final MessageSerializer serializer = new MessageSerializer(registry);
  private final KafkaProducer<byte[], byte[]> producer;

  Cluster(Path folder) {
    broker = KafkaBroker.start(folder, 0);
    try (Admin admin = admin()) {
      TopicCreator.createMissing(admin, 1);
    }
    producer =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers",
                broker.bootstrapServers(),
                "transactional.id",
                "the-services",
                "linger.ms",
                0),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    producer.initTransactions();
  }

  Admin admin() {
    return Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
  }

  Connection connection() {
    return new Connection(Map.of("bootstrap.servers", broker.bootstrapServers()), registry);
  }

  /** Writes events in one transaction. */
  synchronized void tell(Event... events) {
    producer.beginTransaction();
    for (Event event : events) {
      send(Topics.EVENTS, WorkflowKey.of(event.header()).toString(), event);
    }
    producer.commitTransaction();
  }

  /** Writes events in a transaction that is aborted. */
  synchronized void tellAndAbort(Event... events) {
    producer.beginTransaction();
    for (Event event : events) {
      send(Topics.EVENTS, WorkflowKey.of(event.header()).toString(), event);
    }
    producer.flush();
    producer.abortTransaction();
  }

  synchronized void publish(WorkflowKey key, @Nullable WorkflowStatus status) {
    producer.beginTransaction();
    send(Topics.WORKFLOWS, key.toString(), status);
    producer.commitTransaction();
  }

  synchronized void garbage(String topic, String key) {
    producer.beginTransaction();
    var unused = producer.send(new ProducerRecord<>(topic, bytes(key), bytes("garbage")));
    producer.commitTransaction();
  }

  private void send(String topic, String key, @Nullable Message message) {
    var unused =
        producer.send(
            new ProducerRecord<>(topic, bytes(key), serializer.serialize(topic, message)));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    producer.close();
    broker.close();
  }
}
