package dev.shunt.saga;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shunt.embedded.KafkaBroker;
import dev.shunt.saga.fake.Diffs;
import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.StreamStatus;
import dev.shunt.schemas.TopicCreator;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.schemas.registry.InMemoryRegistry;
import dev.shunt.service.KafkaSettings;
import dev.shunt.time.Time;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** States of workflows on a real broker, also where something is in the way. */
class KafkaStatusesIT {
  private static final WorkflowKey KEY = new WorkflowKey("customer", "c2c");
  private static final Duration SHORT = Duration.ofSeconds(5);

  @TempDir Path directory;
  private final InMemoryRegistry registry = new InMemoryRegistry();
  private KafkaBroker broker;
  private KafkaSettings kafka;

  @BeforeEach
  void start() {
    broker = KafkaBroker.start(directory, 0);
    kafka = KafkaSettings.defaults().at(broker.bootstrapServers(), "http://127.0.0.1:1");
  }

  @AfterEach
  void stop() {
    broker.close();
  }

  private void createTopics() {
    try (Admin admin = Admin.create(kafka.admin())) {
      TopicCreator.createMissing(admin, 1, Topics.EMBEDDED_PARTITIONS, Topics.all());
    }
  }

  private KafkaStatuses statuses() {
    return new KafkaStatuses(kafka, registry, SHORT, Time.system());
  }

  private static KafkaProducer<byte[], byte[]> producer(Map<String, Object> properties) {
    return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }

  private static void send(KafkaProducer<byte[], byte[]> producer, WorkflowKey key, byte[] value) {
    send(producer, key, key.toString(), value);
  }

