package dev.shunt.workflowstate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shunt.embedded.KafkaBroker;
import dev.shunt.schemas.Command;
import dev.shunt.schemas.CommandAdmitted;
import dev.shunt.schemas.CommandDuplicate;
import dev.shunt.schemas.CommandRefused;
import dev.shunt.schemas.Message;
import dev.shunt.schemas.MessageDeserializer;
import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.Phase;
import dev.shunt.schemas.StatusJoiner;
import dev.shunt.schemas.StatusKey;
import dev.shunt.schemas.TopicCreator;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.schemas.registry.SchemaRegistry;
import dev.shunt.time.Time;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Admission on a real broker: killed, restarted, fed with garbage, replayed. */
class WorkflowStateIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int WORKFLOWS = 60;
  private static final List<String> SHARDS = List.of("-40", "40-80", "80-");

  private final SchemaRegistry registry = FixedRegistry.create();
  private final MessageSerializer serializer = new MessageSerializer(registry);
  private final MessageDeserializer deserializer = new MessageDeserializer(registry);

  private final Queue<Future<RecordMetadata>> sent = new ConcurrentLinkedQueue<>();

  @TempDir Path directory;
  private KafkaBroker broker;
  private KafkaProducer<String, byte[]> producer;
  private FakeCopyService copyService;

  @BeforeEach
  void startBroker() {
    broker = KafkaBroker.start(directory.resolve("kafka"), 0);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
      TopicCreator.createMissing(admin, 1, Topics.PARTITIONS, Topics.all());
    }
    producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", broker.bootstrapServers()),
            new StringSerializer(),
            new ByteArraySerializer());
    copyService = new FakeCopyService();
  }

  @AfterEach
  void stopBroker() throws InterruptedException {
    copyService.stop();
    producer.close();
    broker.close();
  }

  @Test
  void actsOnceOnEachCommandThoughItIsKilledAndReplaysToTheSameBytes() throws Exception {
    Path killed = Files.createDirectories(directory.resolve("killed"));
    Process process = WorkflowStateProcess.start(broker.bootstrapServers(), killed);
    try (TopicReader events = reader(Topics.EVENTS)) {
      send(0, WORKFLOWS / 2);
      await().atMost(PATIENCE).until(() -> admitted(events).size() >= 5);
      process.destroyForcibly().waitFor();
      send(WORKFLOWS / 2, WORKFLOWS);

      WorkflowStateConfig config =
          WorkflowStateProcess.config(broker.bootstrapServers(), directory.resolve("next"));
      try (WorkflowStateService service = new WorkflowStateService(config, registry)) {
        service.start();
        streamsAreReported();
        garbageIsFed();

        for (Future<RecordMetadata> future : sent) {
          future.get();
        }
        await().atMost(PATIENCE).until(() -> duplicates(events).size() >= WORKFLOWS);
        assertEachCommandActedOnce(events);
        assertReplayIsEqual();
      }
    } finally {
      process.destroyForcibly();
    }
  }

  private void assertEachCommandActedOnce(TopicReader events) {
    List<String> ids = IntStream.range(0, WORKFLOWS).mapToObj(i -> "create-" + i).toList();
    assertThat(admitted(events)).containsExactlyInAnyOrderElementsOf(ids);
    assertThat(duplicates(events)).containsExactlyInAnyOrderElementsOf(ids);
    assertThat(of(events, CommandRefused.class)).hasSize(1);
    try (TopicReader tasks = reader(Topics.TASKS_COPY);
        TopicReader workflows = reader(Topics.WORKFLOWS);
        TopicReader rejected = reader(Topics.REJECTED)) {
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> {
            assertThat(phases(workflows)).containsExactly(Map.entry(Phase.ACTIVE, WORKFLOWS));
            assertThat(tasks.last()).as("every task has ended").isEmpty();
            assertThat(rejected.all()).hasSize(2);
          });
      assertThat(tasks.all().stream().filter(record -> record.value() != null).map(this::commandId))
          .containsExactlyInAnyOrderElementsOf(ids);
    }
  }

  private void assertReplayIsEqual() {
    try (TopicReader live = reader(Topics.WORKFLOWS, Topics.SHARDS)) {
      await()
          .atMost(PATIENCE)
          .untilAsserted(() ->
              assertThat(statuses(live))
                  .hasSize(WORKFLOWS)
                  .allSatisfy(status ->
                      assertThat(status.streams())
                          .hasSize(SHARDS.size())
                          .allSatisfy(s -> assertThat(s.rowsCopied()).isEqualTo(3))));
      new WorkflowReplay(
              WorkflowStateProcess.config(broker.bootstrapServers(), directory).kafka(),
              registry,
              Time.system())
          .replayInto("replayed", PATIENCE);

      try (TopicReader replayed = reader("replayed")) {
        await()
            .atMost(PATIENCE)
            .untilAsserted(
                () -> assertThat(replayed.last()).hasSize((1 + SHARDS.size()) * WORKFLOWS));
        Map<String, byte[]> expected = live.last();
        replayed
            .last()
            .forEach((key, value) -> assertThat(value).as(key).isEqualTo(expected.get(key)));
        assertRecordsOfAWorkflowShareItsPartition(live);
        assertRecordsOfAWorkflowShareItsPartition(replayed);
      }
    }
  }

  private static void assertRecordsOfAWorkflowShareItsPartition(TopicReader statuses) {
    assertThat(statuses.all())
        .allSatisfy(record ->
            assertThat(record.partition())
                .as(record.key())
                .isEqualTo(StatusKey.parse(record.key()).workflow().partition(Topics.PARTITIONS)));
  }

  /** Each command twice, and one that is refused. */
  private void send(int from, int to) {
    for (int i = from; i < to; i++) {
      Command create = Records.create(key(i), "create-" + i);
      send(Topics.COMMANDS, key(i), create);
      send(Topics.COMMANDS, key(i), create);
    }
    if (from == 0) {
      WorkflowKey unknown = new WorkflowKey("customer", "unknown");
      send(Topics.COMMANDS, unknown, Records.delete(unknown, "delete", null));
    }
    producer.flush();
  }

  private void streamsAreReported() {
    for (int rows = 1; rows <= 3; rows++) {
      for (int i = 0; i < WORKFLOWS; i++) {
        for (String shard : SHARDS) {
          send(Topics.STREAMS, key(i), Records.reported(key(i), shard, "Copying", rows));
        }
      }
    }
  }

  private void garbageIsFed() {
    byte[] garbage = "garbage".getBytes(StandardCharsets.UTF_8);
    send(new ProducerRecord<>(Topics.COMMANDS, key(0).toString(), garbage));
    send(new ProducerRecord<>(Topics.COMMANDS, key(1).toString(), null));
  }

  private static WorkflowKey key(int i) {
    return new WorkflowKey("customer", "w" + i);
  }

  private void send(String topic, WorkflowKey key, Message message) {
    send(new ProducerRecord<>(topic, key.toString(), serializer.serialize(topic, message)));
  }

  private void send(ProducerRecord<String, byte[]> record) {
    sent.add(producer.send(record));
  }

  private TopicReader reader(String... topics) {
    return new TopicReader(broker.bootstrapServers(), topics);
  }

  private List<String> admitted(TopicReader events) {
    return of(events, CommandAdmitted.class).stream().map(e -> e.header().commandId()).toList();
  }

  private List<String> duplicates(TopicReader events) {
    return of(events, CommandDuplicate.class).stream().map(e -> e.header().commandId()).toList();
  }

  private <T extends Message> List<T> of(TopicReader events, Class<T> type) {
    return events.all().stream()
        .map(record -> deserializer.decode(record.value()))
        .filter(type::isInstance)
        .map(type::cast)
        .toList();
  }

  private Map<Phase, Integer> phases(TopicReader workflows) {
    Map<Phase, Integer> phases = new HashMap<>();
    statuses(workflows).forEach(status -> phases.merge(status.phase(), 1, Integer::sum));
    return phases;
  }

  private Collection<WorkflowStatus> statuses(TopicReader workflows) {
    StatusJoiner joiner = new StatusJoiner();
    workflows.last().forEach((key, value) -> joiner.take(key, deserializer.decode(value)));
    return joiner.all().values();
  }

  private String commandId(ConsumerRecord<String, byte[]> record) {
    return ((Command) deserializer.decode(record.value())).header().commandId();
  }

  /** Carries every task out at once. */
  private final class FakeCopyService {
    private final Thread thread = Thread.ofVirtual().name("copy").start(this::run);
    private volatile boolean closing;

    private void run() {
      try (TopicReader tasks = reader(Topics.TASKS_COPY)) {
        while (!closing) {
          for (ConsumerRecord<String, byte[]> record : new ArrayList<>(tasks.more())) {
            if (record.value() != null) {
              WorkflowKey key = WorkflowKey.parse(record.key());
              send(Topics.EVENTS, key, Records.created(key, commandId(record)));
              send(Topics.EVENTS, key, Records.succeeded(key, commandId(record)));
            }
          }
        }
      }
    }

    void stop() throws InterruptedException {
      closing = true;
      thread.join(Duration.ofSeconds(10));
    }
  }
}
