package dev.shunt.saga;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.shunt.embedded.KafkaBroker;
import dev.shunt.saga.fake.Samples;
import dev.shunt.schemas.CommandFailed;
import dev.shunt.schemas.CommandSucceeded;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.EventHeader;
import dev.shunt.schemas.MessageDeserializer;
import dev.shunt.schemas.MessageHeaders;
import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.Rejected;
import dev.shunt.schemas.StepFailed;
import dev.shunt.schemas.StepStarted;
import dev.shunt.schemas.TopicCreator;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.registry.InMemoryRegistry;
import dev.shunt.schemas.registry.RegistryException;
import dev.shunt.schemas.registry.SchemaRegistry;
import dev.shunt.service.KafkaSettings;
import dev.shunt.service.KafkaWatch;
import dev.shunt.time.Time;
import dev.shunt.topo.Topo;
import dev.shunt.topo.Topos;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.avro.Schema;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tasks on a real broker: run once, taken over, left alone behind their tombstone. */
class SagaRuntimeIT {
  @TempDir static Path directory;
  private static KafkaBroker broker;
  private static KafkaSettings kafka;
  private static KafkaProducer<String, byte[]> producer;
  private static final InMemoryRegistry registry = new InMemoryRegistry();

  private final List<String> runs = new CopyOnWriteArrayList<>();
  private final List<String> stopped = new CopyOnWriteArrayList<>();
  private final CountDownLatch release = new CountDownLatch(1);

  @BeforeAll
  static void start() {
    broker = KafkaBroker.start(directory, 0);
    kafka = KafkaSettings.defaults().at(broker.bootstrapServers(), "http://127.0.0.1:1");
    try (Admin admin = Admin.create(kafka.admin())) {
      TopicCreator.createMissing(admin, 1, Topics.EMBEDDED_PARTITIONS, Topics.all());
    }
    producer =
        new KafkaProducer<>(kafka.producer(), new StringSerializer(), new ByteArraySerializer());
  }

  @AfterAll
  static void stop() {
    producer.close();
    broker.close();
  }

  private static void send(String topic, String key, byte[] value) {
    try {
      var unused = producer.send(new ProducerRecord<>(topic, key, value)).get();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static void open(String topic, String workflow, String commandId) {
    send(
        topic,
        "customer." + workflow,
        new MessageSerializer(registry)
            .serialize(topic, Samples.task(workflow, commandId).command()));
  }

  private static void close(String topic, String workflow) {
    send(topic, "customer." + workflow, null);
  }

  /** An instance whose runs last until they are released or stopped. */
  private SagaRuntime instance(String name, String topic) {
    return instance(name, topic, "it-" + topic, registry);
  }

  private SagaRuntime instance(String name, String topic, String service, SchemaRegistry schemas) {
    SagaRuntime runtime =
        new SagaRuntime(
            service,
            topic,
            kafka,
            schemas,
            Time.system(),
            Samples.QUICK,
            (sink, history) ->
                (task, stop) -> {
                  runs.add(name + " " + task.commandId());
                  try {
                    release.await();
                  } catch (InterruptedException e) {
                    stopped.add(name + " " + task.commandId());
                    return TaskHandler.Result.STOPPED;
                  }
                  return TaskHandler.Result.FINISHED;
                });
    runtime.start();
    return runtime;
  }

  /** Until the partitions are dealt out to so many instances: nothing moves any more. */
  private static void awaitMembers(String group, int members) {
    try (Admin admin = Admin.create(kafka.admin())) {
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> {
            ConsumerGroupDescription now =
                admin.describeConsumerGroups(List.of(group)).all().get().get(group);
            return now != null
                && now.groupState() == GroupState.STABLE
                && now.members().size() == members
                && now.members().stream()
                    .noneMatch(member -> member.assignment().topicPartitions().isEmpty());
          });
    }
  }

  @Test
  void anotherInstanceTakesOverWhatAnOrderlyStopInterrupted() {
    Map<String, SagaRuntime> instances = new HashMap<>();
    instances.put("second", instance("second", Topics.TASKS_COPY));
    instances.put("first", instance("first", Topics.TASKS_COPY));
    awaitMembers("shunt-it-" + Topics.TASKS_COPY, 2);
    open(Topics.TASKS_COPY, "a", "c1");
    await().atMost(Duration.ofSeconds(30)).until(() -> runs.size() == 1);
    String owner = runs.getFirst().split(" ", -1)[0];
    String other = owner.equals("first") ? "second" : "first";
    Objects.requireNonNull(instances.remove(owner)).close();
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(runs).containsExactly(owner + " c1", other + " c1"));
    assertThat(stopped).containsExactly(owner + " c1");
    release.countDown();
    close(Topics.TASKS_COPY, "a");
    instances.values().forEach(SagaRuntime::close);
  }

