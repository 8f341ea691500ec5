package dev.shunt.topowatcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import binlogdata.Binlogdata.VReplicationWorkflowState;
import dev.shunt.embedded.EtcdServer;
import dev.shunt.embedded.KafkaBroker;
import dev.shunt.schemas.CopyState;
import dev.shunt.schemas.Message;
import dev.shunt.schemas.MessageDeserializer;
import dev.shunt.schemas.MessageHeaders;
import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.Phase;
import dev.shunt.schemas.StreamRemoved;
import dev.shunt.schemas.StreamReported;
import dev.shunt.schemas.StreamStatus;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.TopoChange;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.schemas.registry.RegistryException;
import dev.shunt.schemas.registry.SchemaRegistry;
import dev.shunt.service.KafkaSettings;
import dev.shunt.service.TopoSettings;
import dev.shunt.tabletclient.TabletClientConfig;
import dev.shunt.tabletclient.TabletClients;
import dev.shunt.topo.Topo;
import dev.shunt.topo.Topos;
import io.vitess.proto.Topodata;
import java.io.BufferedReader;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The watcher on a real broker, with a local topology or etcd and served fake tablets. */
class TopoWatcherIT {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static KafkaBroker broker;
  private static KafkaSettings kafka;

  @TempDir Path directory;

  @BeforeAll
  static void startBroker(@TempDir Path data) {
    broker = KafkaBroker.start(data, 0);
    kafka =
        KafkaSettings.defaults()
            .at(broker.bootstrapServers(), "")
            .withPartitions(Topics.EMBEDDED_PARTITIONS);
  }

  @AfterAll
  static void stopBroker() {
    broker.close();
  }

  private static TopoWatcherConfig config(TopoSettings topo) {
    return new TopoWatcherConfig(
        kafka,
        topo,
        Duration.ofSeconds(2),
        Duration.ofMillis(200),
        Duration.ofMinutes(10),
        Duration.ofMillis(200),
        Duration.ofSeconds(5));
  }

  private static void cluster(Topo topo, String root, FakeTablet tablet, String keyspace) {
    if (topo.cells().isEmpty()) {
      topo.createCell("zone1", Topodata.CellInfo.newBuilder().setRoot(root).build());
    }
    topo.createKeyspace(keyspace, Topodata.Keyspace.getDefaultInstance());
    topo.createShard(keyspace, "0");
    topo.registerTablet(tablet.tablet(keyspace, "0"));
  }

  /** All records of a topic, from its start. */
  private static List<ConsumerRecord<String, Message>> read(String topic) {
    try (KafkaConsumer<String, Message> consumer =
        new KafkaConsumer<>(
            kafka.consumer(),
            new StringDeserializer(),
            new MessageDeserializer(new HashRegistry()))) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(partition -> new TopicPartition(topic, partition.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      List<ConsumerRecord<String, Message>> records = new ArrayList<>();
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        consumer.poll(Duration.ofMillis(100)).forEach(records::add);
      }
      assertThat(records)
          .filteredOn(record -> record.value() != null && !topic.equals(Topics.WORKFLOWS))
          .allSatisfy(record ->
              assertThat(record.headers().lastHeader(MessageHeaders.CONTENT_TYPE).value())
                  .asString()
                  .isEqualTo(MessageHeaders.AVRO));
      return records;
    }
  }

  private static <T extends Message> Stream<T> values(String topic, String key, Class<T> type) {
    return read(topic).stream()
        .filter(record -> record.key().equals(key))
        .map(ConsumerRecord::value)
        .filter(type::isInstance)
        .map(type::cast);
  }

  private static Optional<StreamStatus> lastReport(String key) {
    return values(Topics.STREAMS, key, StreamReported.class)
        .map(StreamReported::stream)
        .reduce((before, after) -> after);
  }

  private static void awaitState(String key, String state) {
    await()
        .atMost(SOON)
        .until(() -> lastReport(key).filter(status -> status.state().equals(state)).isPresent());
  }

  @Test
  void relaysThoughErrorsHaveStoppedIt() {
    AtomicInteger locks = new AtomicInteger();
    try (Topo topo = Topos.local(directory);
        TabletClients tablets = TabletClients.grpc(TabletClientConfig.DEFAULT);
        TopoWatcherService service =
            new TopoWatcherService(
                config(TopoSettings.local(directory.toString())),
                breaking(topo, locks),
                tablets,
                new HashRegistry())) {
      service.start();
      await().atMost(SOON).until(service::relaying);
      assertThat(locks).hasValue(3);
    }
  }

