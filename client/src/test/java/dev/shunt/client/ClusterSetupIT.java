package dev.shunt.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.shunt.embedded.KafkaBroker;
import dev.shunt.schemas.TopicCreator;
import dev.shunt.schemas.TopicDefinition;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.setup.ClusterSetup;
import dev.shunt.schemas.setup.SetupRefusedException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What services agree on, on a real broker. */
class ClusterSetupIT {
  private static final int ANY = 0;
  private static final TopicPartition RECORD = new TopicPartition(Topics.CLUSTER, 0);

  private static KafkaBroker broker;
  private static Admin admin;

  @BeforeAll
  static void startBroker(@TempDir Path folder) {
    broker = KafkaBroker.start(folder, 0);
    admin = Admin.create(kafka());
  }

  @AfterAll
  static void stopBroker() {
    admin.close();
    broker.close();
  }

  @AfterEach
  void deleteTopics() throws Exception {
    admin.deleteTopics(counts().keySet()).all().get();
    await().until(() -> counts().isEmpty());
  }

  private static Map<String, Object> kafka() {
    return Map.of("bootstrap.servers", broker.bootstrapServers());
  }

  private static ClusterSetup setup(int wanted, String instance) {
    return new ClusterSetup(kafka(), 1, wanted, instance);
  }

  private static int ensure(int wanted) {
    return setup(wanted, "test-1").ensure();
  }

  private static Map<String, Integer> counts() {
    return TopicCreator.partitionCounts(admin);
  }

  /** All topics of a cluster with so many partitions. */
  private static Map<String, Integer> topics(int partitions) {
    Map<String, Integer> counts = new HashMap<>();
    for (TopicDefinition topic : Topics.all()) {
      counts.put(topic.name(), topic.partitions(partitions));
    }
    return counts;
  }

