package dev.shunt.tablet.vreplication;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.tablet.vreplication.stream.Tuning;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ErrorMemoryTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  @Test
  void givesUpAnErrorThatStays() {
    ErrorMemory memory = new ErrorMemory(Duration.ofSeconds(10));
    assertThat(memory.shouldRetry("a", 0)).isTrue();
    assertThat(memory.shouldRetry("a", 9 * SECOND)).isTrue();
    assertThat(memory.shouldRetry("a", 11 * SECOND)).isFalse();
    assertThat(memory.shouldRetry("b", 12 * SECOND)).isTrue();
    assertThat(memory.shouldRetry("b", 40 * SECOND)).as("stayed away for long").isTrue();
  }

  @Test
  void neverGivesUpByDefault() {
    ErrorMemory memory = new ErrorMemory(Duration.ZERO);
    assertThat(memory.shouldRetry("a", 0)).isTrue();
    assertThat(memory.shouldRetry("a", 1_000_000 * SECOND)).isTrue();
  }

  @Test
  void takesWritersWithinBounds() {
    Tuning tuning = new Tuning();
    tuning.set(Map.of("vreplication_parallel_insert_workers", "7"));
    assertThat(tuning.writers()).isEqualTo(7);
    tuning.set(Map.of("vreplication-parallel-insert-workers", "999"));
    assertThat(tuning.writers()).isEqualTo(64);
    tuning.set(Map.of("vreplication-parallel-insert-workers", "x"));
    assertThat(tuning.writers()).isEqualTo(2);
    assertThat(tuning.appliers()).isEqualTo(2);
    tuning.set(Map.of("vreplication-parallel-replication-workers", "1"));
    assertThat(tuning.appliers()).isEqualTo(1);
    assertThat(tuning.writers()).isEqualTo(2);
  }
}
