package dev.shunt.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

class ManualTimeTest {
  private final ManualTime time = ManualTime.stopped();

  private <T> FutureTask<T> beside(java.util.concurrent.Callable<T> work) {
    FutureTask<T> task = new FutureTask<>(work);
    Thread.ofVirtual().start(task);
    return task;
  }

  private void waitsAre(int count) {
    await().untilAsserted(() -> assertThat(time.waits()).isEqualTo(count));
  }

  @Test
  void standsStillUntilItIsAdvanced() {
    Instant before = time.instant();
    time.advance(Duration.ofSeconds(3));
    assertThat(time.instant()).isEqualTo(before.plusSeconds(3));
    assertThat(time.passed()).isEqualTo(Duration.ofSeconds(3));
  }

  @Test
  void wakesWhoSleepsWhenItsTimeHasCome() throws Exception {
    List<String> woken = new CopyOnWriteArrayList<>();
    FutureTask<Boolean> late =
        beside(() -> {
          time.sleep(Duration.ofSeconds(2));
          return woken.add("late");
        });
    FutureTask<Boolean> early =
        beside(() -> {
          time.sleep(Duration.ofSeconds(1));
          return woken.add("early");
        });
    waitsAre(2);
    time.advance(Duration.ofSeconds(1));
    assertThat(early.get()).isTrue();
    assertThat(woken).containsExactly("early");
    time.advance(Duration.ofSeconds(1));
    assertThat(late.get()).isTrue();
    assertThat(woken).containsExactly("early", "late");
  }

  @Test
  void aWaitEndsWithWhatItWaitsForOrWithItsLimit() throws Exception {
    CompletableFuture<String> ends = new CompletableFuture<>();
    FutureTask<Boolean> waiting = beside(() -> time.await(ends, Duration.ofSeconds(5)));
    waitsAre(1);
    ends.complete("done");
    assertThat(waiting.get()).isTrue();

    FutureTask<Boolean> inVain =
        beside(() -> time.await(new CompletableFuture<>(), Duration.ofSeconds(6)));
    waitsAre(2);
    time.advance(Duration.ofSeconds(6));
    assertThat(inVain.get()).isFalse();
  }
}
