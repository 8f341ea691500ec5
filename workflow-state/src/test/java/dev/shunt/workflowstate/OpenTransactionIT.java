package dev.shunt.workflowstate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.shunt.embedded.KafkaBroker;
import dev.shunt.schemas.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A producer that nobody knows leaves its transaction open on a partition that others read. */
class OpenTransactionIT {
  private final Logger logger = (Logger) LoggerFactory.getLogger(OpenTransactionWatch.class);
  private final ListAppender<ILoggingEvent> appender = new ListAppender<>();

  @TempDir Path directory;
  private KafkaBroker broker;

  @BeforeEach
  void start() {
    broker = KafkaBroker.start(directory.resolve("kafka"), 0);
    logger.setLevel(Level.INFO);
    appender.start();
    logger.addAppender(appender);
  }

  @AfterEach
  void stop() {
    logger.detachAppender(appender);
    logger.setLevel(null);
    broker.close();
  }

  private WorkflowStateService service(String state) {
    return new WorkflowStateService(
        WorkflowStateProcess.config(broker.bootstrapServers(), directory.resolve(state)),
        FixedRegistry.create());
  }

  private KafkaProducer<String, byte[]> producer() {
    KafkaProducer<String, byte[]> producer =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers",
                broker.bootstrapServers(),
                "transactional.id",
                "stranger",
                "transaction.timeout.ms",
                600_000),
            new StringSerializer(),
            new ByteArraySerializer());
    producer.initTransactions();
    producer.beginTransaction();
    return producer;
  }

  private static RecordMetadata write(
      KafkaProducer<String, byte[]> producer, String topic, int partition)
      throws InterruptedException, ExecutionException {
    return producer.send(new ProducerRecord<>(topic, partition, "k", new byte[] {1})).get();
  }

  private List<String> lines(Level level) {
    List<ILoggingEvent> events;
    synchronized (appender) { // as who appends does
      events = List.copyOf(appender.list);
    }
    return events.stream()
        .filter(event -> event.getLevel().equals(level))
        .map(ILoggingEvent::getFormattedMessage)
        .toList();
  }

  @Test
  void isToldOnceWithTheCommandThatEndsIt() throws Exception {
    try (WorkflowStateService service = service("state")) {
      service.start();
      try (KafkaProducer<String, byte[]> producer = producer()) {
        RecordMetadata command = write(producer, Topics.COMMANDS, 2);
        RecordMetadata shard = write(producer, Topics.SHARDS, 1);
        long begun = System.nanoTime();
        await()
            .atMost(Duration.ofSeconds(60))
            .untilAsserted(() -> assertThat(lines(Level.WARN)).isNotEmpty());
        assertThat(Duration.ofNanos(System.nanoTime() - begun))
            .isBetween(Duration.ofSeconds(9), Duration.ofSeconds(40));
        await()
            .during(Duration.ofSeconds(11)) // one more look
            .atMost(Duration.ofSeconds(30))
            .untilAsserted(() ->
                assertThat(lines(Level.WARN))
                    .satisfiesExactlyInAnyOrder(
                        line -> assertNames(line, command), line -> assertNames(line, shard)));
        producer.abortTransaction();
      }
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() ->
              assertThat(lines(Level.INFO))
                  .hasSize(2)
                  .containsOnly("the transaction has ended, its partition is read on"));
    }
  }

  private static void assertNames(String line, RecordMetadata first) {
    assertThat(line)
        .startsWith(
            "partition %s-%d is read up to offset %d only, where a transaction is open since "
                .formatted(first.topic(), first.partition(), first.offset()))
        .endsWith(
            " abort --topic %s --partition %d --start-offset %d"
                .formatted(first.topic(), first.partition(), first.offset()));
  }

  /** What its state is read back from has an end that nobody can read up to. */
  @Test
  void isNamedByTheErrorOfAStartThatItHoldsUp() throws Exception {
    try (WorkflowStateService before = service("before")) {
      before.start();
    }
    String changes;
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
      changes =
          admin.listTopics().names().get().stream()
              .filter(name -> name.endsWith("-changelog"))
              .findFirst()
              .orElseThrow();
    }
    try (KafkaProducer<String, byte[]> producer = producer();
        WorkflowStateService service = service("after")) {
      long offset = write(producer, changes, 0).offset();
      assertThatThrownBy(service::start)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("workflow-state did not start within 60 s")
          .hasMessageContaining("--topic %s --partition 0 --start-offset %d", changes, offset);
      producer.abortTransaction();
    }
  }
}
