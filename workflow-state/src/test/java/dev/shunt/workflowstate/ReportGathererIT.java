package dev.shunt.workflowstate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.shunt.embedded.KafkaBroker;
import dev.shunt.schemas.Message;
import dev.shunt.schemas.MessageDeserializer;
import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.Rejected;
import dev.shunt.schemas.SchemaFiles;
import dev.shunt.schemas.StreamBatch;
import dev.shunt.schemas.StreamId;
import dev.shunt.schemas.StreamRemoved;
import dev.shunt.schemas.StreamReported;
import dev.shunt.schemas.StreamStatus;
import dev.shunt.schemas.TopicCreator;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.registry.RegistryException;
import dev.shunt.schemas.registry.SchemaRegistry;
import dev.shunt.service.KafkaSettings;
import dev.shunt.time.Time;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gathering of stream reports on a real broker: replaced, killed, fed with garbage. */
class ReportGathererIT {
  private static final Logger log = LoggerFactory.getLogger(ReportGathererIT.class);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String GROUP = "shunt-workflow-state-reports";
  private static final int WORKFLOWS = 20;
  private static final int STREAMS = 4;
  private static final int ROUNDS = 200;

  private final Time time = Time.system();
  private final ForeignSchemas foreign = new ForeignSchemas(FixedRegistry.create());
  private final SchemaRegistry registry = new KnownIds(foreign);
  private final MessageSerializer serializer = new MessageSerializer(registry);
  private final MessageDeserializer deserializer = new MessageDeserializer(registry);
  private final Queue<Future<RecordMetadata>> sent = new ConcurrentLinkedQueue<>();

  @TempDir Path directory;
  private KafkaBroker broker;
  private KafkaProducer<String, byte[]> producer;

  @BeforeEach
  void startBroker() {
    broker = KafkaBroker.start(directory.resolve("kafka"), 0);
    try (Admin admin = admin()) {
      TopicCreator.createMissing(admin, 1, Topics.EMBEDDED_PARTITIONS, Topics.all());
    }
    producer =
        new KafkaProducer<>(
            config().kafka().producer(), new StringSerializer(), new ByteArraySerializer());
  }

  @AfterEach
  void stopBroker() {
    producer.close();
    broker.close();
    foreign.close();
  }

  @Test
  void endsThoughItWasNeverStarted() {
    new ReportGatherer(
            () -> GathererClients.consumer(config()),
            GathererClients.producers(config()),
            registry,
            () -> Topics.EMBEDDED_PARTITIONS,
            time)
        .close();
  }

  /**
   * Admission of versions before read the reports itself, or their batches, and had folded those.
   */
  @Test
  void beginsWhereTheVersionBeforeStopped() throws Exception {
    WorkflowStateConfig config = config();
    Map<TopicPartition, OffsetAndMetadata> before = new HashMap<>();
    for (int partition = 0; partition < Topics.EMBEDDED_PARTITIONS; partition++) {
      before.put(new TopicPartition(Topics.STREAMS, partition), new OffsetAndMetadata(partition));
      before.put(
          new TopicPartition(Topics.STREAM_BATCHES, partition),
          new OffsetAndMetadata(10 + partition));
      before.put(new TopicPartition(Topics.COMMANDS, partition), new OffsetAndMetadata(7));
    }
    try (Admin admin = admin()) {
      InheritedOffsets.take(admin, config);
      admin.alterConsumerGroupOffsets(config.applicationId(), before).all().get();
      InheritedOffsets.take(admin, config);

      Map<TopicPartition, OffsetAndMetadata> batches = new HashMap<>(before);
      batches.keySet().removeIf(partition -> !partition.topic().equals(Topics.STREAM_BATCHES));
      assertThat(offsets(admin, StreamsSettings.streamFoldId(config))).isEqualTo(batches);
      before.keySet().removeIf(partition -> !partition.topic().equals(Topics.STREAMS));
      assertThat(offsets(admin, GROUP)).isEqualTo(before);
      before.replaceAll((partition, offset) -> new OffsetAndMetadata(99));
      admin.alterConsumerGroupOffsets(config.applicationId(), before).all().get();
      InheritedOffsets.take(admin, config);
      assertThat(offsets(admin, GROUP).values()).doesNotContain(new OffsetAndMetadata(99));
    }
  }

  private static Map<TopicPartition, OffsetAndMetadata> offsets(Admin admin, String group)
      throws Exception {
    return admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
  }

