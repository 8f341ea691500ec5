package dev.shunt.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds of each time. */
class TimeTest {
  private static final Duration SHORT = Duration.ofMillis(2);

  static Stream<Time> times() {
    return Stream.of(Time.system(), new HurriedTime(), ManualTime.skipping());
  }

  @ParameterizedTest
  @MethodSource("times")
  void goesOnWhileItSleeps(Time time) throws Exception {
    long before = time.nanoTime();
    time.sleep(SHORT);
    assertThat(time.nanoTime() - before).isGreaterThanOrEqualTo(SHORT.toNanos());
    time.sleep(SHORT.negated());
  }

  @ParameterizedTest
  @MethodSource("times")
  void tellsWhetherSomethingHasEndedHoweverItEnded(Time time) throws Exception {
    assertThat(time.await(new CompletableFuture<>(), SHORT)).isFalse();
    assertThat(time.await(new CompletableFuture<>(), Duration.ofSeconds(-1))).isFalse();
    assertThat(time.await(CompletableFuture.completedFuture("done"), Duration.ZERO)).isTrue();
    assertThat(
            time.await(CompletableFuture.failedFuture(new IllegalStateException()), Duration.ZERO))
        .isTrue();
    CompletableFuture<String> cancelled = new CompletableFuture<>();
    cancelled.cancel(true);
    assertThat(time.await(cancelled, Duration.ZERO)).isTrue();
    assertThat(
            time.await(
                CompletableFuture.completedFuture("done"), Duration.ofSeconds(Long.MAX_VALUE)))
        .isTrue();
  }

  @ParameterizedTest
  @MethodSource("times")
  void noSleepOfAnInterruptedThread(Time time) {
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> time.sleep(SHORT)).isInstanceOf(InterruptedException.class);
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }
}
