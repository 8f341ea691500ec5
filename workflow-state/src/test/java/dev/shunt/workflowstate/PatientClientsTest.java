package dev.shunt.workflowstate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** At a broker that is not there, so nothing comes. */
class PatientClientsTest {
  private static final Duration ASKED = Duration.ofMillis(1);
  private static final TopicPartition PARTITION = new TopicPartition("t", 0);

  private final CommitPace pace =
      new CommitPace(Duration.ofHours(1), 0, Duration.ofHours(1), Duration.ofHours(1), () -> 0);
  private final PatientClients clients = new PatientClients(pace);
  private final Consumer<byte[], byte[]> consumer =
      clients.getConsumer(Map.of("bootstrap.servers", "127.0.0.1:1"));

  @AfterEach
  void close() {
    consumer.close();
  }

  /** The shortest of several: a busy machine makes any of them longer. */
  private Duration shortest() {
    return IntStream.range(0, 3)
        .mapToObj(i -> {
          long began = System.nanoTime();
          assertThat(consumer.poll(ASKED)).isEmpty();
          return Duration.ofNanos(System.nanoTime() - began);
        })
        .min(Duration::compareTo)
        .orElseThrow();
  }

  /** A commit that is due would else be as late as the poll is long. */
  @Test
  void waitsAsAskedUntilAllIsCommitted() {
    consumer.assign(List.of(PARTITION));
    pace.committed();
    assertThat(pace.took(false, 1)).isFalse();
    assertThat(shortest()).isLessThan(PatientClients.PATIENCE);
    pace.committed();
    assertThat(shortest()).isGreaterThanOrEqualTo(PatientClients.PATIENCE);
  }

  @Test
  void waitsAsAskedWhileAPartitionIsRestored() {
    consumer.assign(List.of(PARTITION));
    consumer.pause(List.of(PARTITION));
    assertThat(shortest()).isLessThan(PatientClients.PATIENCE);
  }

  @Test
  void doesNotWaitWhenItIsAskedNotTo() {
    consumer.assign(List.of(PARTITION));
    long began = System.nanoTime();
    for (int i = 0; i < 100; i++) {
      assertThat(consumer.poll(Duration.ZERO)).isEmpty();
    }
    assertThat(Duration.ofNanos(System.nanoTime() - began))
        .isLessThan(PatientClients.PATIENCE.multipliedBy(50));
  }

  @Test
  void waitsAsAskedOnceItIsHurried() {
    consumer.assign(List.of(PARTITION));
    clients.hurry();
    assertThat(shortest()).isLessThan(PatientClients.PATIENCE);
  }

  @Test
  void aWaitThatIsHurriedEndsWithoutRecords() throws InterruptedException {
    consumer.assign(List.of(PARTITION));
    Thread hurrying =
        Thread.ofVirtual()
            .start(() -> {
              while (!Thread.currentThread().isInterrupted()) {
                clients.hurry();
              }
            });
    assertThat(consumer.poll(Duration.ofMinutes(10))).isEmpty();
    hurrying.interrupt();
    hurrying.join();
  }

  /**
   * Kafka Streams would go on with the offsets of what was aborted, so nothing may be sent by that
   * producer any more; it makes a new one then.
   */
  @Test
  void nothingIsSentByAProducerWhoseUncommittedRecordsAreGone() {
    try (Producer<byte[], byte[]> producer = producer()) {
      pace.committed();
      assertThat(pace.took(false, 1)).isFalse();
      assertThatThrownBy(producer::abortTransaction).isInstanceOf(IllegalStateException.class);

      assertThatThrownBy(producer::beginTransaction).isInstanceOf(ProducerFencedException.class);
    }
  }

  @Test
  void aProducerWithNothingUncommittedGoesOnBehindAnAbort() {
    try (Producer<byte[], byte[]> producer = producer()) {
      pace.committed();
      assertThatThrownBy(producer::abortTransaction).isInstanceOf(IllegalStateException.class);

      // Its transactions are not set up, as there is no broker.
      assertThatThrownBy(producer::beginTransaction)
          .isInstanceOf(IllegalStateException.class)
          .isNotInstanceOf(ProducerFencedException.class);
    }
  }

  private Producer<byte[], byte[]> producer() {
    return clients.getProducer(Map.of("bootstrap.servers", "127.0.0.1:1", "transactional.id", "t"));
  }
}
