package dev.shunt.topo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.time.Time;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Of several cells none is waited for again and again that does not answer. */
class CellsTest {
  private static final List<String> BOTH = List.of("zone1", "zone2");
  private static final Duration LIMIT = Duration.ofSeconds(3);

  @TempDir Path folder;
  private Topo topo;
  private Cells cells;
  private final AtomicInteger asked = new AtomicInteger();
  private final CountDownLatch answer = new CountDownLatch(1);
  private volatile boolean slow;

  @BeforeEach
  void open() {
    topo = Topos.local(folder);
    cells = new Cells(topo, LIMIT, Time.system());
  }

  @AfterEach
  void close() {
    answer.countDown();
    topo.close();
  }

  private Cells.Answers<String> ask() {
    return cells.ask(
        BOTH,
        cell -> {
          if (cell.equals("zone2")) {
            asked.incrementAndGet();
            await(slow ? new CountDownLatch(1) : answer);
          }
          return cell;
        });
  }

  /** Until it is opened, or for a second where the cell is slow. */
  private void await(CountDownLatch latch) {
    try {
      boolean unused = latch.await(slow ? 1 : 60, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private Duration silentFor(int times) {
    long began = System.nanoTime();
    for (int i = 0; i < times; i++) {
      Cells.Answers<String> answers = ask();
      assertThat(answers.of()).containsOnlyKeys("zone1");
      assertThat(answers.silent()).containsOnlyKeys("zone2");
    }
    return Duration.ofNanos(System.nanoTime() - began);
  }

  @Test
  void oneThatDidNotAnswerIsAskedEachTimeButWaitedForOnce() {
    assertThat(silentFor(1)).isGreaterThanOrEqualTo(LIMIT);
    assertThat(silentFor(5)).isLessThan(LIMIT.multipliedBy(2));
    assertThat(asked).hasValue(6);
  }

  /** A slow one would else be taken for silent for ever. */
  @Test
  void oneThatAnsweredLateIsWaitedForAgain() {
    assertThat(silentFor(1)).isGreaterThanOrEqualTo(LIMIT);
    slow = true;
    answer.countDown();
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> ask().silent().isEmpty());
  }
}