  @Test
  void closesThoughTheBrokerHoldsItsFetchForLong() {
    SagaRuntime runtime =
        new SagaRuntime(
            "it-held",
            Topics.TASKS_VDIFF,
            kafka.withProperties(Map.of(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, "25000")),
            registry,
            Time.system(),
            Samples.QUICK,
            (sink, history) ->
                (task, stop) -> {
                  runs.add(task.commandId());
                  return TaskHandler.Result.FINISHED;
                });
    runtime.start();
    open(Topics.TASKS_VDIFF, "held", "c1");
    await().atMost(Duration.ofSeconds(30)).until(() -> runs.contains("c1"));
    close(Topics.TASKS_VDIFF, "held"); // by now the fetch behind it is held
    long began = System.nanoTime();
    runtime.close();
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(15));
  }

  private static List<String> rejected() {
    TopicPartition partition = new TopicPartition(Topics.REJECTED, 0);
    List<String> reasons = new ArrayList<>();
    try (KafkaConsumer<String, byte[]> consumer =
        new KafkaConsumer<>(
            kafka.consumer(), new StringDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      await()
          .until(() -> {
            consumer
                .poll(Duration.ofMillis(100))
                .forEach(record -> {
                  Rejected one =
                      (Rejected) new MessageDeserializer(registry).decode(record.value());
                  reasons.add(one.reason().split(":", -1)[0] + " in " + one.topic());
                });
            return !reasons.isEmpty();
          });
    }
    return reasons;
  }

  @Test
  void runsWhatIsOpenAndNotWhatIsTombstoned() {
    open(Topics.TASKS_SWITCH, "a", "c1");
    open(Topics.TASKS_SWITCH, "b", "c2");
    close(Topics.TASKS_SWITCH, "a");
    open(Topics.TASKS_SWITCH, "c", "c3");
    open(Topics.TASKS_SWITCH, "c", "c4");
    send(Topics.TASKS_SWITCH, "customer.d", new byte[] {9, 9, 9});
    release.countDown();
    SagaRuntime only = instance("only", Topics.TASKS_SWITCH);
    try (only) {
      await().until(() -> runs.size() >= 2);
      assertThat(runs).containsExactlyInAnyOrder("only c2", "only c4");
      assertThat(rejected()).containsExactly("unreadable task in shunt.tasks.switch");
      close(Topics.TASKS_SWITCH, "b");
      open(Topics.TASKS_SWITCH, "b", "c5");
      await()
          .untilAsserted(
              () -> assertThat(runs).containsExactlyInAnyOrder("only c2", "only c4", "only c5"));
    }
  }

  /** One whose runs all are {@link #stuck}. */
  private SagaRuntime stuckRuntime(String group, Topo topo) {
    return new SagaRuntime(
        group,
        Topics.TASKS_COPY,
        kafka,
        registry,
        Time.system(),
        Samples.QUICK,
        (sink, history) ->
            new SagaHandler(
                topo,
                WorkflowKey::toString,
                sink,
                history,
                "here",
                Time.system(),
                Samples.QUICK,
                this::stuck));
  }

  /** A saga that fails and can't be taken back, whatever is tried. */
  private Saga stuck(Run run) {
    TestStep never =
        TestStep.of("a", "", r -> "")
            .undoneBy(r -> {
              throw new IllegalStateException("gone for good");
            });
    TestStep fails =
        TestStep.of(
            "b",
            "",
            r -> {
              throw new IllegalStateException("not today");
            });
    boolean first = run.task().commandId().equals("stuck");
    runs.add(run.task().commandId());
    return TestStep.saga(first ? List.of(never, fails) : List.of(), r -> Success.of("done"));
  }

  private static List<Event> told(String commandId) {
    try {
      return history().of(task("u", commandId));
    } catch (UnreadableEventException e) {
      return e.others();
    }
  }

  private static <T extends Event> List<T> told(String commandId, Class<T> type) {
    return told(commandId).stream().filter(type::isInstance).map(type::cast).toList();
  }

  /** An abandonment reaches the run as the tombstone of its task. */
  @Test
  void aRunWhoseUndoNeverSucceedsEndsWithItsTaskAndTheNextOneIsRun() {
    try (Topo topo = Topos.local(directory.resolve("topo"));
        SagaRuntime runtime = stuckRuntime("it-abandoned", topo)) {
      runtime.start();
      open(Topics.TASKS_COPY, "u", "stuck");
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> told("stuck", StepFailed.class).size() == 2);
      await()
          .during(Duration.ofSeconds(2))
          .until(() -> told("stuck", CommandFailed.class).isEmpty());

      close(Topics.TASKS_COPY, "u");
      open(Topics.TASKS_COPY, "u", "next");

      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> told("next", CommandSucceeded.class).size() == 1);
      assertThat(told("stuck", StepFailed.class))
          .extracting(StepFailed::step, StepFailed::error)
          .containsExactly(tuple("b", "not today"), tuple("undo a", "gone for good"));
      assertThat(told("stuck", CommandFailed.class)).isEmpty(); // that is told by who abandons it
      assertThat(runs).containsExactly("stuck", "next");
      close(Topics.TASKS_COPY, "u");
    }
  }

  private static StepStarted started(String workflow, String commandId, long fence) {
    return new StepStarted(
        new EventHeader("customer", workflow, commandId, System.currentTimeMillis(), "x", fence),
        "a step",
        "");
  }

  private static KafkaEventHistory history() {
    return new KafkaEventHistory(
        Topics.EVENTS,
        () ->
            new KafkaConsumer<>(
                kafka.uncommittedReader(), new StringDeserializer(), new ByteArrayDeserializer()),
        new MessageDeserializer(registry));
  }

  private static int partitionOf(String workflow) {
    return Utils.toPositive(
            Utils.murmur2(("customer." + workflow).getBytes(StandardCharsets.UTF_8)))
        % Topics.EMBEDDED_PARTITIONS;
  }

  /** A task of now in the partition of its workflow. */
  private static Task task(String workflow, String commandId) {
    Task sample = Samples.task(workflow, commandId);
    return new Task(
        sample.key(), sample.command(), partitionOf(workflow), System.currentTimeMillis());
  }

  @Test
  void readsBackWhatStandsBehindAnOpenTransaction() {
    MessageSerializer serializer = new MessageSerializer(registry);
    Map<String, Object> transactional = new HashMap<>(kafka.producer());
    transactional.put("transactional.id", "died");
    try (KafkaProducer<String, byte[]> admission =
            new KafkaProducer<>(transactional, new StringSerializer(), new ByteArraySerializer());
        KafkaEventSink sink =
            new KafkaEventSink(
                Topics.EVENTS,
                () ->
                    new KafkaProducer<>(
                        kafka.producer(), new StringSerializer(), new ByteArraySerializer()),
                serializer)) {
      admission.initTransactions();
      admission.beginTransaction();
      var unused =
          admission.send(
              new ProducerRecord<>(
                  Topics.EVENTS,
                  "customer.open",
                  serializer.serialize(Topics.EVENTS, started("open", "c1", 0))));
      // An abandonment stands above every fence.
      var unusedToo =
          admission.send(
              new ProducerRecord<>(
                  Topics.EVENTS,
                  "customer.open",
                  serializer.serialize(Topics.EVENTS, started("open", "c1", Long.MAX_VALUE))));
      admission.flush();
      await().until(() -> sink.send(started("open", "c1", 7), "").get() != null);
      assertThat(history().of(task("open", "c1")))
          .extracting(event -> event.header().fence())
          .containsExactly(7L);
      admission.abortTransaction();
    }
  }

  /** What somebody put there, under the key of a workflow. */
  private static void garbage(String workflow, Headers headers) {
    try {
      var unused =
          producer
              .send(
                  new ProducerRecord<>(
                      Topics.EVENTS,
                      partitionOf(workflow),
                      "customer." + workflow,
                      new byte[] {9, 9, 9},
                      headers))
              .get();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void readsBackPastUnreadableEventsUnlessTheyNameTheCommand() {
    garbage("odd", new RecordHeaders());
    garbage("odd", MessageHeaders.ofEvent("another", ""));
    send(
        Topics.EVENTS,
        "customer.odd",
        new MessageSerializer(registry).serialize(Topics.EVENTS, started("odd", "c1", 7)));
    assertThat(history().of(task("odd", "c1"))).hasSize(1);

    garbage("odd", MessageHeaders.ofEvent("c1", ""));
    assertThatThrownBy(() -> history().of(task("odd", "c1")))
        .isInstanceOfSatisfying(
            UnreadableEventException.class, e -> assertThat(e.others()).hasSize(1))
        .hasMessageContaining("can't tell what was done: the event at shunt.events-");
    assertThat(history().of(task("odd", "c2"))).isEmpty();
  }

  @Test
  void tellsOnceThatAnEventOfItsCommandIsUnreadableUntilItIsAbandoned() {
    garbage("u", MessageHeaders.ofEvent("blind", ""));
    try (LogLines lines = new LogLines(RunFailures.class);
        Topo topo = Topos.local(directory.resolve("topo-blind"));
        SagaRuntime runtime = stuckRuntime("it-blind", topo)) {
      runtime.start();
      open(Topics.TASKS_COPY, "u", "blind");
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> !told("blind", StepFailed.class).isEmpty());
      await()
          .during(Duration.ofSeconds(2)) // it is run again many times
          .until(() -> runs.isEmpty());
      assertThat(told("blind"))
          .singleElement()
          .isInstanceOfSatisfying(
              StepFailed.class,
              failed -> {
                assertThat(failed.step()).isEqualTo(TaskLocks.PLANNING);
                assertThat(failed.error())
                    .startsWith("can't tell what was done: the event at shunt.events-")
                    .contains("offset");
              });
      assertThat(lines.said())
          .containsExactly(
              "WARN run ended without an outcome, to be run again until there is one ");
      assertThat(lines.traces()).isZero();

      close(Topics.TASKS_COPY, "u");
      open(Topics.TASKS_COPY, "u", "after");
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> told("after", CommandSucceeded.class).size() == 1);
      assertThat(runs).containsExactly("after");
      close(Topics.TASKS_COPY, "u");
    }
  }

  /** As after a start: nothing was read in this schema before. */
  private static final class AwayRegistry implements SchemaRegistry {
    private final int known;
    final AtomicInteger asked = new AtomicInteger();
    volatile boolean away = true;

    AwayRegistry(int known) {
      this.known = known;
    }

    @Override
    public int register(String subject, Schema schema) {
      return registry.register(subject, schema);
    }

    @Override
    public Schema byId(int id) {
      if (id != known) {
        asked.incrementAndGet();
        if (away) {
          throw new RegistryException(0, 0, "no answer from the registry", null);
        }
      }
      return registry.byId(id);
    }
  }

  @Test
  void keepsItsRunsWhileATaskWaitsForTheRegistry() {
    MessageSerializer serializer = new MessageSerializer(registry);
    byte[] delete = serializer.serialize(Topics.TASKS_COPY, Samples.task("r", "c1").command());
    byte[] create = serializer.serialize(Topics.TASKS_COPY, Samples.create("c2"));
    AwayRegistry flaky = new AwayRegistry(ByteBuffer.wrap(delete).getInt(1));
    try (LogLines lines = new LogLines(TaskRunner.class);
        SagaRuntime runtime = instance("one", Topics.TASKS_COPY, "it-registry", flaky)) {
      assertThat(runtime).isNotNull();
      send(Topics.TASKS_COPY, "customer.r", delete);
      await().atMost(Duration.ofSeconds(20)).until(() -> runs.size() == 1);

      send(Topics.TASKS_COPY, "customer.c2c", create);
      await().atMost(Duration.ofSeconds(20)).until(() -> flaky.asked.get() >= 3);
      assertThat(partitionOf("elsewhere")).isNotEqualTo(partitionOf("c2c"));
      open(Topics.TASKS_COPY, "elsewhere", "c3");
      await().atMost(Duration.ofSeconds(20)).until(() -> runs.size() == 2);
      assertThat(runs).containsExactly("one c1", "one c3");
      assertThat(stopped).isEmpty();

      flaky.away = false;
      await().atMost(Duration.ofSeconds(20)).until(() -> runs.size() == 3);
      assertThat(runs).containsExactly("one c1", "one c3", "one c2");
      assertThat(stopped).isEmpty();
      assertThat(lines.said())
          .containsExactly(
              "WARN tasks wait for the schema registry ",
              "INFO the registry answers again, tasks are taken ");
      release.countDown();
      for (String workflow : List.of("r", "c2c", "elsewhere")) {
        close(Topics.TASKS_COPY, workflow);
      }
    }
  }

  private static SagaRuntime idle(String service, KafkaSettings settings) {
    SagaRuntime runtime =
        new SagaRuntime(
            service,
            "shunt.tasks." + service,
            settings,
            registry,
            Time.system(),
            Samples.QUICK,
            (sink, history) -> (task, stop) -> TaskHandler.Result.FINISHED);
    runtime.start();
    return runtime;
  }

  /** Each of the services that run tasks is this and a handler. */
  @Test
  void saysOnceThatItsKafkaIsAwayAndOnceThatItIsBack(@TempDir Path folder) {
    KafkaBroker own = KafkaBroker.start(folder, 0);
    int port = own.port();
    KafkaSettings settings =
        KafkaSettings.defaults().at(own.bootstrapServers(), "http://127.0.0.1:1");
    try (Admin admin = Admin.create(settings.admin())) {
      TopicCreator.createMissing(admin, 1, Topics.EMBEDDED_PARTITIONS, Topics.all());
    }
    try (LogLines lines = new LogLines(KafkaWatch.class);
        SagaRuntime copy = idle("copy", settings);
        SagaRuntime switcher = idle("switch", settings);
        SagaRuntime vdiff = idle("vdiff", settings)) {
      assertThat(List.of(copy, switcher, vdiff)).doesNotContainNull();
      own.close();
      List<String> away = new ArrayList<>();
      List<String> back = new ArrayList<>();
      for (String service : List.of("copy", "switch", "vdiff")) {
        String where = " service=\"%s\" kafka=\"127.0.0.1:%d\"".formatted(service, port);
        away.add("WARN Kafka does not answer; commands and events wait for it" + where);
        back.add("INFO Kafka answers again" + where);
      }
      await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(() -> assertThat(lines.said()).containsExactlyInAnyOrderElementsOf(away));
      await()
          .during(Duration.ofSeconds(5)) // it is looked for several times
          .atMost(Duration.ofSeconds(7))
          .until(() -> lines.said().size() == 3);
      own = KafkaBroker.start(folder, port);
      List<String> both = new ArrayList<>(away);
      both.addAll(back);
      await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(() -> assertThat(lines.said()).containsExactlyInAnyOrderElementsOf(both));
    } finally {
      own.close();
    }
  }

  @Test
  void readsBackWhatARunTold() {
    List<List<StepStarted>> seen = new CopyOnWriteArrayList<>();
    List<String> traces = new CopyOnWriteArrayList<>();
    SagaRuntime runtime =
        new SagaRuntime(
            "it-history",
            Topics.TASKS_VDIFF,
            kafka,
            registry,
            Time.system(),
            Samples.QUICK,
            (sink, history) ->
                (task, stop) -> {
                  seen.add(
                      history.of(task).stream()
                          .filter(StepStarted.class::isInstance)
                          .map(StepStarted.class::cast)
                          .toList());
                  var unused =
                      sink.send(
                          new StepStarted(
                              new EventHeader(
                                  "customer",
                                  "h",
                                  task.commandId(),
                                  System.currentTimeMillis(),
                                  "x",
                                  1),
                              "step " + seen.size(),
                              ""),
                          task.traceparent());
                  traces.add(task.traceparent());
                  return seen.size() < 3 ? TaskHandler.Result.AGAIN : TaskHandler.Result.FINISHED;
                });
    try (runtime) {
      byte[] value =
          new MessageSerializer(registry)
              .serialize(Topics.TASKS_VDIFF, Samples.task("h", "c9").command());
      var unused =
          producer.send(
              new ProducerRecord<>(
                  Topics.TASKS_VDIFF,
                  null,
                  "customer.h",
                  value,
                  MessageHeaders.ofCommand("c9", "00-trace")));
      runtime.start();
      await().atMost(Duration.ofSeconds(15)).until(() -> seen.size() == 3);
      assertThat(seen.getLast()).extracting(StepStarted::step).containsExactly("step 1", "step 2");
      assertThat(traces).containsOnly("00-trace");
    }
  }
}
