package dev.shunt.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.requests.TransactionResult;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A broker that is killed with transactions open reads on after its next start. */
class HangingTransactionsIT {
  private static final TopicPartition PARTITION = new TopicPartition("t", 0);

  @TempDir Path directory;

  @Test
  void openTransactionsOfAKilledBrokerAreEndedAfterItsStart() throws Exception {
    int port = 0;
    List<String> committed = new ArrayList<>();
    for (int life = 0; life < 2; life++) {
      String mark = "life " + life;
      Process child = BrokerChild.start(directory, port, mark, directory.resolve(life + ".log"));
      try {
        port = BrokerChild.awaitOpenTransaction(child);
      } finally {
        child.destroyForcibly().onExit().join(); // with a transaction open and one being committed
      }
      committed.add(mark + " committed");
    }
    try (KafkaBroker broker = KafkaBroker.start(directory, port)) {
      assertThat(readCommitted(broker.port(), "last"))
          .contains(committed.toArray(String[]::new))
          .noneMatch(value -> value.endsWith("open"));
    }
  }

  @Test
  void leavesATransactionAloneThatIsUnderWay() throws Exception {
    try (KafkaBroker broker = KafkaBroker.start(directory, 0);
        KafkaProducer<String, String> producer = transactional(broker.port())) {
      create(broker.port());
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>("t", "under way")).get();

      assertThat(HangingTransactions.end(broker.port())).isZero();

      producer.commitTransaction();
      assertThat(readCommitted(broker.port(), "last")).contains("under way");
    }
  }

  @Test
  void endsWhatItsCoordinatorHasForgotten() throws Exception {
    try (KafkaBroker broker =
        KafkaBroker.start(
            directory, 0, Map.of("transaction.partition.verification.enable", "false"))) {
      create(broker.port());
      LateRecord.write(broker.port(), PARTITION, 77, (short) 3);

      assertThat(HangingTransactions.end(broker.port())).isOne();

      assertThat(readCommitted(broker.port(), "last")).containsExactly("last");
      assertThat(HangingTransactions.end(broker.port())).isZero();
    }
  }

  /**
   * What a broker that is killed leaves now and then (a record behind the end of its transaction)
   * made by hand: it hangs for sure.
   */
  @Test
  void whatAnEarlierLifeLeftHangingIsEndedAtTheStartWithALineThatSaysWhere() throws Exception {
    Map<String, String> unverified = Map.of("transaction.partition.verification.enable", "false");
    int port;
    try (KafkaBroker broker = KafkaBroker.start(directory, 0, unverified)) {
      port = broker.port();
      create(port);
      assertThat(readCommitted(port, "before")).containsExactly("before");
      LateRecord.write(port, PARTITION, 77, (short) 3);
    }
    Logger logger = (Logger) LoggerFactory.getLogger(HangingTransactions.class);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    logger.addAppender(lines);
    try (KafkaBroker broker = KafkaBroker.start(directory, port)) {
      assertThat(readCommitted(broker.port(), "last")).containsExactly("before", "last");
    } finally {
      logger.detachAppender(lines);
    }
    assertThat(lines.list)
        .singleElement()
        .satisfies(line -> {
          assertThat(line.getLevel()).isEqualTo(Level.WARN);
          assertThat(line.getFormattedMessage())
              .isEqualTo(
                  "a transaction hung since Kafka was killed; it is ended as its coordinator said");
          assertThat(line.getKeyValuePairs())
              .extracting(pair -> pair.key + "=" + pair.value)
              .containsExactly("partition=t-0", "offset=1", "producer=77", "ended=aborted");
        });
  }

  @Test
  void canAlsoCommit() throws Exception {
    try (KafkaBroker broker =
        KafkaBroker.start(
            directory, 0, Map.of("transaction.partition.verification.enable", "false"))) {
      create(broker.port());
      LateRecord.write(broker.port(), PARTITION, 78, (short) 0);

      assertThat(
              TransactionMarkers.write(
                  broker.port(),
                  new OpenTransaction(PARTITION, 78, (short) 0, 0, 0),
                  TransactionResult.COMMIT))
          .isTrue();

      assertThat(readCommitted(broker.port(), "last")).containsExactly("late", "last");
    }
  }

  /** Writes a last record and reads up to it; fails when a transaction stands in the way. */
  private static List<String> readCommitted(int port, String last)
      throws ExecutionException, InterruptedException {
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", "127.0.0.1:" + port),
            new StringSerializer(),
            new StringSerializer())) {
      producer.send(new ProducerRecord<>("t", last)).get();
    }
    List<String> read = new ArrayList<>();
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers",
                "127.0.0.1:" + port,
                "isolation.level",
                "read_committed",
                "auto.offset.reset",
                "earliest"),
            new StringDeserializer(),
            new StringDeserializer())) {
      consumer.assign(Set.of(PARTITION));
      long giveUp = System.nanoTime() + Duration.ofSeconds(30).toNanos();
      while (!read.contains(last) && System.nanoTime() < giveUp) {
        consumer.poll(Duration.ofMillis(200)).forEach(record -> read.add(record.value()));
      }
    }
    assertThat(read).as("read up to the last record").contains(last);
    return read;
  }

  static KafkaProducer<String, String> transactional(int port) {
    return new KafkaProducer<>(
        Map.of(
            "bootstrap.servers",
            "127.0.0.1:" + port,
            "transactional.id",
            "test",
            "transaction.timeout.ms",
            2500),
        new StringSerializer(),
        new StringSerializer());
  }

  static void create(int port) throws ExecutionException, InterruptedException {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", "127.0.0.1:" + port))) {
      if (!admin.listTopics().names().get().contains("t")) {
        admin.createTopics(List.of(new NewTopic("t", 1, (short) 1))).all().get();
      }
    }
  }

  /** A broker in a JVM of its own that commits one transaction and leaves another one open. */
  static final class BrokerChild {
    private static final String OPEN = "open on port ";

    private BrokerChild() {}

    static Process start(Path directory, int port, String mark, Path log) throws IOException {
      return BoundProcess.start(
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:TieredStopAtLevel=1",
                  "-Xmx256m",
                  "-cp",
                  System.getProperty("java.class.path"),
                  BrokerChild.class.getName(),
                  directory.toString(),
                  Integer.toString(port),
                  mark)
              .redirectError(log.toFile()));
    }

    /** Returns the broker's port. */
    static int awaitOpenTransaction(Process child) throws IOException {
      String line = child.inputReader().readLine();
      while (line != null && !line.startsWith(OPEN)) {
        line = child.inputReader().readLine();
      }
      assertThat(line).as("the broker got to its open transaction").isNotNull();
      return Integer.parseInt(line.substring(OPEN.length()));
    }

    /** Arguments: directory, port, what the records say. */
    public static void main(String[] arguments) throws Exception {
      KafkaBroker broker = KafkaBroker.start(Path.of(arguments[0]), Integer.parseInt(arguments[1]));
      create(broker.port());
      // Another id each time: nobody ends the transaction of the life before but the coordinator.
      KafkaProducer<String, String> producer =
          new KafkaProducer<>(
              Map.of(
                  "bootstrap.servers",
                  broker.bootstrapServers(),
                  "transactional.id",
                  arguments[2],
                  "transaction.timeout.ms",
                  2500),
              new StringSerializer(),
              new StringSerializer());
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>("t", arguments[2] + " committed")).get();
      producer.commitTransaction();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>("t", arguments[2] + " open")).get();
      System.out.println(OPEN + broker.port());
      Thread.sleep(Long.MAX_VALUE);
    }
  }
}