  private static void create(String topic, int partitions) throws Exception {
    admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1))).all().get();
    await().until(() -> counts().containsKey(topic));
  }

  private static void delete(String topic) throws Exception {
    admin.deleteTopics(List.of(topic)).all().get();
    await().until(() -> !counts().containsKey(topic));
  }

  private static void addPartitions(String topic, int number) throws Exception {
    admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(number))).all().get();
    await().until(() -> counts().get(topic) == number);
  }

  /** How many records the cluster's topic has. */
  private static long records() {
    return Offsets.committedEnds(admin, List.of(RECORD)).getOrDefault(RECORD, 0L);
  }

  private static void write(@Nullable String value) throws Exception {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(kafka(), new ByteArraySerializer(), new ByteArraySerializer())) {
      var unused =
          producer
              .send(
                  new ProducerRecord<>(
                      Topics.CLUSTER,
                      value == null ? null : value.getBytes(StandardCharsets.UTF_8)))
              .get();
    }
  }

  private static void refuses(int wanted, String... words) {
    assertThatExceptionOfType(SetupRefusedException.class)
        .isThrownBy(() -> ensure(wanted))
        .withMessageContainingAll(words);
  }

  @Test
  void aNewClusterGetsItsRecordAndItsTopics() throws Exception {
    assertThat(ensure(3)).isEqualTo(3);

    assertThat(counts()).isEqualTo(topics(3));
    assertThat(ClusterSetup.recordedPartitions(kafka())).hasValue(3);
    for (String topic : List.of(Topics.CLUSTER, Topics.WORKFLOWS)) {
      ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
      Config config = admin.describeConfigs(List.of(resource)).all().get().get(resource);
      Topics.definition(topic)
          .configs()
          .forEach((name, value) -> assertThat(config.get(name).value()).isEqualTo(value));
    }
  }

  @Test
  void withoutASettingANewClusterHasSixteen() {
    assertThat(ensure(ANY)).isEqualTo(16);

    assertThat(counts()).isEqualTo(topics(16));
  }

  @Test
  void aRestartFindsAllAsItWasAndWritesNothing() {
    ensure(3);

    assertThat(ensure(3)).isEqualTo(3);
    assertThat(ensure(ANY)).isEqualTo(3);

    assertThat(records()).isOne();
    assertThat(counts()).isEqualTo(topics(3));
  }

  @Test
  void anotherNumberThanTheRecordsIsRefused() {
    ensure(3);

    refuses(5, "kafka.partitions is 5", "set up with 3", "test-1", "set it to 3 or leave it out");

    assertThat(records()).isOne();
    assertThat(counts()).isEqualTo(topics(3));
  }

  /** Whoever writes first decides for all; the topics are made by that alone. */
  @Test
  void ofThoseThatStartAtOnceWithDifferentSettingsOneWins() throws Exception {
    for (int round = 0; round < 3; round++) {
      CountDownLatch begin = new CountDownLatch(1);
      List<Future<Integer>> starts = new ArrayList<>();
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        for (int i = 0; i < 6; i++) {
          int wanted = i % 3 + 2;
          String instance = "starter-" + i;
          starts.add(
              threads.submit(() -> {
                begin.await();
                return setup(wanted, instance).ensure();
              }));
        }
        begin.countDown();
      }
      Set<Integer> agreed = new HashSet<>();
      List<String> refusals = new ArrayList<>();
      for (Future<Integer> start : starts) {
        try {
          agreed.add(start.get());
        } catch (ExecutionException e) {
          assertThat(e.getCause()).isInstanceOf(SetupRefusedException.class);
          refusals.add(String.valueOf(e.getCause().getMessage()));
        }
      }

      assertThat(agreed).hasSize(1);
      int partitions = agreed.iterator().next();
      assertThat(refusals)
          .hasSize(4)
          .allSatisfy(words ->
              assertThat(words).contains("was set up with " + partitions, "written by starter-"));
      assertThat(counts()).isEqualTo(topics(partitions));
      deleteTopics();
    }
  }

  @Test
  void anOldClusterGetsTheRecordOfWhatItsTopicsHave() {
    TopicCreator.createMissing(
        admin, 1, 4, Topics.all().stream().filter(t -> !t.name().equals(Topics.CLUSTER)).toList());

    assertThat(ensure(ANY)).isEqualTo(4);

    assertThat(ClusterSetup.recordedPartitions(kafka())).hasValue(4);
    assertThat(counts()).isEqualTo(topics(4));
  }

  @Test
  void whatAnOldClusterLacksIsMadeToGoWithTheRest() throws Exception {
    create(Topics.COMMANDS, 6);

    assertThat(ensure(6)).isEqualTo(6);

    assertThat(counts()).isEqualTo(topics(6));
  }

  @Test
  void anOldClusterWithAnotherNumberIsRefusedAndLeftAsItIs() throws Exception {
    create(Topics.COMMANDS, 6);

    refuses(16, "kafka.partitions is 16", "have 6 each (shunt.commands)");

    assertThat(counts()).isEqualTo(Map.of(Topics.COMMANDS, 6));
  }

  @Test
  void anOldClusterWhoseTopicsDisagreeIsRefusedAndLeftAsItIs() throws Exception {
    create(Topics.COMMANDS, 6);
    create(Topics.EVENTS, 7);

    refuses(ANY, "equally many partitions", "{shunt.commands=6, shunt.events=7}");

    assertThat(counts()).isEqualTo(Map.of(Topics.COMMANDS, 6, Topics.EVENTS, 7));
  }

  @Test
  void aTopicThatWasGivenMorePartitionsIsRefusedByName() throws Exception {
    ensure(3);
    addPartitions(Topics.EVENTS, 4);

    refuses(ANY, "must have 3 partitions", "{shunt.events=4}", "'The number of partitions'");
    assertThat(ClusterSetup.recordedPartitions(kafka())).hasValue(3);
  }

  /** Brokers may create a topic that a client asks for, with one partition. */
  @Test
  void aTopicThatSomebodyElseCreatedIsRefusedAndMadeAnewWhenItIsDeleted() throws Exception {
    create(Topics.CLUSTER, 1);
    write("{\"version\":1,\"partitions\":3,\"writtenBy\":\"copy-7\"}");
    create(Topics.TASKS_COPY, 1);

    refuses(ANY, "must have 3 partitions", "written by copy-7", "{shunt.tasks.copy=1}");
    assertThat(counts()).containsOnlyKeys(Topics.CLUSTER, Topics.TASKS_COPY);

    delete(Topics.TASKS_COPY);
    assertThat(ensure(ANY)).isEqualTo(3);
    assertThat(counts()).isEqualTo(topics(3));
  }

  @Test
  void onlyTheFirstRecordCounts() throws Exception {
    ensure(3);
    write("{\"version\":1,\"partitions\":5}");
    write("rubbish");
    write(null);

    assertThat(ensure(3)).isEqualTo(3);
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"rubbish", "{\"version\":9,\"partitions\":3}"})
  void aRecordThatIsNotOursIsRefusedUntilItsTopicIsDeleted(@Nullable String value)
      throws Exception {
    ensure(3);
    delete(Topics.CLUSTER);
    create(Topics.CLUSTER, 1);
    write(value);

    refuses(ANY, "the first record of shunt.cluster is not what Shunt writes there");
    assertThat(records()).isOne();
    assertThat(ClusterSetup.recordedPartitions(kafka())).isEmpty();

    delete(Topics.CLUSTER);
    assertThat(ensure(ANY)).isEqualTo(3);
  }

  @Test
  void aTopicOfTheClusterWithSeveralPartitionsIsRefused() throws Exception {
    create(Topics.CLUSTER, 2);

    refuses(ANY, "shunt.cluster has 2 partitions and must have one");
    assertThat(counts()).containsOnlyKeys(Topics.CLUSTER);
  }

  @Test
  void aRecordThatIsLostIsWrittenAnew() throws Exception {
    ensure(3);
    admin.deleteRecords(Map.of(RECORD, RecordsToDelete.beforeOffset(1))).all().get();

    assertThat(ensure(ANY)).isEqualTo(3);

    assertThat(ClusterSetup.recordedPartitions(kafka())).hasValue(3);
  }

  @Test
  void withoutATopicThereIsNoRecord() {
    assertThat(ClusterSetup.recordedPartitions(kafka())).isEmpty();
  }
}
