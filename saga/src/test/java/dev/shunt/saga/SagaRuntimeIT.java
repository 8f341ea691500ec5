package dev.shunt.saga;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shunt.embedded.KafkaBroker;
import dev.shunt.saga.fake.Samples;
import dev.shunt.schemas.EventHeader;
import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.StepStarted;
import dev.shunt.schemas.TopicCreator;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.registry.InMemoryRegistry;
import dev.shunt.service.KafkaSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
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
      TopicCreator.createMissing(admin, 1);
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
    SagaRuntime runtime =
        new SagaRuntime(
            "it-" + topic,
            topic,
            kafka,
            registry,
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

  @Test
  void anotherInstanceTakesOverWhatAnOrderlyStopInterrupted() {
    Map<String, SagaRuntime> instances = new HashMap<>();
    instances.put("second", instance("second", Topics.TASKS_COPY));
    instances.put("first", instance("first", Topics.TASKS_COPY));
    open(Topics.TASKS_COPY, "a", "c1");
    await().until(() -> runs.size() == 1);
    String owner = runs.getFirst().split(" ", -1)[0];
    String other = owner.equals("first") ? "second" : "first";
    Objects.requireNonNull(instances.remove(owner)).close();
    await()
        .atMost(Duration.ofSeconds(15))
        .untilAsserted(() -> assertThat(runs).containsExactly(owner + " c1", other + " c1"));
    assertThat(stopped).containsExactly(owner + " c1");
    release.countDown();
    close(Topics.TASKS_COPY, "a");
    instances.values().forEach(SagaRuntime::close);
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
      close(Topics.TASKS_SWITCH, "b");
      open(Topics.TASKS_SWITCH, "b", "c5");
      await()
          .untilAsserted(
              () -> assertThat(runs).containsExactlyInAnyOrder("only c2", "only c4", "only c5"));
    }
  }

  @Test
  void readsBackWhatARunTold() {
    List<List<StepStarted>> seen = new CopyOnWriteArrayList<>();
    SagaRuntime runtime =
        new SagaRuntime(
            "it-history",
            Topics.TASKS_VDIFF,
            kafka,
            registry,
            Samples.QUICK,
            (sink, history) ->
                (task, stop) -> {
                  seen.add(
                      history.of(task).stream()
                          .filter(StepStarted.class::isInstance)
                          .map(StepStarted.class::cast)
                          .toList());
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
                          ""));
                  sink.flush();
                  return seen.size() < 3 ? TaskHandler.Result.AGAIN : TaskHandler.Result.FINISHED;
                });
    try (runtime) {
      open(Topics.TASKS_VDIFF, "h", "c9");
      runtime.start();
      await().atMost(Duration.ofSeconds(15)).until(() -> seen.size() == 3);
      assertThat(seen.getLast()).extracting(StepStarted::step).containsExactly("step 1", "step 2");
    }
  }
}
