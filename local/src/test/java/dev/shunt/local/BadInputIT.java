package dev.shunt.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shunt.client.CommandResult;
import dev.shunt.client.StateReplay;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.schemas.Command;
import dev.shunt.schemas.CommandAdmitted;
import dev.shunt.schemas.CommandDuplicate;
import dev.shunt.schemas.CommandRefused;
import dev.shunt.schemas.CommandSucceeded;
import dev.shunt.schemas.DesiredState;
import dev.shunt.schemas.Direction;
import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.Rejected;
import dev.shunt.schemas.StreamRemoved;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.schemas.registry.HttpRegistryClient;
import dev.shunt.time.Time;
import dev.shunt.workflowstate.WorkflowReplay;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import vschema.Vschema;

/** Commands that make no sense, come twice or are not commands, on everything that is real. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class BadInputIT {
  private static final List<String> TABLES =
      List.of("moved", "waiting", "lagging", "filled", "twice", "free", "seen");

  private final WorkflowKey moved = new WorkflowKey("customer", "moved");
  private final WorkflowKey waiting = new WorkflowKey("customer", "waiting");
  private final WorkflowKey lagging = new WorkflowKey("customer", "lagging");
  private final WorkflowKey twice = new WorkflowKey("customer", "twice");
  private Bench bench;

  @BeforeAll
  void start(@TempDir Path directory) {
    bench = new Bench(ClusterOptions.in(directory));
    Vschema.Keyspace.Builder vschema =
        Vschema.Keyspace.newBuilder()
            .setSharded(true)
            .putVindexes("hash", Vschema.Vindex.newBuilder().setType("hash").build());
    for (String table : TABLES) {
      vschema.putTables(
          table,
          Vschema.Table.newBuilder()
              .addColumnVindexes(Vschema.ColumnVindex.newBuilder().setName("hash").addColumns("id"))
              .build());
      bench.sql("commerce/0", "create table " + table + " (id bigint primary key, v varchar(40))");
      bench.sql(
          "commerce/0",
          "insert into " + table + " values (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd'), (5, 'e')");
    }
    bench.cluster().topo().saveVSchema("customer", vschema.build());
    bench.cluster().topo().rebuildSrvVSchema(List.of());
    bench.sql("customer/80-", "create table filled (id bigint primary key, v varchar(40))");
    bench.sql("customer/80-", "insert into filled values (4, 'in the way')");
    bench.succeed(Asking.create(moved, "commerce", "moved"));
    bench.succeed(Asking.create(Asking.header(waiting), "commerce", false, "waiting"));
    bench.succeed(Asking.create(lagging, "commerce", "lagging"));
    bench.awaitRunning(moved);
    bench.awaitRunning(lagging);
  }

  @AfterAll
  void stop() {
    bench.close();
  }

  /** Sends a command that must be refused, be on the audit log and change nothing. */
  private void refuse(Command command, String code, String sentence) {
    World before = World.of(bench);
    CommandResult result = bench.client().execute(command, Bench.PATIENCE);

    assertThat(result).isInstanceOf(CommandResult.Refused.class);
    CommandResult.Refused refused = (CommandResult.Refused) result;
    assertThat(refused.message()).contains(sentence);
    assertThat(refused.code()).isEqualTo(code);
    assertThat(World.of(bench)).isEqualTo(before);
    assertThat(bench.audited(command))
        .filteredOn(CommandRefused.class::isInstance)
        .singleElement()
        .isInstanceOfSatisfying(
            CommandRefused.class,
            event -> {
              assertThat(event.code()).isEqualTo(code);
              assertThat(event.message()).contains(sentence);
              assertThat(event.issuer()).isEqualTo("test");
            });
  }

  @Test
  @Order(1)
  void anUnknownSourceKeyspaceIsRefused() {
    refuse(
        Asking.create(new WorkflowKey("customer", "a"), "nowhere", "free"),
        "NOT_FOUND",
        "keyspace nowhere does not exist");
  }

  @Test
  @Order(1)
  void anUnknownTargetKeyspaceIsRefused() {
    refuse(
        Asking.create(new WorkflowKey("nowhere", "a"), "commerce", "free"),
        "NOT_FOUND",
        "keyspace nowhere does not exist");
  }

  @Test
  @Order(1)
  void aTableThatIsNotThereIsRefused() {
    refuse(
        Asking.create(new WorkflowKey("customer", "b"), "commerce", "free", "missing"),
        "FAILED_PRECONDITION",
        "table(s) not found in source keyspace commerce: missing");
  }

  @Test
  @Order(1)
  void tablesThatCanNotBeStreamedAreRefused() {
    String place = "commerce/0";
    bench.sql(place, "create table mlog (at int, what varchar(20)) engine=MyISAM");
    bench.sql(place, "create table alog (at int primary key, what varchar(20)) engine=Aria");
    bench.sql(place, "create table hist (id int primary key, v int) with system versioning");
    bench.sql(place, "create sequence s1");
    bench.sql(place, "create table counted (id int primary key default nextval(s1), v int)");
    try {
      refuseMove("table mlog has the engine MyISAM", "free", "mlog");
      refuseMove("table alog has the engine Aria", "alog");
      refuseMove("table hist has system versioning", "hist", "free");
      refuseMove("column id of counted takes its default from a sequence", "counted");
      refuseMove("s1 is a sequence, which does not move", "s1");
      for (String said :
          List.of(
              "table mlog has the engine MyISAM",
              "table alog has the engine Aria",
              "table hist has system versioning",
              "column id of counted takes its default from a sequence")) {
        refuseMove(said);
      }
    } finally {
      bench.sql(place, "drop table mlog, alog, hist, counted");
      bench.sql(place, "drop sequence s1");
    }
    bench.sql("customer/-80", "create table free (id bigint primary key, v int) engine=MyISAM");
    try {
      refuseMove("target shard -80: the table free has the engine MyISAM", "free");
    } finally {
      bench.sql("customer/-80", "drop table free");
    }
  }

  /** Moves the tables, or all when none are named. */
  private void refuseMove(String sentence, String... tables) {
    WorkflowKey key = new WorkflowKey("customer", "kinds");
    refuse(Asking.create(key, "commerce", tables), "FAILED_PRECONDITION", sentence);
  }

  @Test
  @Order(1)
  void whatStaysBehindAMoveIsToldByName() {
    String place = "commerce/0";
    WorkflowKey key = new WorkflowKey("customer", "seen");
    bench.sql(place, "create view v_seen as select id from seen");
    bench.sql(place, "create sequence s_seen");
    bench.sql(place, "create trigger tr_seen before insert on seen for each row set new.v = 'tr'");
    bench.sql(place, "create trigger tr_free before insert on free for each row set new.v = 'tr'");
    try {
      String summary = bench.succeed(Asking.create(key, "commerce", "seen")).summary();

      assertThat(summary)
          .contains("view v_seen", "sequence s_seen", "trigger tr_seen of seen")
          .doesNotContain("tr_free");
      bench.awaitRunning(key);
    } finally {
      bench.succeed(Asking.cancel(key));
      bench.sql(place, "drop trigger tr_free");
      bench.sql(place, "drop trigger tr_seen");
      bench.sql(place, "drop sequence s_seen");
      bench.sql(place, "drop view v_seen");
    }
  }

  @Test
  @Order(1)
  void aTableThatHasRowsOnTheTargetIsRefused() {
    refuse(
        Asking.create(new WorkflowKey("customer", "c"), "commerce", "filled"),
        "FAILED_PRECONDITION",
        "non-empty table(s) found in target keyspace(customer): filled");
  }

  @Test
  @Order(1)
  void aNameThatIsTakenIsRefused() {
    refuse(
        Asking.create(moved, "commerce", "free"),
        "ALREADY_EXISTS",
        "workflow moved already exists in keyspace customer");
  }

  @Test
  @Order(1)
  void aWorkflowThatIsNotThereIsRefused() {
    WorkflowKey none = new WorkflowKey("customer", "none");
    String sentence = "no streams found in keyspace customer for none";
    refuse(Asking.switchTraffic(none, Direction.FORWARD), "NOT_FOUND", sentence);
    refuse(Asking.complete(none), "NOT_FOUND", sentence);
    refuse(Asking.cancel(none), "NOT_FOUND", sentence);
    refuse(Asking.diff(none), "NOT_FOUND", sentence);
  }

  @Test
  @Order(1)
  void aStaleVersionIsRefused() {
    long version = bench.workflows().get(moved).map(WorkflowStatus::version).orElseThrow();
    refuse(
        Asking.switchTraffic(Asking.header(moved, version - 1), Direction.FORWARD, 30_000, 30_000),
        "ABORTED",
        "the command expects version " + (version - 1));
  }

  @Test
  @Order(1)
  void aTimeoutBelowOneSecondIsRefused() {
    refuse(
        Asking.switchTraffic(Asking.header(moved), Direction.FORWARD, 999, 30_000),
        "INVALID_ARGUMENT",
        "timeout must be at least 1s");
  }

  @Test
  @Order(1)
  void aDryRunOfACreationTellsWhatItWouldDoAndChangesNothing() {
    WorkflowKey dry = new WorkflowKey("customer", "dry");
    World before = World.of(bench);

    CommandResult.Succeeded outcome =
        bench.succeed(Asking.create(Asking.dryRun(dry), "commerce", true, "free"));

    assertThat(outcome.lines())
        .contains("Route tables [free] to keyspace commerce")
        .last()
        .asString()
        .startsWith("Start vreplication streams on: [tablet:");
    assertThat(World.of(bench)).isEqualTo(before);
    refuse(
        Asking.switchTraffic(dry, Direction.FORWARD),
        "NOT_FOUND",
        "no streams found in keyspace customer for dry");
  }

  @Test
  @Order(1)
  void aDryRunOfWhatHasNoPlanIsRefused() {
    refuse(
        Asking.start(Asking.dryRun(moved), DesiredState.STOPPED),
        "UNIMPLEMENTED",
        "a dry run of WorkflowUpdate is not supported");
    refuse(
        Asking.diff(Asking.dryRun(moved)),
        "UNIMPLEMENTED",
        "a dry run of VDiffCreate is not supported");
  }

  @Test
  @Order(1)
  void aSwitchBeforeTheCopyHasEndedIsRefused() {
    refuse(
        Asking.switchTraffic(waiting, Direction.FORWARD),
        "FAILED_PRECONDITION",
        "cannot switch traffic for workflow waiting at this time: copy is still in progress");
  }

  @Test
  @Order(1)
  void aSwitchAboveTheLagLimitIsRefused() {
    try (MysqlConnection lower = bench.open("customer/-80");
        MysqlConnection upper = bench.open("customer/80-")) {
      lower.execute("lock tables lagging read");
      upper.execute("lock tables lagging read");
      bench.sql("commerce/0", "update lagging set v = concat(v, ' late')");
      await()
          .atMost(Bench.PATIENCE)
          .pollInterval(Duration.ofMillis(200))
          .untilAsserted(() -> {
            assertThat(lag("customer/-80")).isGreaterThan(3);
            assertThat(lag("customer/80-")).isGreaterThan(3);
          });
      refuse(
          Asking.switchTraffic(Asking.header(lagging), Direction.FORWARD, 30_000, 1_000),
          "FAILED_PRECONDITION",
          "is higher than allowed lag 1s");
      lower.execute("unlock tables");
      upper.execute("unlock tables");
    }
    awaitLateRows("customer/-80");
    awaitLateRows("customer/80-");
  }

  /** What comes later must not be taken for a change by another command. */
  private void awaitLateRows(String place) {
    await()
        .atMost(Bench.PATIENCE)
        .untilAsserted(() ->
            assertThat(bench.sql(place, "select v from lagging where v not like '% late'").rows())
                .isEmpty());
  }

  private long lag(String place) {
    return bench
        .sql(
            place,
            "select unix_timestamp() - greatest(transaction_timestamp, time_updated)"
                + " from _vt.vreplication where workflow = 'lagging'")
        .only()
        .number(0);
  }

  @Test
  @Order(1)
  void aCompleteBeforeTheSwitchIsRefused() {
    refuse(
        Asking.complete(moved),
        "FAILED_PRECONDITION",
        "cannot complete workflow because you have not yet switched all read and write traffic");
  }

  @Test
  @Order(2)
  void aCancelAfterWritesWereSwitchedIsRefused() {
    bench.succeed(Asking.switchTraffic(moved, Direction.FORWARD));
    refuse(
        Asking.cancel(moved),
        "FAILED_PRECONDITION",
        "cannot delete workflow because you have already switched write traffic");
  }

  @Test
  @Order(3)
  void everyCommandSentTwiceActsOnce() {
    sendTwice(Asking.create(Asking.header(twice), "commerce", false, "twice"));
    sendTwice(Asking.start(twice, DesiredState.RUNNING), () -> bench.awaitRunning(twice));
    sendTwice(Asking.diff(twice));
    WorkflowKey back = new WorkflowKey("commerce", "twice_reverse");
    sendTwice(Asking.switchTraffic(twice, Direction.FORWARD), () -> bench.awaitRunning(back));
    sendTwice(Asking.switchTraffic(twice, Direction.BACKWARD), () -> bench.awaitRunning(twice));
    sendTwice(Asking.switchTraffic(twice, Direction.FORWARD), () -> bench.awaitRunning(back));
    sendTwice(Asking.complete(twice));
    sendTwice(Asking.cancel(waiting));
  }

  private void sendTwice(Command command) {
    sendTwice(command, () -> {});
  }

  /** Sends a command twice at once, and again when its effects have come to rest. */
  private void sendTwice(Command command, Runnable awaitRest) {
    bench.client().send(command);
    bench.succeed(command);
    awaitRest.run();
    World before = World.of(bench);
    bench.client().send(command);
    await()
        .atMost(Bench.PATIENCE)
        .untilAsserted(() ->
            assertThat(bench.audited(command))
                .filteredOn(CommandDuplicate.class::isInstance)
                .hasSize(2));
    assertThat(bench.audited(command)).filteredOn(CommandAdmitted.class::isInstance).hasSize(1);
    assertThat(bench.audited(command)).filteredOn(CommandSucceeded.class::isInstance).hasSize(1);
    assertThat(World.of(bench)).isEqualTo(before);
  }

  @Test
  @Order(4)
  void aCommandInThePartitionOfAnotherWorkflowIsRejected() {
    World before = World.of(bench);
    byte[] key = lagging.toString().getBytes(StandardCharsets.UTF_8);
    int proper = lagging.partition(Topics.EMBEDDED_PARTITIONS);
    List<Future<RecordMetadata>> sending = new ArrayList<>();
    int earlier = rejected().size();
    try (HttpRegistryClient registry =
            new HttpRegistryClient(bench.cluster().kafka().registryUrl());
        MessageSerializer serializer = new MessageSerializer(registry);
        KafkaProducer<byte[], byte[]> producer = producer()) {
      byte[] command =
          serializer.serialize(Topics.COMMANDS, Asking.create(lagging, "commerce", "free"));
      byte[] report = serializer.serialize(Topics.STREAMS, removed());
      for (int partition = 0; partition < Topics.EMBEDDED_PARTITIONS; partition++) {
        if (partition != proper) {
          sending.add(
              producer.send(new ProducerRecord<>(Topics.COMMANDS, partition, key, command)));
          sending.add(producer.send(new ProducerRecord<>(Topics.STREAMS, partition, key, report)));
        }
      }
      producer.flush();
    }
    assertThat(sending).allMatch(Future::isDone);
    int sent = 2 * (Topics.EMBEDDED_PARTITIONS - 1);
    await()
        .atMost(Bench.PATIENCE)
        .untilAsserted(() -> assertThat(rejected()).hasSize(earlier + sent));
    assertThat(rejected())
        .allSatisfy(one ->
            assertThat(one.reason())
                .contains("the key customer.lagging belongs into partition " + proper)
                .contains("partitioner=murmur2_random"));
    assertThat(World.of(bench)).isEqualTo(before);
  }

  private KafkaProducer<byte[], byte[]> producer() {
    return new KafkaProducer<>(
        Map.of("bootstrap.servers", bench.cluster().kafka().bootstrapServers()),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }

  @Test
  @Order(5)
  void garbageIsRejectedAndOtherWorkflowsGoOn() {
    World before = World.of(bench);
    byte[] key = lagging.toString().getBytes(StandardCharsets.UTF_8);
    int earlier = rejected().size();
    try (HttpRegistryClient registry =
            new HttpRegistryClient(bench.cluster().kafka().registryUrl());
        MessageSerializer serializer = new MessageSerializer(registry);
        KafkaProducer<byte[], byte[]> producer = producer()) {
      byte[] command =
          serializer.serialize(Topics.COMMANDS, Asking.switchTraffic(lagging, Direction.FORWARD));
      byte[] report = serializer.serialize(Topics.COMMANDS, removed());
      List<byte[]> values = new ArrayList<>();
      values.add("rubbish".getBytes(StandardCharsets.UTF_8));
      values.add(new byte[0]);
      values.add(ByteBuffer.allocate(9).putInt(1, 999_999).array());
      values.add(Arrays.copyOf(command, command.length / 2));
      values.add(report);
      List<Future<RecordMetadata>> sending = new ArrayList<>();
      for (int partition = 0; partition < Topics.EMBEDDED_PARTITIONS; partition++) {
        for (byte[] value : values) {
          sending.add(producer.send(new ProducerRecord<>(Topics.COMMANDS, partition, key, value)));
        }
        byte[] other = "not.it".getBytes(StandardCharsets.UTF_8);
        sending.add(producer.send(new ProducerRecord<>(Topics.COMMANDS, partition, key, null)));
        sending.add(
            producer.send(new ProducerRecord<>(Topics.COMMANDS, partition, other, command)));
        sending.add(producer.send(new ProducerRecord<>(Topics.COMMANDS, partition, null, command)));
      }
      producer.flush();
      assertThat(sending).allMatch(Future::isDone);
      int sent = earlier + sending.size();
      await().atMost(Bench.PATIENCE).untilAsserted(() -> assertThat(rejected()).hasSize(sent));
    }
    assertThat(rejected().subList(earlier, rejected().size()))
        .allSatisfy(rejected -> {
          assertThat(rejected.topic()).isEqualTo(Topics.COMMANDS);
          assertThat(rejected.reason()).isNotBlank();
        })
        .anySatisfy(rejected -> assertThat(rejected.reason()).contains("does not belong on"))
        .anySatisfy(rejected -> assertThat(rejected.reason()).contains("key is not that of"))
        .anySatisfy(rejected -> assertThat(rejected.reason()).contains("has no value"));
    assertThat(World.of(bench)).isEqualTo(before);

    bench.succeed(Asking.cancel(lagging));
    bench.succeed(Asking.complete(moved));
    WorkflowKey free = new WorkflowKey("customer", "free");
    bench.succeed(Asking.create(free, "commerce", "free"));
    bench.awaitRunning(free);
    bench.succeed(Asking.cancel(free));
  }

  private static StreamRemoved removed() {
    return new StreamRemoved("customer", "lagging", 1, "-80", "zone1-0000000200", 1);
  }

  private List<Rejected> rejected() {
    List<Rejected> rejected = new ArrayList<>();
    try (TopicDump dump = new TopicDump(bench.cluster().kafka())) {
      dump.messages(Topics.REJECTED).forEach(message -> rejected.add((Rejected) message));
    }
    return rejected;
  }

  @Test
  @Order(6)
  void theWholeLogFoldsIntoTheSameStateByteForByte() {
    await()
        .atMost(Bench.PATIENCE)
        .untilAsserted(() ->
            assertThat(bench.workflows().all())
                .allSatisfy(status -> assertThat(status.shards()).isEmpty()));
    try (HttpRegistryClient registry =
            new HttpRegistryClient(bench.cluster().kafka().registryUrl());
        TopicDump dump = new TopicDump(bench.cluster().kafka());
        StateReplay replay = new StateReplay(bench.connection())) {
      new WorkflowReplay(bench.cluster().kafka(), registry, Time.system())
          .replayInto("replayed.workflows", Bench.PATIENCE);
      Map<String, String> live = new TreeMap<>(dump.latest(Topics.WORKFLOWS));
      live.putAll(dump.latest(Topics.SHARDS));
      assertThat(live).hasSizeGreaterThanOrEqualTo(5);
      assertThat(dump.latest("replayed.workflows")).isEqualTo(live);
      StateReplay.Comparison comparison = replay.compare();
      assertThat(comparison.differences()).isEmpty();
      assertThat(comparison.fold().events()).isPositive();
    }
  }
}
