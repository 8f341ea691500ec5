package dev.shunt.saga;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shunt.saga.fake.Samples;
import dev.shunt.schemas.CommandSignal;
import dev.shunt.schemas.SignalKind;
import dev.shunt.time.ManualTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;

class TaskBoardTest {
  private final List<String> runs = new CopyOnWriteArrayList<>();
  private final List<String> stopped = new CopyOnWriteArrayList<>();
  private final BlockingQueue<TaskHandler.Result> results = new LinkedBlockingQueue<>();

  private final ManualTime time = ManualTime.stopped();

  private final TaskBoard board =
      new TaskBoard(
          (task, stop) -> {
            runs.add(task.commandId());
            try {
              return results.take();
            } catch (InterruptedException e) {
              stopped.add(task.commandId());
              return TaskHandler.Result.STOPPED;
            }
          },
          time,
          Samples.QUICK);

  private void startsUntil(String... expected) {
    await()
        .atMost(Duration.ofSeconds(5))
        .pollInterval(Duration.ofMillis(5))
        .untilAsserted(() -> {
          board.startDue();
          assertThat(runs).containsExactly(expected);
        });
  }

  @Test
  void startsNothingBeforeThePartitionIsRead() {
    board.put(0, "customer.c2c", Samples.task("c2c", "c1"));
    board.startDue();
    assertThat(runs).isEmpty();
    board.ready(0);
    startsUntil("c1");
    results.add(TaskHandler.Result.FINISHED);
  }

  @Test
  void runsATaskOnceUntilItsTombstone() {
    board.ready(0);
    board.put(0, "customer.c2c", Samples.task("c2c", "c1"));
    startsUntil("c1");
    results.add(TaskHandler.Result.FINISHED);
    board.put(0, "customer.c2c", Samples.task("c2c", "c1"));
    startsUntil("c1");
    board.put(0, "customer.c2c", null);
    board.put(0, "customer.c2c", Samples.task("c2c", "c2"));
    startsUntil("c1", "c2");
    results.add(TaskHandler.Result.FINISHED);
  }

  @Test
  void startsTheNextTryByItselfWhenItIsDue() {
    board.ready(0);
    board.put(0, "customer.c2c", Samples.task("c2c", "c1"));
    board.startDue();
    results.add(TaskHandler.Result.AGAIN);
    startsAgainAfter(Samples.QUICK.backoff(1), "c1", "c1");
    results.add(TaskHandler.Result.AGAIN);
    startsAgainAfter(Samples.QUICK.backoff(2), "c1", "c1", "c1");
    results.add(TaskHandler.Result.FINISHED);
  }

  @Test
  void runsAgainWhatHasAnOutcomeWhenItsTombstoneDoesNotCome() {
    board.ready(0);
    board.put(0, "customer.c2c", Samples.task("c2c", "c1"));
    board.startDue();
    results.add(TaskHandler.Result.FINISHED);
    startsAgainAfter(Duration.ofSeconds(30), "c1", "c1");
    results.add(TaskHandler.Result.FINISHED);
  }

  /** These are the runs once so much time has gone by, and not a moment before. */
  private void startsAgainAfter(Duration wait, String... expected) {
    await().until(() -> time.waits() == 1);
    time.advance(wait.minusNanos(1));
    board.startDue();
    assertThat(runs).hasSize(expected.length - 1);
    time.advance(Duration.ofNanos(1));
    await().untilAsserted(() -> assertThat(runs).containsExactly(expected));
  }

  @Test
  void startsTheNextTaskOfAWorkflowByItselfWhenTheRunBeforeHasEnded() {
    board.ready(0);
    board.put(0, "customer.c2c", Samples.task("c2c", "c1"));
    board.startDue();
    await().untilAsserted(() -> assertThat(runs).containsExactly("c1"));
    board.put(0, "customer.c2c", Samples.task("c2c", "c2"));
    await().untilAsserted(() -> assertThat(runs).containsExactly("c1", "c2"));
    results.add(TaskHandler.Result.FINISHED);
  }