  @Test
  void noStreamGoesBackThoughGatherersAreReplacedBrokenAndKilled() throws Exception {
    long seed = System.nanoTime();
    log.atInfo().addKeyValue("seed", seed).log("flood");
    Random random = new Random(seed);
    CompletableFuture<Void> flood =
        CompletableFuture.runAsync(
            () -> flood(new Random(seed)), task -> Thread.ofPlatform().name("flood").start(task));
    int killed = 0;
    List<Instance> running = new ArrayList<>();
    try {
      while (!flood.isDone()) {
        if (running.size() < 2 && (running.isEmpty() || random.nextBoolean())) {
          running.add(new Instance(random.nextLong()));
        } else {
          Instance leaving = running.remove(random.nextInt(running.size()));
          if (random.nextInt(3) == 0) {
            leaving.kill();
            killed++;
          } else {
            leaving.close();
          }
        }
        time.await(flood, Duration.ofMillis(200 + random.nextInt(600)));
      }
      flood.join();
      awaitSent();
      running.add(new Instance(random.nextLong()));

      try (TopicReader batches = reader(Topics.STREAM_BATCHES)) {
        int before = batchesOf(batches).size();
        await()
            .atMost(PATIENCE)
            .untilAsserted(() -> {
              assertThat(lastRows(batches))
                  .hasSize(WORKFLOWS * STREAMS)
                  .allSatisfy((_, rows) -> assertThat(rows).isEqualTo(ROUNDS - 1L));
              assertThat(committed()).isEqualTo(ends(Topics.STREAMS));
            });
        running.removeIf(instance -> {
          instance.close();
          return true;
        });
        log.atInfo()
            .addKeyValue("duringFlood", before)
            .addKeyValue("batches", batchesOf(batches).size())
            .addKeyValue("killed", killed)
            .log("flood gathered");
        assertNoStreamGoesBack(batches, seed);
        assertARestartPublishesNothingAgain(batches);
      }
    } finally {
      running.forEach(Instance::close);
    }
  }

  private void assertNoStreamGoesBack(TopicReader batches, long seed) {
    Map<Place, Long> rows = new HashMap<>();
    for (ConsumerRecord<String, byte[]> record : batches.all()) {
      StreamBatch batch = (StreamBatch) deserializer.decode(record.value());
      assertThat(record.key()).isEqualTo(batch.keyspace() + "." + batch.workflow());
      assertThat(record.partition()).isEqualTo(key(batch).partition(Topics.EMBEDDED_PARTITIONS));
      Set<StreamId> seen = new HashSet<>();
      for (StreamStatus stream : batch.reported()) {
        assertThat(seen.add(StreamId.of(stream))).as("a stream stands in a batch once").isTrue();
        long before = rows.getOrDefault(new Place(batch.workflow(), StreamId.of(stream)), -1L);
        assertThat(stream.rowsCopied())
            .as("seed %d: %s %s at %d", seed, batch.workflow(), stream.id(), record.offset())
            .isGreaterThanOrEqualTo(before);
        rows.put(new Place(batch.workflow(), StreamId.of(stream)), stream.rowsCopied());
      }
    }
    assertThat(rows).hasSize(WORKFLOWS * STREAMS);
  }

