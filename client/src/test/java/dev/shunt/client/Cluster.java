package dev.shunt.client;

import static org.awaitility.Awaitility.await;

import dev.shunt.embedded.KafkaBroker;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.Message;
import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.StatusKey;
import dev.shunt.schemas.StreamEvent;
import dev.shunt.schemas.TopicCreator;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.schemas.registry.InMemoryRegistry;
import dev.shunt.workflow.lifecycle.SplitStatus;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** A broker with the topics, and a producer that stands for the services. */
final class Cluster implements AutoCloseable {
  private final KafkaBroker broker;
  private final InMemoryRegistry registry = new InMemoryRegistry();
  private final MessageSerializer serializer = new MessageSerializer(registry);
  private final Admin admin;
  private final KafkaProducer<byte[], byte[]> producer;

  Cluster(Path folder) {
    broker = KafkaBroker.start(folder, 0);
    admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
    TopicCreator.createMissing(admin, 1, Topics.EMBEDDED_PARTITIONS, Topics.all());
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

  Connection connection() {
    return new Connection(Map.of("bootstrap.servers", broker.bootstrapServers()), registry);
  }

  /** Writes events in one transaction, and returns when all can see them. */
  synchronized void publish(Event... events) {
    commit(() ->
        Stream.of(events)
            .map(event -> send(Topics.EVENTS, WorkflowKey.of(event.header()), event))
            .toList());
  }

  /** Writes events in a transaction that is aborted. */
  synchronized void tellAndAbort(Event... events) {
    producer.beginTransaction();
    for (Event event : events) {
      var unused = send(Topics.EVENTS, WorkflowKey.of(event.header()), event);
    }
    producer.flush();
    producer.abortTransaction();
  }

  synchronized void report(StreamEvent event) {
    commit(() -> List.of(send(Topics.STREAMS, WorkflowKey.of(event), event)));
  }

  synchronized void publish(WorkflowKey key, @Nullable WorkflowStatus status) {
    commit(() -> List.of(send(Topics.WORKFLOWS, key, status)));
  }

  /** Writes the records of a status as workflow-state does, each into the workflow's partition. */
  synchronized void publishParts(WorkflowKey key, SplitStatus status) {
    int partition = key.partition(Topics.EMBEDDED_PARTITIONS);
    commit(() ->
        Stream.concat(
                status.shards().values().stream()
                    .map(shard -> send(partition, StatusKey.of(key, shard.shard()), shard)),
                Stream.of(send(partition, StatusKey.of(key), status.summary())))
            .toList());
  }

  private Future<RecordMetadata> send(int partition, StatusKey key, @Nullable Message message) {
    return producer.send(
        new ProducerRecord<>(
            key.shard().isPresent() ? Topics.SHARDS : Topics.WORKFLOWS,
            partition,
            bytes(key.toString()),
            serializer.serialize(Topics.WORKFLOWS, message)));
  }

  synchronized void garbage(String topic, WorkflowKey key) {
    commit(() ->
        List.of(
            producer.send(new ProducerRecord<>(topic, bytes(key.toString()), bytes("garbage")))));
  }

  /** Somebody's deletion of whatever has the key. */
  synchronized void tombstone(String topic, WorkflowKey key) {
    commit(() -> List.of(producer.send(new ProducerRecord<>(topic, bytes(key.toString()), null))));
  }

  private void commit(Supplier<List<Future<RecordMetadata>>> sends) {
    producer.beginTransaction();
    List<Future<RecordMetadata>> sent = sends.get();
    producer.commitTransaction();
    sent.forEach(one -> awaitVisible(one.resultNow()));
  }

  /** A commit returns before the readers of committed records see it. */
  private void awaitVisible(RecordMetadata record) {
    TopicPartition partition = new TopicPartition(record.topic(), record.partition());
    await()
        .pollInterval(Duration.ofMillis(2))
        .until(() ->
            Offsets.committedEnds(admin, List.of(partition)).get(partition) > record.offset());
  }

  private Future<RecordMetadata> send(String topic, WorkflowKey key, @Nullable Message message) {
    return producer.send(
        new ProducerRecord<>(topic, bytes(key.toString()), serializer.serialize(topic, message)));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    producer.close();
    admin.close();
    broker.close();
  }
}