  @Test
  void runsTasksOfDifferentWorkflowsAtOnce() {
    board.ready(0);
    board.put(0, "customer.a", Samples.task("a", "c1"));
    board.put(0, "customer.b", Samples.task("b", "c2"));
    await()
        .untilAsserted(() -> {
          board.startDue();
          assertThat(runs).containsExactlyInAnyOrder("c1", "c2");
        });
    results.add(TaskHandler.Result.FINISHED);
    results.add(TaskHandler.Result.FINISHED);
  }

  @Test
  void stopsTheRunsOfAPartitionItGivesUp() {
    board.ready(0);
    board.put(0, "customer.c2c", Samples.task("c2c", "c1"));
    startsUntil("c1");
    board.drop(Set.of(0), Duration.ofSeconds(5));
    assertThat(stopped).containsExactly("c1");
    board.ready(0);
    board.startDue();
    assertThat(runs).containsExactly("c1");
  }

  @Test
  void stopsARunWhoseTaskIsTombstoned() {
    board.ready(0);
    board.put(0, "customer.c2c", Samples.task("c2c", "c1"));
    startsUntil("c1");
    board.put(0, "customer.c2c", null);
    await().untilAsserted(() -> assertThat(stopped).containsExactly("c1"));
  }

  private static CommandSignal signal(String id, String target) {
    return new CommandSignal(Samples.header(id), target, SignalKind.STOP, Map.of());
  }

  /** A board whose runs end when they have got as many signals as they are to. */
  private TaskBoard takingSignals(List<String> taken, int many) {
    return new TaskBoard(
        (task, stop) -> {
          try {
            for (int i = 0; i < many; i++) {
              stop.signals().await();
              taken.add(
                  task.commandId()
                      + " "
                      + stop.signals().next().orElseThrow().header().commandId());
            }
            return TaskHandler.Result.AGAIN;
          } catch (InterruptedException e) {
            return TaskHandler.Result.STOPPED;
          }
        },
        time,
        Samples.QUICK);
  }

  @Test
  void aRunGetsTheSignalsThatCameBeforeItAndThoseThatComeMeanwhile() {
    List<String> taken = new CopyOnWriteArrayList<>();
    TaskBoard signalled = takingSignals(taken, 2);
    signalled.put(0, "customer.c2c/c1", Samples.task("c2c", "c1"));
    signalled.put(0, "customer.c2c/c2", Samples.task("c2c", "c2"));
    signalled.signal(0, "customer.c2c!x1", signal("x1", "c1"));
    signalled.ready(0);
    signalled.startDue();
    await().untilAsserted(() -> assertThat(taken).containsExactly("c1 x1"));

    signalled.signal(0, "customer.c2c!x2", signal("x2", "c1"));
    await().untilAsserted(() -> assertThat(taken).containsExactly("c1 x1", "c1 x2"));
    signalled.dropAll(Duration.ofSeconds(5));
  }

  /** What no run has told the log of is not taken, and the tombstone says that it was told. */
  @Test
  void theNextRunGetsASignalUntilItsTombstone() {
    List<String> taken = new CopyOnWriteArrayList<>();
    TaskBoard signalled = takingSignals(taken, 1);
    signalled.ready(0);
    signalled.put(0, "customer.c2c/c1", Samples.task("c2c", "c1"));
    signalled.signal(0, "customer.c2c!x1", signal("x1", "c1"));
    signalled.startDue();
    await().untilAsserted(() -> assertThat(taken).containsExactly("c1 x1"));
    await().until(() -> time.waits() == 1);
    time.advance(Samples.QUICK.backoff(1));
    await().untilAsserted(() -> assertThat(taken).containsExactly("c1 x1", "c1 x1"));

    await().until(() -> time.waits() == 1);
    signalled.put(0, "customer.c2c!x1", null);
    signalled.signal(0, "customer.c2c!x2", signal("x2", "c1"));
    time.advance(Samples.QUICK.backoff(2));
    await().untilAsserted(() -> assertThat(taken).endsWith("c1 x2").hasSize(3));
    signalled.dropAll(Duration.ofSeconds(5));
  }
}