  /** Breaks at the first two locks. */
  private static Topo breaking(Topo topo, AtomicInteger locks) {
    return (Topo)
        Proxy.newProxyInstance(
            Topo.class.getClassLoader(),
            new Class<?>[] {Topo.class},
            (_, method, arguments) -> {
              if (method.getName().equals("lockName") && locks.incrementAndGet() <= 2) {
                throw new StackOverflowError();
              }
              try {
                return method.invoke(topo, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  /** Else it would say that it is ready, and relay nothing. */
  @Test
  void doesNotStartWhereItMayNotRegisterItsSchemas() {
    SchemaRegistry locked =
        new SchemaRegistry() {
          @Override
          public int register(String subject, Schema schema) {
            throw new RegistryException(403, 40301, "registration is forbidden", null);
          }

          @Override
          public Schema byId(int id) {
            throw new AssertionError("nothing is read");
          }
        };
    try (Topo topo = Topos.local(directory);
        TabletClients tablets = TabletClients.grpc(TabletClientConfig.DEFAULT);
        TopoWatcherService service =
            new TopoWatcherService(
                config(TopoSettings.local(directory.toString())), topo, tablets, locked)) {
      assertThatThrownBy(service::start)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("dev.shunt.TopoChange")
          .hasMessageContaining("registration is forbidden");
    }
  }

  @Test
  void relaysTopologyAndStreamsAndWhatVanishedWhileNobodyDid() throws Exception {
    TopoSettings settings = TopoSettings.local(directory.toString());
    try (Topo topo = Topos.local(directory);
        TabletClients tablets = TabletClients.grpc(TabletClientConfig.DEFAULT);
        FakeTablet watched = new FakeTablet(100, true);
        FakeTablet polled = new FakeTablet(200, false)) {
      cluster(topo, "/zone1", watched, "customer");
      try (TopoWatcherService service =
          new TopoWatcherService(config(settings), topo, tablets, new HashRegistry())) {
        service.start();
        watched.put("c2c", VReplicationWorkflowState.Copying, "p1");
        awaitState("customer.c2c", "Copying");
        assertThat(lastReport("customer.c2c").orElseThrow().copyStates())
            .containsExactly(new CopyState("corder", ""));
        assertThat(watched.executed().getFirst()).contains("from _vt.copy_state", "in (1)");
        watched.put("c2c", VReplicationWorkflowState.Running, "p2");
        watched.put("gone", VReplicationWorkflowState.Running, "p2");
        awaitState("customer.c2c", "Running");
        awaitState("customer.gone", "Running");

        cluster(topo, "/zone1", polled, "commerce");
        polled.put("back", VReplicationWorkflowState.Stopped, "q1");
        awaitState("commerce.back", "Stopped");
        polled.stop();
        polled.put("back", VReplicationWorkflowState.Error, "q2");
        polled.start();
        awaitState("commerce.back", "Error");

        watched.remove("c2c");
        await()
            .atMost(SOON)
            .until(() ->
                values(Topics.STREAMS, "customer.c2c", StreamRemoved.class)
                    .anyMatch(removed -> removed.tablet().equals("zone1-0000000100")));
        await()
            .atMost(SOON)
            .until(() ->
                values(Topics.TOPO, "zone1:keyspaces/commerce/SrvKeyspace", TopoChange.class)
                    .anyMatch(change -> change.kind().equals("topodata.SrvKeyspace")));
        assertThat(service.relaying()).isTrue();
      }

      // While nobody relays, a stream and a record vanish; the status still has the stream.
      watched.remove("gone");
      topo.updateRoutingRules(rules -> rules);
      topo.deleteTablet(polled.tablet("commerce", "0").getAlias());
      materialise("customer", "gone", "zone1-0000000100");
      long topoRecords = read(Topics.TOPO).size();

      try (TopoWatcherService service =
          new TopoWatcherService(config(settings), topo, tablets, new HashRegistry())) {
        service.start();
        await()
            .atMost(SOON)
            .until(() ->
                values(Topics.STREAMS, "customer.gone", StreamRemoved.class).findAny().isPresent());
        List<ConsumerRecord<String, Message>> reported = read(Topics.TOPO);
        assertThat(reported.subList((int) topoRecords, reported.size()))
            .extracting(ConsumerRecord::key)
            .contains("zone1:tablets/zone1-0000000200/Tablet")
            .doesNotContain("global:keyspaces/customer/Keyspace");
        assertThat(
                values(Topics.TOPO, "zone1:tablets/zone1-0000000200/Tablet", TopoChange.class)
                    .reduce((before, after) -> after))
            .hasValueSatisfying(change -> assertThat(change.deleted()).isTrue());
      }
    }
  }

  /** Writes the status of a workflow with one stream, as the fold would have. */
  private static void materialise(String keyspace, String workflow, String tablet) {
    StreamStatus stream = StreamStatus.of("0", tablet, 1).with(draft -> draft.state = "Running");
    WorkflowStatus status =
        WorkflowStatus.of(keyspace, workflow)
            .with(draft -> {
              draft.version = 1;
              draft.phase = Phase.OBSERVED;
              draft.streams = List.of(stream);
            });
    try (KafkaProducer<String, Message> producer =
        new KafkaProducer<>(
            kafka.producer(), new StringSerializer(), new MessageSerializer(new HashRegistry()))) {
      var unused =
          producer.send(new ProducerRecord<>(Topics.WORKFLOWS, keyspace + "." + workflow, status));
      producer.flush();
    }
  }

  /** The instance that is killed: relays and says when it does. */
  static final class Instance {
    private Instance() {}

    public static void main(String[] args) throws InterruptedException {
      kafka = KafkaSettings.defaults().at(args[0], "").withPartitions(Topics.EMBEDDED_PARTITIONS);
      TopoSettings settings = TopoSettings.etcd(List.of(args[1]));
      TopoWatcherService service =
          new TopoWatcherService(
              config(settings),
              Topos.etcd(args[1], settings.globalRoot()),
              TabletClients.grpc(TabletClientConfig.DEFAULT),
              new HashRegistry());
      service.start();
      await().atMost(Duration.ofMinutes(1)).until(service::relaying);
      System.out.println("relaying");
      System.out.flush();
      Thread.currentThread().join();
    }
  }

  @Test
  void anotherInstanceTakesOverFromOneThatIsKilled() throws Exception {
    assumeTrue(EtcdServer.isAvailableOrRequired(), EtcdServer.HINT);
    try (EtcdServer etcd = EtcdServer.start(directory, 0);
        Topo topo = Topos.etcd(etcd.endpoint(), "/vitess/global");
        TabletClients tablets = TabletClients.grpc(TabletClientConfig.DEFAULT);
        FakeTablet tablet = new FakeTablet(300, true)) {
      topo.createCell(
          "zone1",
          Topodata.CellInfo.newBuilder()
              .setServerAddress(etcd.endpoint())
              .setRoot("/vitess/zone1")
              .build());
      cluster(topo, "", tablet, "orders");
      tablet.put("o2o", VReplicationWorkflowState.Running, "p1");
      Process first =
          new ProcessBuilder(
                  ProcessHandle.current().info().command().orElseThrow(),
                  "-Xmx256m",
                  "-cp",
                  System.getProperty("java.class.path"),
                  Instance.class.getName(),
                  broker.bootstrapServers(),
                  etcd.endpoint())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      try (BufferedReader lines = first.inputReader()) {
        String line = lines.readLine();
        while (line != null && !line.equals("relaying")) {
          line = lines.readLine();
        }
        assertThat(line).isEqualTo("relaying");
        // A process whose output nobody reads comes to a stop.
        Thread.ofVirtual().start(() -> lines.lines().forEach(said -> {}));
        awaitState("orders.o2o", "Running");
        try (TopoWatcherService second =
            new TopoWatcherService(
                config(TopoSettings.etcd(List.of(etcd.endpoint()))),
                topo,
                tablets,
                new HashRegistry())) {
          second.start();
          await().during(Duration.ofSeconds(1)).until(() -> !second.relaying());

          first.toHandle().destroyForcibly();
          long killed = System.nanoTime();
          tablet.put("o2o", VReplicationWorkflowState.Error, "p2");

          await().atMost(SOON).until(second::relaying);
          assertThat(Duration.ofNanos(System.nanoTime() - killed))
              .isLessThan(Duration.ofSeconds(15));
          awaitState("orders.o2o", "Error");
        }
      } finally {
        first.toHandle().destroyForcibly();
      }
    }
  }
}