  private void assertARestartPublishesNothingAgain(TopicReader batches) throws Exception {
    int before = batches.all().size();
    try (ReportGatherer again = gatherer()) {
      again.start();
      Map<Integer, WorkflowKey> fresh = keysByPartition("fresh");
      fresh.values().forEach(key -> send(key, Records.reported(key, "Running", 1)));
      awaitSent();
      await().atMost(PATIENCE).until(() -> batches.all().size() >= before + fresh.size());

      assertThat(batches.all().stream().skip(before).map(ConsumerRecord::key))
          .containsExactlyInAnyOrderElementsOf(
              fresh.values().stream().map(WorkflowKey::toString).toList());
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(committed()).isEqualTo(ends(Topics.STREAMS)));
    }
  }

  @Test
  void whatCannotBeReadIsRejectedAndHoldsNothingUp() throws Exception {
    try (TopicReader batches = reader(Topics.STREAM_BATCHES);
        TopicReader rejected = reader(Topics.REJECTED)) {
      List<Expected> all = new ArrayList<>(unreadableThenReadable("before"));
      try (ReportGatherer gatherer = gatherer()) {
        gatherer.start();
        assertRejected(rejected, all);
        int rounds = all.size();
        await()
            .atMost(PATIENCE)
            .untilAsserted(() ->
                assertThat(streamsOf(batches, "before")).containsExactlyElementsOf(rows(rounds)));

        List<Expected> live = unreadableThenReadable("live");
        all.addAll(live);
        assertRejected(rejected, all);
        await()
            .atMost(PATIENCE)
            .untilAsserted(() ->
                assertThat(streamsOf(batches, "live"))
                    .containsExactlyElementsOf(rows(live.size())));
        await()
            .atMost(PATIENCE)
            .untilAsserted(() -> assertThat(committed()).isEqualTo(ends(Topics.STREAMS)));
      }

      assertARestartPublishesNothingAgain(batches);
      assertRejected(rejected, all);
    }
  }

  @SuppressWarnings("ArrayRecordComponent")
  private record Expected(int partition, long offset, String reason, String key, byte[] value) {}

  private void assertRejected(TopicReader rejected, List<Expected> expected) {
    await().atMost(PATIENCE).until(() -> rejected.all().size() >= expected.size());
    List<Rejected> found =
        rejected.all().stream()
            .map(record -> (Rejected) deserializer.decode(record.value()))
            .toList();
    assertThat(found).hasSameSizeAs(expected);
    for (Expected one : expected) {
      assertThat(found)
          .filteredOn(r -> r.partition() == one.partition() && r.offset() == one.offset())
          .singleElement()
          .satisfies(r -> {
            assertThat(r.topic()).isEqualTo(Topics.STREAMS);
            assertThat(r.reason()).contains(one.reason());
            assertThat(new String(r.key(), StandardCharsets.UTF_8)).isEqualTo(one.key());
            assertThat(r.value()).isEqualTo(one.value());
            assertThat(r.at()).isPositive();
          });
    }
  }

  /** Each record that can't be read with a readable one behind it in its partition. */
  private List<Expected> unreadableThenReadable(String name) throws Exception {
    WorkflowKey key = keysByPartition(name).get(1);
    WorkflowKey other = keysByPartition("other-" + name).get(1);
    WorkflowKey misplaced = keysByPartition("misplaced-" + name).get(2);
    byte[] garbage = "garbage".getBytes(StandardCharsets.UTF_8);
    byte[] report = serialize(Records.reported(key, "Running", 1));
    List<Expected> expected = new ArrayList<>();
    int round = 0;
    expected.add(bad(key.toString(), garbage, "zero byte"));
    good(key, round++);
    expected.add(bad(key.toString(), null, "no value"));
    good(key, round++);
    expected.add(bad(other.toString(), report, "key is not that of the workflow"));
    good(key, round++);
    expected.add(bad(null, report, "key is not that of the workflow"));
    good(key, round++);
    expected.add(
        bad(
            misplaced.toString(),
            serialize(Records.reported(misplaced, "Running", 1)),
            "belongs into partition 2 of 4"));
    good(key, round++);
    expected.add(bad(key.toString(), serialize(Records.created(key, "c")), "no report"));
    good(key, round++);
    expected.add(
        bad(key.toString(), new byte[] {0, 0, 0, 9, 9, 2}, "registry has no schema with id 2313"));
    good(key, round++);
    expected.add(
        bad(
            key.toString(),
            ForeignSchemas.recordIn(ForeignSchemas.PROTOBUF),
            "the schema is of type PROTOBUF, not AVRO"));
    good(key, round++);
    expected.add(
        bad(
            key.toString(),
            ForeignSchemas.recordIn(ForeignSchemas.INVALID_DEFAULT),
            "the schema can't be parsed as Avro: Invalid default"));
    good(key, round++);
    expected.add(bad(key.toString(), Arrays.copyOf(report, report.length - 1), "ends"));
    good(key, round++);
    expected.add(
        bad(other.toString(), headOnly(Records.reported(other, "Running", 1)), "copyStates"));
    good(key, round);
    awaitSent();
    return expected;
  }

  private Expected bad(String key, byte[] value, String reason) throws Exception {
    RecordMetadata at = producer.send(new ProducerRecord<>(Topics.STREAMS, 1, key, value)).get();
    return new Expected(
        1, at.offset(), reason, key == null ? "" : key, value == null ? new byte[0] : value);
  }

  private void good(WorkflowKey key, int round) {
    send(key, Records.reported(key, round % 2 == 0 ? "Running" : "Error", round));
    send(key, reported(key, round, 1, "Running"));
  }

  /** A report in a schema without its last field, whose head can be read and the whole can't. */
  private byte[] headOnly(StreamReported report) {
    Schema current = SchemaFiles.schemaOf(StreamReported.class);
    Schema stream = current.getField("stream").schema();
    Schema less =
        Schema.createRecord(
            "StreamStatus",
            "",
            stream.getNamespace(),
            false,
            stream.getFields().stream()
                .limit(stream.getFields().size() - 1)
                .map(field -> new Schema.Field(field, field.schema()))
                .toList());
    Schema older =
        Schema.createRecord(
            "StreamReported",
            "",
            current.getNamespace(),
            false,
            current.getFields().stream()
                .map(field ->
                    new Schema.Field(field, field.name().equals("stream") ? less : field.schema()))
                .toList());
    byte[] whole = serialize(report);
    // The last field is an empty list: one byte.
    byte[] bytes = Arrays.copyOf(whole, whole.length - 1);
    ByteBuffer.wrap(bytes).putInt(1, registry.register("older", older));
    return bytes;
  }

  /** Else it would say that it is ready, and publish nothing. */
  @Test
  void theServiceDoesNotStartWhereItMayNotRegisterItsSchemas() {
    SchemaRegistry locked =
        new SchemaRegistry() {
          @Override
          public int register(String subject, Schema schema) {
            throw new RegistryException(403, 40301, "registration is forbidden", null);
          }

          @Override
          public Schema byId(int id) {
            return foreign.byId(id);
          }
        };
    try (WorkflowStateService service = new WorkflowStateService(config(), locked)) {
      assertThatThrownBy(service::start)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("dev.shunt.StreamBatch")
          .hasMessageContaining("registration is forbidden");
    }
  }

  @Test
  void manyLargeReportsOfAWorkflowComeInSeveralBatches() throws Exception {
    Map<Integer, WorkflowKey> keys = keysByPartition("large");
    WorkflowKey many = keys.get(0);
    WorkflowKey huge = keys.get(1);
    WorkflowKey tooLarge = keys.get(2);
    for (int i = 0; i < 30; i++) {
      send(many, large(many, i, 100 * 1024));
    }
    send(many, new StreamRemoved(many.keyspace(), many.workflow(), 1, "0", "zone1-200", 99));
    send(huge, large(huge, 1, 1000));
    send(huge, large(huge, 2, Incoming.LARGEST_VALUE - 1000));
    send(huge, large(huge, 3, 1000));
    send(tooLarge, large(tooLarge, 1, Incoming.LARGEST_VALUE));
    send(tooLarge, large(tooLarge, 2, 1000));
    awaitSent();

    try (TopicReader batches = reader(Topics.STREAM_BATCHES);
        TopicReader rejected = reader(Topics.REJECTED);
        ReportGatherer gatherer = gatherer()) {
      gatherer.start();
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> {
            assertThat(ids(batches, many)).containsExactlyElementsOf(ids(0, 30));
            assertThat(ids(batches, huge)).containsExactlyElementsOf(ids(1, 4));
            assertThat(ids(batches, tooLarge)).containsExactly(2L);
            assertThat(rejected.all()).hasSize(1);
          });

      assertThat(records(batches, many))
          .hasSizeBetween(3, 5)
          .allSatisfy(r -> assertThat(r.value()).hasSizeLessThan(2 * 1024 * 1024));
      assertThat(records(batches, huge))
          .allSatisfy(r -> assertThat(r.value()).hasSizeLessThan(Incoming.LARGEST_BATCH));
      assertThat(batchesOf(batches).stream().flatMap(batch -> batch.removed().stream()))
          .containsExactly(new StreamId("0", "zone1-200", 99));
      assertThat(((Rejected) deserializer.decode(rejected.all().getFirst().value())).reason())
          .contains("bytes, more than 2097152");
      // What admission takes.
      Incoming incoming = new Incoming(deserializer, () -> Topics.EMBEDDED_PARTITIONS);
      assertThat(batches.all())
          .allSatisfy(r ->
              assertThat(
                      incoming.read(
                          Topics.STREAM_BATCHES,
                          r.partition(),
                          r.key().getBytes(StandardCharsets.UTF_8),
                          r.value()))
                  .isInstanceOf(Incoming.Read.Understood.class));
    }
  }

  private static StreamReported large(WorkflowKey key, long id, int bytes) {
    return new StreamReported(
        key.keyspace(),
        key.workflow(),
        1000,
        StreamStatus.of("0", "zone1-200", id)
            .with(draft -> {
              draft.source = "s".repeat(bytes);
              draft.state = "Running";
            }));
  }

  private static List<Long> ids(int from, int to) {
    return IntStream.range(from, to).mapToObj(Long::valueOf).toList();
  }

  private List<Long> ids(TopicReader batches, WorkflowKey key) {
    return records(batches, key).stream()
        .map(record -> (StreamBatch) deserializer.decode(record.value()))
        .flatMap(batch -> batch.reported().stream())
        .map(StreamStatus::id)
        .sorted()
        .toList();
  }

  private static List<ConsumerRecord<String, byte[]>> records(
      TopicReader batches, WorkflowKey key) {
    return batches.all().stream().filter(r -> r.key().equals(key.toString())).toList();
  }

  /** A gatherer whose transactions break at random, and that can be killed. */
  private final class Instance implements AutoCloseable {
    /** Calls that carry a transaction on, of which one breaks. */
    private static final int BREAKS_ONCE_IN = 40;

    private final Random random;
    private final CompletableFuture<Boolean> died = new CompletableFuture<>();
    private final ReportGatherer gatherer;
    private volatile boolean killed;

    Instance(long seed) {
      random = new Random(seed);
      KafkaSettings kafka = config().kafka().withSessionTimeout(1500);
      Map<String, Object> consumer = kafka.groupConsumer(GROUP);
      consumer.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 300);
      Map<String, Object> transactions = kafka.producer();
      transactions.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, GROUP + "-" + seed);
      transactions.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, kafka.sessionTimeoutMillis());
      gatherer =
          new ReportGatherer(
              () -> new MortalConsumer(consumer),
              () -> new BreakingProducer(transactions),
              registry,
              () -> Topics.EMBEDDED_PARTITIONS,
              time);
      gatherer.start();
    }

    /** Ends it within a transaction, if one comes, and so that the broker learns nothing of it. */
    void kill() throws InterruptedException {
      killed = true;
      time.await(died, Duration.ofMillis(500));
      gatherer.close();
    }

    @Override
    public void close() {
      gatherer.close();
    }

    private void perform(Runnable call) {
      if (killed || random.nextInt(BREAKS_ONCE_IN) == 0) {
        if (random.nextBoolean()) {
          call.run();
        }
        died.complete(true);
        throw new KafkaException(killed ? "killed" : "broken");
      }
      call.run();
    }

    private final class BreakingProducer extends KafkaProducer<byte[], byte[]> {
      BreakingProducer(Map<String, Object> settings) {
        super(settings, new ByteArraySerializer(), new ByteArraySerializer());
      }

      @Override
      public void initTransactions() {
        if (killed) {
          throw new KafkaException("dead");
        }
        super.initTransactions();
      }

      @Override
      public void sendOffsetsToTransaction(
          Map<TopicPartition, OffsetAndMetadata> offsets, ConsumerGroupMetadata group) {
        perform(() -> super.sendOffsetsToTransaction(offsets, group));
      }

      @Override
      public void commitTransaction() {
        perform(super::commitTransaction);
      }

      @Override
      public void abortTransaction() {
        if (killed) {
          throw new KafkaException("dead");
        }
        super.abortTransaction();
      }

      @Override
      public void close() {
        if (killed) {
          super.close(Duration.ZERO);
        } else {
          super.close();
        }
      }
    }

    private final class MortalConsumer extends KafkaConsumer<byte[], byte[]> {
      MortalConsumer(Map<String, Object> settings) {
        super(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
      }

      @Override
      public void close(CloseOptions options) {
        super.close(
            killed
                ? CloseOptions.timeout(Duration.ZERO)
                    .withGroupMembershipOperation(GroupMembershipOperation.REMAIN_IN_GROUP)
                : options);
      }
    }
  }

  /** Gives a schema's id again at once, as the client of a real registry does. */
  private record KnownIds(SchemaRegistry registry, Map<Schema, Integer> ids)
      implements SchemaRegistry {
    KnownIds(SchemaRegistry registry) {
      this(registry, new ConcurrentHashMap<>());
    }

    @Override
    public int register(String subject, Schema schema) {
      return ids.computeIfAbsent(schema, _ -> registry.register(subject, schema));
    }

    @Override
    public Schema byId(int id) {
      return registry.byId(id);
    }
  }

  private record Place(String workflow, StreamId stream) {}

  private void flood(Random random) {
    try {
      for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < WORKFLOWS; i++) {
          WorkflowKey key = new WorkflowKey("customer", "w" + i);
          for (int id = 0; id < STREAMS; id++) {
            send(key, reported(key, round, id, random.nextInt(30) == 0 ? "Error" : "Copying"));
          }
        }
        time.sleep(Duration.ofMillis(60));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static StreamReported reported(WorkflowKey key, long rows, long id, String state) {
    return new StreamReported(
        key.keyspace(),
        key.workflow(),
        1000,
        StreamStatus.of("0", "zone1-0000000201", id)
            .with(draft -> {
              draft.state = state;
              draft.rowsCopied = rows;
            }));
  }

  private Map<Place, Long> lastRows(TopicReader batches) {
    Map<Place, Long> last = new HashMap<>();
    for (StreamBatch batch : batchesOf(batches)) {
      for (StreamStatus stream : batch.reported()) {
        last.put(new Place(batch.workflow(), StreamId.of(stream)), stream.rowsCopied());
      }
    }
    return last;
  }

  /** The last rows of the two streams of a workflow, as the batches show them. */
  private List<Long> streamsOf(TopicReader batches, String workflow) {
    Map<Place, Long> last = lastRows(batches);
    return last.entrySet().stream()
        .filter(entry -> entry.getKey().workflow().startsWith(workflow))
        .map(Map.Entry::getValue)
        .toList();
  }

  private static List<Long> rows(int rounds) {
    return List.of(rounds - 1L, rounds - 1L);
  }

  private List<StreamBatch> batchesOf(TopicReader batches) {
    return batches.all().stream()
        .map(record -> (StreamBatch) deserializer.decode(record.value()))
        .toList();
  }

  private static WorkflowKey key(StreamBatch batch) {
    return new WorkflowKey(batch.keyspace(), batch.workflow());
  }

  /** A workflow in each partition. */
  private static Map<Integer, WorkflowKey> keysByPartition(String name) {
    Map<Integer, WorkflowKey> keys = new HashMap<>();
    Stream.iterate(0, i -> i + 1)
        .map(i -> new WorkflowKey("customer", name + i))
        .takeWhile(_ -> keys.size() < Topics.EMBEDDED_PARTITIONS)
        .forEach(key -> keys.putIfAbsent(key.partition(Topics.EMBEDDED_PARTITIONS), key));
    return keys;
  }

  private void send(WorkflowKey key, Message message) {
    sent.add(
        producer.send(new ProducerRecord<>(Topics.STREAMS, key.toString(), serialize(message))));
  }

  private void awaitSent() throws InterruptedException, ExecutionException {
    while (!sent.isEmpty()) {
      sent.remove().get();
    }
  }

  private byte[] serialize(Message message) {
    return serializer.serialize(Topics.STREAMS, message);
  }

  private ReportGatherer gatherer() {
    WorkflowStateConfig config = config();
    return new ReportGatherer(
        () -> GathererClients.consumer(config),
        GathererClients.producers(config),
        registry,
        () -> Topics.EMBEDDED_PARTITIONS,
        time);
  }

  private WorkflowStateConfig config() {
    return WorkflowStateProcess.config(broker.bootstrapServers(), directory.resolve("state"));
  }

  /** Where the group goes on, in the partitions of which it has read something. */
  private Map<Integer, Long> committed() throws InterruptedException, ExecutionException {
    Map<Integer, Long> offsets = new HashMap<>();
    try (Admin admin = admin()) {
      admin
          .listConsumerGroupOffsets(GROUP)
          .partitionsToOffsetAndMetadata()
          .get()
          .forEach((partition, offset) -> offsets.put(partition.partition(), offset.offset()));
      offsets.values().removeIf(offset -> offset == 0);
    }
    return offsets;
  }

  /** Ends of the partitions that hold something. */
  private Map<Integer, Long> ends(String topic) throws InterruptedException, ExecutionException {
    Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
    for (int i = 0; i < Topics.EMBEDDED_PARTITIONS; i++) {
      latest.put(new TopicPartition(topic, i), OffsetSpec.latest());
    }
    Map<Integer, Long> ends = new HashMap<>();
    try (Admin admin = admin()) {
      admin
          .listOffsets(latest)
          .all()
          .get()
          .forEach((partition, end) -> {
            if (end.offset() > 0) {
              ends.put(partition.partition(), end.offset());
            }
          });
    }
    return ends;
  }

  private Admin admin() {
    return Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
  }

  private TopicReader reader(String topic) {
    return new TopicReader(broker.bootstrapServers(), topic);
  }
}
