package dev.shunt.local.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class WriteGapsTest {
  private final long start = System.nanoTime() - Duration.ofSeconds(10).toNanos();
  private final WriteGaps gaps = new WriteGaps(2, start);

  @Test
  void aWriterThatIsNeverServedCountsWithTheTimeItWaits() throws InterruptedException {
    gaps.acknowledge(0, System.nanoTime());
    gaps.open();
    assertThat(gaps.close(Duration.ofMillis(50))).isGreaterThan(Duration.ofSeconds(10));
  }

  @Test
  void theWholeOfAHeldWriteCountsThoughItBeganBeforeTheWindow() throws InterruptedException {
    gaps.open();
    gaps.acknowledge(0, future());
    gaps.acknowledge(1, future());
    assertThat(gaps.close(Duration.ofSeconds(1))).isGreaterThan(Duration.ofHours(1));
  }

  @Test
  void whatWasOverBeforeTheWindowDoesNotCount() throws InterruptedException {
    gaps.acknowledge(0, future());
    gaps.acknowledge(1, future());
    gaps.open();
    assertThat(gaps.close(Duration.ofSeconds(1))).isZero();
  }

  @Test
  void itWaitsForEveryWriterToBeServedAfterwards() throws InterruptedException {
    gaps.acknowledge(0, future());
    gaps.open();
    Thread late =
        Thread.ofVirtual()
            .start(() -> gaps.acknowledge(1, System.nanoTime() + Duration.ofSeconds(1).toNanos()));
    Duration longest = gaps.close(Duration.ofSeconds(20));
    late.join();
    assertThat(longest).isBetween(Duration.ofSeconds(10), Duration.ofSeconds(25));
  }

  private static long future() {
    return System.nanoTime() + Duration.ofHours(1).toNanos();
  }
}
