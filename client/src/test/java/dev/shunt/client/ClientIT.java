package dev.shunt.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.shunt.client.CommandResult.Failed;
import dev.shunt.client.CommandResult.Pending;
import dev.shunt.client.CommandResult.Refused;
import dev.shunt.client.CommandResult.Succeeded;
import dev.shunt.schemas.Command;
import dev.shunt.schemas.CommandDuplicate;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.Message;
import dev.shunt.schemas.MessageHeaders;
import dev.shunt.schemas.OutcomeKind;
import dev.shunt.schemas.Phase;
import dev.shunt.schemas.StreamBatch;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.UndecodableException;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.schemas.registry.RegistryException;
import dev.shunt.workflow.lifecycle.Evolver;
import dev.shunt.workflow.lifecycle.SplitStatus;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ClientIT {
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final Duration SHORT = Duration.ofMillis(300);

  private static Cluster cluster;

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private WorkflowKey key;
  private Connection connection;
  private ShuntClient client;
  private AuditLog audit;

  @BeforeAll
  static void startCluster(@TempDir Path folder) {
    cluster = new Cluster(folder);
  }

  @AfterAll
  static void stopCluster() {
    cluster.close();
  }

  @BeforeEach
  void start(TestInfo test) {
    key = new WorkflowKey("customer", test.getTestMethod().orElseThrow().getName());
    connection = cluster.connection();
    audit = new AuditLog(connection);
    client = new ShuntClient(connection);
    client.start();
  }

  @AfterEach
  void stop() {
    client.close();
    audit.close();
    connection.close();
    threads.close();
  }

  @Test
  void sendsACommandAndGetsItsOutcomeAndItsEvents() throws Exception {
    Command command = Samples.delete(key);
    String id = command.header().commandId();
    List<Event> seen = new CopyOnWriteArrayList<>();
    Future<CommandResult> result = threads.submit(() -> client.execute(command, LONG, seen::add));

    ConsumerRecord<byte[], byte[]> sent = awaitOnTopic(id);
    assertThat(new String(sent.key(), StandardCharsets.UTF_8)).isEqualTo(key.toString());
    assertThat(connection.deserializer().decode(sent.value())).isEqualTo(command);
    assertThat(header(sent, MessageHeaders.CONTENT_TYPE))
        .isEqualTo("application/vnd.confluent.avro");
    Event[] events = {
      Samples.admitted(key, id), Samples.started(key, id, 1005, 7), Samples.succeeded(key, id, 7)
    };
    cluster.publish(events);

    assertThat(result.get(20, TimeUnit.SECONDS))
        .isEqualTo(new Succeeded("deleted", List.of("a line"), Map.of("a", "b"), 1010));
    await().untilAsserted(() -> assertThat(seen).containsExactly(events));
  }

  @Test
  void tellsRefusalsAndFailures() throws Exception {
    Command refused = Samples.delete(key);
    Command failed = Samples.delete(key);
    Future<CommandResult> first = threads.submit(() -> client.execute(refused, LONG));
    Future<CommandResult> second = threads.submit(() -> client.execute(failed, LONG));
    awaitOnTopic(refused.header().commandId());
    awaitOnTopic(failed.header().commandId());
    cluster.publish(
        Samples.refused(key, refused.header().commandId()),
        Samples.failed(key, failed.header().commandId(), 3));

    assertThat(first.get(20, TimeUnit.SECONDS))
        .isEqualTo(new Refused("NOT_FOUND", "no such workflow"));
    assertThat(second.get(20, TimeUnit.SECONDS)).isEqualTo(new Failed("ABORTED", "too slow"));
  }

  @Test
  void believesNeitherAbortedTransactionsNorSupersededRuns() throws Exception {
    Command command = Samples.delete(key);
    String id = command.header().commandId();
    Future<CommandResult> result = threads.submit(() -> client.execute(command, LONG));
    awaitOnTopic(id);
    cluster.tellAndAbort(Samples.failed(key, id, 9));
    cluster.publish(Samples.started(key, id, 1005, 9), Samples.failed(key, id, 8));
    cluster.publish(Samples.succeeded(key, id, 9));

    assertThat(result.get(20, TimeUnit.SECONDS)).isInstanceOf(Succeeded.class);
  }

  @Test
  void saysWhetherItWasAdmittedWhenTheTimeIsOver() throws Exception {
    assertThat(client.execute(Samples.delete(key), SHORT)).isEqualTo(new Pending(false));

    Command command = Samples.delete(key);
    Future<CommandResult> result = threads.submit(() -> client.submit(command, LONG));
    awaitOnTopic(command.header().commandId());
    cluster.publish(Samples.admitted(key, command.header().commandId()));
    assertThat(result.get(20, TimeUnit.SECONDS)).isEqualTo(new Pending(true));
  }

  @Test
  void aCommandSentAgainGetsTheOutcomeItHad() throws Exception {
    Command command = Samples.delete(key);
    String id = command.header().commandId();
    cluster.publish(Samples.admitted(key, id), Samples.succeeded(key, id, 2));
    Future<CommandResult> result = threads.submit(() -> client.execute(command, LONG));
    awaitOnTopic(id);
    cluster.publish(
        new CommandDuplicate(
            Samples.header(key, id, 1020, 0),
            "dev.shunt.WorkflowDelete",
            "ann",
            OutcomeKind.SUCCEEDED));

    assertThat(result.get(20, TimeUnit.SECONDS)).isInstanceOf(Succeeded.class);
  }

  @Test
  void awaitsCommandsOfOthersEndedOrNot() throws Exception {
    cluster.publish(Samples.refused(key, "ended"));
    Future<CommandResult> running = threads.submit(() -> client.await("running", LONG));

    assertThat(client.await("ended", LONG)).isInstanceOf(Refused.class);
    assertThat(client.await("unheard-of", SHORT)).isEqualTo(new Pending(false));
    cluster.publish(Samples.succeeded(key, "running", 0));
    assertThat(running.get(20, TimeUnit.SECONDS)).isInstanceOf(Succeeded.class);
  }

  @Test
  void manyWaitAtOnce() throws Exception {
    List<Command> commands = new ArrayList<>();
    List<Future<CommandResult>> results = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      Command command = Samples.delete(new WorkflowKey("customer", "many" + i));
      commands.add(command);
      results.add(threads.submit(() -> client.execute(command, LONG)));
    }
    awaitOnTopic(commands.stream().map(command -> command.header().commandId()).toList());
    commands.forEach(command ->
        cluster.publish(
            Samples.succeeded(WorkflowKey.of(command.header()), command.header().commandId(), 0)));

    for (Future<CommandResult> result : results) {
      assertThat(result.get(20, TimeUnit.SECONDS)).isInstanceOf(Succeeded.class);
    }
  }

  @Test
  void replaysTheLogInOrderAndToAMoment() {
    WorkflowKey other = new WorkflowKey("customer", key.workflow() + "2");
    for (int i = 0; i < 300; i++) {
      cluster.publish(Samples.started(i % 2 == 0 ? key : other, "c" + i, 5000 + i, 0));
    }

    List<EventRecord> ofOne = new ArrayList<>();
    long count = audit.replay(AuditQuery.ofWorkflow(key), ofOne::add);
    assertThat(count).isEqualTo(150);
    assertThat(ofOne.stream().map(record -> record.event().header().at())).hasSize(150).isSorted();
    assertThat(ofOne.stream().map(EventRecord::offset)).isSorted();

    List<EventRecord> early = new ArrayList<>();
    AuditQuery query = AuditQuery.ofWorkflow(key).until(Instant.ofEpochMilli(5100));
    assertThat(audit.replay(query, early::add)).isEqualTo(51);
    assertThat(early).isEqualTo(ofOne.subList(0, 51));

    List<Long> times = new ArrayList<>();
    audit.replay(
        AuditQuery.all(),
        record -> {
          if (record.event().header().workflow().startsWith(key.workflow())) {
            times.add(record.event().header().at());
          }
        });
    assertThat(times).hasSize(300).isSorted();
  }

  @Test
  void keepsTheStateOfAllWorkflows() throws Exception {
    WorkflowKey gone = new WorkflowKey("customer", "gone");
    cluster.publish(gone, Samples.status(gone, 1));
    cluster.publish(gone, null);
    cluster.publish(key, Samples.status(key, 1));
    try (WorkflowTable table = new WorkflowTable(connection)) {
      table.start(LONG);
      assertThat(table.get(key)).contains(Samples.status(key, 1));
      assertThat(table.get(gone)).isEmpty();

      List<WorkflowTable.Change> changes = new CopyOnWriteArrayList<>();
      WorkflowTable.Subscription subscription = table.subscribe(changes::add);
      Future<Boolean> reached = threads.submit(() -> table.awaitVersion(key, 3, LONG));
      cluster.publish(key, Samples.status(key, 2));
      cluster.garbage(Topics.WORKFLOWS, key);
      cluster.publish(key, Samples.status(key, 3));
      assertThat(reached.get(20, TimeUnit.SECONDS)).isTrue();
      subscription.close();
      cluster.publish(key, Samples.status(key, 4));
      table.catchUp(LONG);
      assertThat(table.all()).contains(Samples.status(key, 4));
      assertThat(changes)
          .extracting(WorkflowTable.Change::status)
          .containsExactly(Samples.status(key, 1), Samples.status(key, 2), Samples.status(key, 3));
      assertThat(table.awaitVersion(key, 5, SHORT)).isFalse();

      Instant before = table.freshness();
      await().untilAsserted(() -> assertThat(table.freshness()).isAfter(before));
    }
  }

  @Test
  void foldsTheLogsAnewAndFindsWhatDiffers() {
    MoveTables workflow = new MoveTables(key);
    workflow.events().forEach(cluster::publish);
    workflow.reports().forEach(cluster::report);
    cluster.publish(key, workflow.status());
    try (StateReplay replay = new StateReplay(connection)) {
      assertThat(replay.compare().fold().workflows()).containsEntry(key, workflow.status());
      assertThat(ofThisTest(replay.compare())).isEmpty();

      Instant created = Instant.ofEpochMilli(MoveTables.CREATED_AT);
      assertThat(replay.fold(created.minusMillis(1)).workflows().get(key).phase())
          .isEqualTo(Phase.CREATING);
      assertThat(replay.fold(created).workflows().get(key).phase()).isEqualTo(Phase.ACTIVE);

      WorkflowStatus damaged = Samples.status(key, workflow.status().version());
      cluster.publish(key, damaged);
      assertThat(ofThisTest(replay.compare()))
          .containsExactly(new StateReplay.Difference(key, workflow.status(), damaged));
      cluster.publish(key, null);
      assertThat(ofThisTest(replay.compare()))
          .containsExactly(new StateReplay.Difference(key, workflow.status(), null));
    }
  }

  @Test
  void joinsTheStreamsOfTargetShardsAndComparesRecordByRecord() {
    MoveTables workflow = new MoveTables(key);
    workflow.events().forEach(cluster::publish);
    workflow.reports().forEach(cluster::report);
    SplitStatus status = SplitStatus.of(workflow.status());
    cluster.publishParts(key, status);
    try (WorkflowTable table = new WorkflowTable(connection);
        StateReplay replay = new StateReplay(connection)) {
      table.start(LONG);
      assertThat(table.get(key)).contains(workflow.status());
      assertThat(ofThisTest(replay.compare())).isEmpty();

      List<WorkflowTable.Change> changes = new CopyOnWriteArrayList<>();
      WorkflowTable.Subscription subscription = table.subscribe(changes::add);
      SplitStatus damaged =
          SplitStatus.of(
              Evolver.evolve(workflow.status(), StreamBatch.of(workflow.reports().getFirst())));
      cluster.publishParts(key, damaged);
      table.catchUp(LONG);
      subscription.close();
      assertThat(changes.getLast().status()).isEqualTo(damaged.joined());
      assertThat(ofThisTest(replay.compare()))
          .containsExactly(new StateReplay.Difference(key, workflow.status(), damaged.joined()));

      cluster.publishParts(key, new SplitStatus(null, Map.of()));
      table.catchUp(LONG);
      assertThat(table.get(key)).isEmpty();
      assertThat(ofThisTest(replay.compare()))
          .containsExactly(new StateReplay.Difference(key, workflow.status(), null));
    }
  }

  /** The other tests leave workflows without events, and events without workflows. */
  private List<StateReplay.Difference> ofThisTest(StateReplay.Comparison comparison) {
    return comparison.differences().stream()
        .filter(difference -> difference.key().equals(key))
        .toList();
  }

  @Test
  void aListenerThatFailsHarmsNobodyElse() throws Exception {
    Command command = Samples.delete(key);
    Future<CommandResult> result =
        threads.submit(() ->
            client.execute(
                command,
                LONG,
                event -> {
                  throw new IllegalStateException("thrown by the test");
                }));
    awaitOnTopic(command.header().commandId());
    cluster.publish(Samples.admitted(key, command.header().commandId()));
    cluster.publish(Samples.succeeded(key, command.header().commandId(), 0));

    assertThat(result.get(20, TimeUnit.SECONDS)).isInstanceOf(Succeeded.class);
  }

  @Test
  @Order(Integer.MAX_VALUE)
  void garbageAmongTheEventsStopsNoWaiterAndNoReplayThatAsksToBeToldOfIt() throws Exception {
    Command command = Samples.delete(key);
    Future<CommandResult> result = threads.submit(() -> client.execute(command, LONG));
    awaitOnTopic(command.header().commandId());
    cluster.garbage(Topics.EVENTS, key);
    cluster.tombstone(Topics.EVENTS, key);
    cluster.publish(Samples.succeeded(key, command.header().commandId(), 0));

    assertThat(result.get(20, TimeUnit.SECONDS)).isInstanceOf(Succeeded.class);
    assertThatThrownBy(() -> audit.replay(AuditQuery.all(), record -> {}))
        .isInstanceOf(UndecodableException.class)
        .hasMessageMatching("partition \\d offset \\d+: .*");

    assertThat(client.await(command.header().commandId(), LONG)).isInstanceOf(Succeeded.class);
    List<UndecodableException> unreadable = new ArrayList<>();
    assertThat(audit.replay(AuditQuery.ofWorkflow(key), record -> {}, unreadable::add))
        .isEqualTo(1);
    assertThat(unreadable)
        .hasSize(2)
        .allSatisfy(one -> assertThat(one).hasMessageMatching("partition \\d offset \\d+: .*"));
    assertThat(unreadable.getLast()).hasMessageEndingWith("not an event but a tombstone");
    WorkflowKey other = new WorkflowKey("customer", "other");
    assertThat(audit.replay(AuditQuery.ofWorkflow(other), record -> {})).isZero();
  }

  /**
   * Else whoever waits for what comes on the topic would wait in vain, and nobody would see why.
   */
  @Test
  void aFollowerHandsOverAgainWhatCouldNotBeHandled() {
    Command command = Samples.delete(key);
    List<String> handled = new CopyOnWriteArrayList<>();
    AtomicInteger failures = new AtomicInteger(3);
    try (TopicFollower follower =
        new TopicFollower(
            connection,
            List.of(Topics.EVENTS),
            TopicFollower.From.END,
            record -> {
              switch (failures.getAndDecrement()) {
                case 3 -> throw new StackOverflowError();
                case 2 -> throw new IllegalStateException("not understood");
                case 1 -> throw new RegistryException(403, 40301, "forbidden", null);
                default -> {
                  Message event = connection.deserializer().decode(record.value());
                  handled.add(((Event) event).header().commandId());
                }
              }
            })) {
      follower.start();
      cluster.publish(
          Samples.admitted(key, command.header().commandId()),
          Samples.succeeded(key, command.header().commandId(), 0));

      assertThat(follower.awaitCaughtUp(LONG)).isTrue();
      assertThat(handled)
          .containsExactly(command.header().commandId(), command.header().commandId());
    }
  }

  private ConsumerRecord<byte[], byte[]> awaitOnTopic(String commandId) {
    return awaitOnTopic(List.of(commandId)).getFirst();
  }

  private List<ConsumerRecord<byte[], byte[]>> awaitOnTopic(List<String> commandIds) {
    return await()
        .atMost(LONG)
        .until(
            () -> {
              List<ConsumerRecord<byte[], byte[]>> found = new ArrayList<>();
              audit.read(
                  Topics.COMMANDS,
                  record -> {
                    if (commandIds.contains(header(record, MessageHeaders.COMMAND_ID))) {
                      found.add(record);
                    }
                  });
              return found;
            },
            found -> found.size() == commandIds.size());
  }

  private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
  }
}