  /** A record into the partition of a workflow. */
  private static void send(
      KafkaProducer<byte[], byte[]> producer, WorkflowKey key, String name, byte[] value) {
    int partition = key.partition(producer.partitionsFor(Topics.WORKFLOWS).size());
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    try {
      var unused =
          producer.send(new ProducerRecord<>(Topics.WORKFLOWS, partition, bytes, value)).get();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private WorkflowStatus tell() {
    WorkflowStatus status = Diffs.differing().get(KEY);
    try (KafkaProducer<byte[], byte[]> producer = producer(kafka.producer())) {
      send(producer, KEY, new MessageSerializer(registry).serialize(Topics.WORKFLOWS, status));
    }
    return status;
  }

  private KafkaProducer<byte[], byte[]> leaveOpen(WorkflowKey key) {
    Map<String, Object> transactional = new HashMap<>(kafka.producer());
    transactional.put("transactional.id", "died");
    KafkaProducer<byte[], byte[]> producer = producer(transactional);
    producer.initTransactions();
    producer.beginTransaction();
    send(producer, key, new byte[] {1});
    return producer;
  }

  /** A workflow whose states lie on another partition. */
  private static WorkflowKey elsewhere() {
    return IntStream.range(0, 100)
        .mapToObj(i -> new WorkflowKey("customer", "w" + i))
        .filter(key ->
            key.partition(Topics.EMBEDDED_PARTITIONS) != KEY.partition(Topics.EMBEDDED_PARTITIONS))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void areReadWhileATransactionIsOpenOnAnotherPartition() {
    createTopics();
    WorkflowStatus status = tell();
    try (KafkaProducer<byte[], byte[]> open = leaveOpen(elsewhere())) {
      KafkaStatuses statuses =
          new KafkaStatuses(kafka, registry, Duration.ofSeconds(30), Time.system());
      assertThat(statuses.of(Set.of(KEY))).isEqualTo(Map.of(KEY, status));
      open.abortTransaction();
    }
  }

  @Test
  void areWithoutTheStreamsWhichVersionsBeforeWroteIntoThem() {
    createTopics();
    WorkflowStatus status = tell();
    StreamStatus stream = StreamStatus.of("-80", "zone1-0000000200", 1);
    WorkflowStatus before = status.with(draft -> draft.streams = List.of(stream));
    try (KafkaProducer<byte[], byte[]> producer = producer(kafka.producer())) {
      send(producer, KEY, KEY + "/-80", new byte[] {1});
      send(producer, KEY, new MessageSerializer(registry).serialize(Topics.WORKFLOWS, before));
    }

    assertThat(statuses().of(Set.of(KEY)))
        .isEqualTo(Map.of(KEY, status.with(draft -> draft.shards = List.of("-80"))));
  }

  /** Of a clock whose time runs with each look at it, more than there is passes in one read. */
  @Test
  void areReadToTheEndHoweverLongThatTakesWhileRecordsCome() {
    createTopics();
    WorkflowStatus status = tell();
    try (KafkaProducer<byte[], byte[]> producer = producer(kafka.producer())) {
      int partition = KEY.partition(producer.partitionsFor(Topics.WORKFLOWS).size());
      byte[] name = (KEY + "/-80").getBytes(StandardCharsets.UTF_8);
      for (int i = 0; i < 20_000; i++) {
        var unused =
            producer.send(new ProducerRecord<>(Topics.WORKFLOWS, partition, name, new byte[] {1}));
      }
      producer.flush();
    }
    Time fast = new FastTime();

    assertThat(new KafkaStatuses(kafka, registry, SHORT, fast).of(Set.of(KEY)))
        .isEqualTo(Map.of(KEY, status));
    assertThat(fast.nanoTime()).isGreaterThan(SHORT.multipliedBy(2).toNanos());
  }

  /** A quarter of a second from each look to the next. */
  private static final class FastTime implements Time {
    private final AtomicLong now = new AtomicLong();

    @Override
    public long nanoTime() {
      return now.addAndGet(Duration.ofMillis(250).toNanos());
    }

    @Override
    public Instant instant() {
      return Instant.ofEpochSecond(0, now.get());
    }

    @Override
    public void sleep(Duration time) throws InterruptedException {
      Time.system().sleep(time);
    }

    @Override
    public boolean await(CompletableFuture<?> end, Duration limit) throws InterruptedException {
      return Time.system().await(end, limit);
    }
  }

  @Test
  void areNotKnownWhileATransactionIsOpenOnTheirPartition() {
    createTopics();
    tell();
    try (KafkaProducer<byte[], byte[]> open = leaveOpen(KEY)) {
      assertUnavailable("nothing has come for 5s: a transaction may be open there");
      open.abortTransaction();
    }
  }

  /** As where the command is refused otherwise, and somebody looks what it is at. */
  @Test
  void areWaitedForAsLongAsIsSaidAndNoLonger() {
    createTopics();
    tell();
    List<String> said = new ArrayList<>();
    try (KafkaProducer<byte[], byte[]> open = leaveOpen(KEY)) {
      assertThatThrownBy(() -> statuses().of(Set.of(KEY), said::add))
          .isInstanceOf(FailedException.class);
      open.abortTransaction();
    }
    assertThat(said)
        .singleElement()
        .asString()
        .contains("whose end is not reached yet: a transaction may be open there")
        .endsWith("it is waited for up to 5s");
  }

  @Test
  void areNotKnownWhereTheirSchemaOrTheirTopicIsNot() {
    assertUnavailable("no such topic");
    createTopics();
    tell();
    assertThatThrownBy(() ->
            new KafkaStatuses(kafka, new InMemoryRegistry(), SHORT, Time.system()).of(Set.of(KEY)))
        .isInstanceOfSatisfying(
            FailedException.class, e -> assertThat(e.code()).isEqualTo(Status.Code.UNAVAILABLE))
        .hasMessageContaining("no schema with id");
  }

  @Test
  void areNotKnownWhileKafkaIsAway() {
    createTopics();
    broker.close();

    assertUnavailable("can't be read from shunt.workflows");
  }

  private void assertUnavailable(String reason) {
    assertThatThrownBy(() -> statuses().of(Set.of(KEY)))
        .isInstanceOfSatisfying(
            FailedException.class, e -> assertThat(e.code()).isEqualTo(Status.Code.UNAVAILABLE))
        .hasMessageContaining(reason);
  }
}
