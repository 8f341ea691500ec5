package dev.shunt.workflowstate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.shunt.embedded.KafkaBroker;
import dev.shunt.schemas.CommandAdmitted;
import dev.shunt.schemas.Message;
import dev.shunt.schemas.MessageDeserializer;
import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.TopicCreator;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.registry.SchemaRegistry;
import dev.shunt.schemas.setup.SetupRefusedException;
import dev.shunt.service.KafkaSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The way to another number of partitions, as deploy/README.md has it. */
class StartOverIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Topics that are to be deleted. */
  private static final List<String> PATTERNS = List.of("shunt\\..*", "shunt-workflow-state-.*");

  private static final List<String> GROUPS =
      List.of(
          "shunt-workflow-state", "shunt-workflow-state-streams", "shunt-workflow-state-reports");

  private final SchemaRegistry registry = FixedRegistry.create();
  private final MessageSerializer serializer = new MessageSerializer(registry);
  private final MessageDeserializer deserializer = new MessageDeserializer(registry);

  @TempDir Path directory;
  private KafkaBroker broker;
  private Admin admin;

  @BeforeEach
  void startBroker() {
    broker = KafkaBroker.start(directory.resolve("kafka"), 0);
    admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
  }

  @AfterEach
  void stopBroker() {
    admin.close();
    broker.close();
  }

  private WorkflowStateService service(int partitions, String state) {
    WorkflowStateConfig config =
        WorkflowStateProcess.config(broker.bootstrapServers(), directory.resolve(state));
    KafkaSettings kafka = config.kafka().withPartitions(partitions);
    return new WorkflowStateService(
        new WorkflowStateConfig(
            kafka,
            config.applicationId(),
            config.stateDirectory(),
            config.standbyReplicas(),
            config.commitInterval()),
        registry);
  }

  private void send(String topic, WorkflowKey key, Message message) throws Exception {
    try (KafkaProducer<String, byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", broker.bootstrapServers()),
            new StringSerializer(),
            new ByteArraySerializer())) {
      var unused =
          producer
              .send(
                  new ProducerRecord<>(topic, key.toString(), serializer.serialize(topic, message)))
              .get();
    }
  }

  private void awaitAdmitted(String id) {
    try (TopicReader events = new TopicReader(broker.bootstrapServers(), Topics.EVENTS)) {
      await()
          .atMost(PATIENCE)
          .until(() ->
              events.all().stream()
                  .map(record -> deserializer.decode(record.value()))
                  .anyMatch(event ->
                      event instanceof CommandAdmitted admitted
                          && admitted.header().commandId().equals(id)));
    }
  }

  private void awaitStatus(WorkflowKey key) {
    try (TopicReader workflows = new TopicReader(broker.bootstrapServers(), Topics.WORKFLOWS)) {
      await().atMost(PATIENCE).until(() -> workflows.last().containsKey(key.toString()));
    }
  }

  private void deleteTopicsAndGroups() throws InterruptedException, ExecutionException {
    List<String> topics =
        admin.listTopics().names().get().stream()
            .filter(name -> PATTERNS.stream().anyMatch(name::matches))
            .toList();
    admin.deleteTopics(topics).all().get();
    admin.deleteConsumerGroups(GROUPS).all().get();
    await()
        .until(() -> TopicCreator.partitionCounts(admin).keySet().equals(Set.of(Topics.SCHEMAS)));
  }

  @Test
  void aClusterWhoseTopicsAreDeletedStartsOverWithAnotherNumber() throws Exception {
    WorkflowKey moved = new WorkflowKey("customer", "moved");
    try (WorkflowStateService service = service(2, "before")) {
      service.start();
      send(Topics.COMMANDS, moved, Records.create(moved, "first"));
      awaitAdmitted("first");
    }
    try (WorkflowStateService service = service(5, "before")) {
      assertThatThrownBy(service::start)
          .isInstanceOf(SetupRefusedException.class)
          .hasMessageContaining("set it to 2 or leave it out");
    }

    deleteTopicsAndGroups();

    try (WorkflowStateService service = service(5, "after")) {
      service.start();
      assertThat(TopicCreator.partitionCounts(admin)).containsEntry(Topics.EVENTS, 5);
      send(Topics.STREAMS, moved, Records.reported(moved, "Running", 3));
      awaitStatus(moved);
      for (int i = 0; i < 10; i++) {
        WorkflowKey key = new WorkflowKey("customer", "new" + i);
        send(Topics.COMMANDS, key, Records.create(key, "create-" + i));
        awaitAdmitted("create-" + i);
      }
    }
  }
}
