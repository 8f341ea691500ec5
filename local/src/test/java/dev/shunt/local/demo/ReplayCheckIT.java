package dev.shunt.local.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.client.Connection;
import dev.shunt.client.WorkflowTable;
import dev.shunt.embedded.KafkaBroker;
import dev.shunt.schemas.CommandAdmitted;
import dev.shunt.schemas.CommandSucceeded;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.EventHeader;
import dev.shunt.schemas.Message;
import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.TopicCreator;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.schemas.registry.InMemoryRegistry;
import dev.shunt.workflow.lifecycle.Evolver;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayCheckIT {
  private static final WorkflowKey KEY = new WorkflowKey("customer", "shop");
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final List<Event> EVENTS =
      List.of(
          new CommandAdmitted(header(1000), "WorkflowDelete", "copy", "ann", "", false),
          succeeded("deleted"));

  private final InMemoryRegistry registry = new InMemoryRegistry();
  private final MessageSerializer serializer = new MessageSerializer(registry);
  private KafkaBroker broker;
  private KafkaProducer<byte[], byte[]> producer;

  @BeforeEach
  void startKafka(@TempDir Path folder) {
    broker = KafkaBroker.start(folder, 0);
    Map<String, Object> kafka = Map.of("bootstrap.servers", broker.bootstrapServers());
    try (Admin admin = Admin.create(kafka)) {
      TopicCreator.createMissing(admin, 1, Topics.EMBEDDED_PARTITIONS, Topics.all());
    }
    producer = new KafkaProducer<>(kafka, new ByteArraySerializer(), new ByteArraySerializer());
    EVENTS.forEach(event -> write(Topics.EVENTS, event));
  }

  @AfterEach
  void stopKafka() {
    producer.close();
    broker.close();
  }

  @Test
  void waitsForALiveStateThatIsBehindTheAuditLog() {
    write(Topics.WORKFLOWS, state(EVENTS.subList(0, 1)));
    CompletableFuture<Void> later =
        CompletableFuture.runAsync(
            () -> write(Topics.WORKFLOWS, state(EVENTS)),
            CompletableFuture.delayedExecutor(2, TimeUnit.SECONDS));

    assertThat(check(PATIENCE)).isEqualTo(new ReplayCheck(2, true));
    later.join();
  }

  @Test
  void tellsALiveStateThatDiffers() {
    write(Topics.WORKFLOWS, state(List.of(EVENTS.getFirst(), succeeded("something else"))));

    assertThat(check(PATIENCE)).isEqualTo(new ReplayCheck(2, false));
  }

  @Test
  void tellsALiveStateThatStaysBehind() {
    write(Topics.WORKFLOWS, state(EVENTS.subList(0, 1)));

    assertThat(check(Duration.ofSeconds(1))).isEqualTo(new ReplayCheck(2, false));
  }

  private ReplayCheck check(Duration patience) {
    try (Connection connection =
            new Connection(Map.of("bootstrap.servers", broker.bootstrapServers()), registry);
        WorkflowTable live = new WorkflowTable(connection)) {
      live.start(PATIENCE);
      return ReplayCheck.of(connection, live, patience);
    }
  }

  private void write(String topic, Message message) {
    var unused =
        producer.send(
            new ProducerRecord<>(
                topic,
                KEY.toString().getBytes(StandardCharsets.UTF_8),
                serializer.serialize(topic, message)));
    producer.flush();
  }

  private static WorkflowStatus state(List<Event> events) {
    WorkflowStatus status = null;
    for (Event event : events) {
      status = Evolver.evolve(status, event);
    }
    return Objects.requireNonNull(status);
  }

  private static Event succeeded(String summary) {
    return new CommandSucceeded(header(2000), "WorkflowDelete", summary, List.of(), Map.of(), 1000);
  }

  private static EventHeader header(long at) {
    return new EventHeader(KEY.keyspace(), KEY.workflow(), "a-command", at, "copy-1", 1);
  }
}
