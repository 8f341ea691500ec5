package dev.shunt.workflowstate;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** At a broker that is not there, so nothing comes. */
class PatientClientsTest {
  private static final Duration ASKED = Duration.ofMillis(1);
  private static final Duration COMMIT_INTERVAL = Duration.ofMillis(300);
  private static final TopicPartition PARTITION = new TopicPartition("t", 0);

  private final AtomicLong now = new AtomicLong();
  private final PatientClients clients = new PatientClients(COMMIT_INTERVAL, now::get, () -> {});
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

  /** Until what came before is committed. */
  private void quiet() {
    now.addAndGet(COMMIT_INTERVAL.multipliedBy(2).toNanos() + 1);
  }

  @Test
  void waitsAsAskedUntilItHasBeenQuietForAWhile() {
    consumer.assign(List.of(PARTITION));
    assertThat(shortest()).isLessThan(PatientClients.PATIENCE);
    quiet();
    assertThat(shortest()).isGreaterThanOrEqualTo(PatientClients.PATIENCE);
  }

  /** A commit that is due would else be as late as the poll is long. */
  @Test
  void waitsAsAskedForAsLongAsACommitMayBeDue() {
    consumer.assign(List.of(PARTITION));
    now.addAndGet(COMMIT_INTERVAL.multipliedBy(2).toNanos());
    assertThat(shortest()).isLessThan(PatientClients.PATIENCE);
  }

  @Test
  void waitsAsAskedWhileAPartitionIsRestored() {
    consumer.assign(List.of(PARTITION));
    consumer.pause(List.of(PARTITION));
    quiet();
    assertThat(shortest()).isLessThan(PatientClients.PATIENCE);
  }

  @Test
  void doesNotWaitWhenItIsAskedNotTo() {
    consumer.assign(List.of(PARTITION));
    quiet();
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
    quiet();
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
}
