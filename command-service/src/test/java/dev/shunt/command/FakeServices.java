package dev.shunt.command;

import dev.shunt.schemas.Command;
import dev.shunt.schemas.CommandAdmitted;
import dev.shunt.schemas.CommandDuplicate;
import dev.shunt.schemas.CommandRefused;
import dev.shunt.schemas.CommandSucceeded;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.EventHeader;
import dev.shunt.schemas.Message;
import dev.shunt.schemas.MessageDeserializer;
import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.Outcome;
import dev.shunt.schemas.OutcomeKind;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.WorkflowDelete;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.schemas.registry.HttpRegistryClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Stands for all other services: every command succeeds and its workflow shows the outcome, except
 * WorkflowDelete, which is refused. Those of workflow {@code slow} wait until they are released. A
 * command that comes again is told how its first ended.
 */
final class FakeServices implements AutoCloseable {
  private final HttpRegistryClient registry;
  private final MessageDeserializer deserializer;
  private final KafkaConsumer<String, byte[]> consumer;
  private final KafkaProducer<String, Message> producer;
  private final Thread thread;
  private final CountDownLatch release = new CountDownLatch(1);

  /** Commands that came, each once. */
  final Set<String> came = ConcurrentHashMap.newKeySet();

  FakeServices(String bootstrapServers, String registryUrl) {
    registry = new HttpRegistryClient(registryUrl);
    deserializer = new MessageDeserializer(registry);
    consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", bootstrapServers),
            new StringDeserializer(),
            new ByteArrayDeserializer());
    producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", bootstrapServers, "linger.ms", 0),
            new StringSerializer(),
            new MessageSerializer(registry));
    List<TopicPartition> partitions =
        consumer.partitionsFor(Topics.COMMANDS).stream()
            .map(one -> new TopicPartition(one.topic(), one.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    thread = Thread.ofPlatform().name("fake-services").start(this::serve);
  }

  private void serve() {
    try {
      while (true) {
        consumer
            .poll(Duration.ofSeconds(1))
            .forEach(record -> {
              if (deserializer.decode(record.value()) instanceof Command command) {
                carryOut(command);
              }
            });
      }
    } catch (WakeupException e) {
      consumer.close();
    }
  }

  /** Lets the commands of workflow {@code slow} end. */
  void release() {
    release.countDown();
  }

  private void carryOut(Command command) {
    String type = command.getClass().getSimpleName();
    EventHeader header =
        new EventHeader(
            command.header().keyspace(),
            command.header().workflow(),
            command.header().commandId(),
            System.currentTimeMillis(),
            "fake",
            0);
    if (!came.add(command.header().commandId())) {
      boolean refused = command instanceof WorkflowDelete;
      publish(
          new CommandDuplicate(
              header, type, "ann", refused ? OutcomeKind.REFUSED : OutcomeKind.SUCCEEDED));
      return;
    }
    if (command.header().workflow().equals("slow")) {
      try {
        release.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
    if (command instanceof WorkflowDelete) {
      publish(
          new CommandRefused(
              header, type, "ann", "", "FAILED_PRECONDITION", "writes are switched"));
      return;
    }
    publish(new CommandAdmitted(header, type, "switch", "ann", "", false));
    publish(
        new CommandSucceeded(
            header, type, type + " was successful", List.of(), Map.of("start_state", "before"), 5));
    WorkflowStatus status =
        Statuses.withOutcome(
            Statuses.status(
                List.of(
                    Statuses.stream("Running", "", System.currentTimeMillis() / 1000, List.of())),
                List.of(),
                null),
            new Outcome(header.commandId(), type, OutcomeKind.SUCCEEDED, "OK", "", header.at()));
    send(Topics.WORKFLOWS, WorkflowKey.of(header), status);
  }

  private void publish(Event event) {
    send(Topics.EVENTS, WorkflowKey.of(event.header()), event);
  }

  private void send(String topic, WorkflowKey key, Message message) {
    var unused = producer.send(new ProducerRecord<>(topic, key.toString(), message));
  }

  @Override
  public void close() {
    consumer.wakeup();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    producer.close();
    registry.close();
  }
}
