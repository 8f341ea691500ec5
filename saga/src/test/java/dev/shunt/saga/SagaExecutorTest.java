package dev.shunt.saga;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shunt.saga.fake.FakeLock;
import dev.shunt.saga.fake.RecordingSink;
import dev.shunt.saga.fake.Samples;
import dev.shunt.time.ManualTime;
import dev.shunt.time.Time;
import dev.shunt.topo.LockHolder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SagaExecutorTest {
  private final RecordingSink sink = new RecordingSink();
  private final FakeLock lock = new FakeLock(7);
  private final StopSignal stop = new StopSignal();
  private final List<String> world = new ArrayList<>();
  private final ManualTime skipping = ManualTime.skipping();

  /** Of its runs; this machine's where another thread is waited for. */
  private Time time = skipping;

  private Run run() {
    return new Run(
        Samples.task("c2c", "c1"),
        new RunHistory(List.copyOf(sink.events)),
        lock,
        run -> lock,
        "customer/c2c",
        sink,
        stop,
        "here",
        time,
        Samples.QUICK);
  }

  private TestStep step(String name) {
    return TestStep.of(
            name,
            "",
            run -> {
              world.add(name);
              return "";
            })
        .undoneBy(run -> world.remove(name));
  }

  private static TestStep failing(String name, int times) {
    int[] left = {times};
    return TestStep.of(
        name,
        "",
        run -> {
          if (left[0]-- > 0) {
            throw new IllegalStateException("not today");
          }
          return "";
        });
  }

  private Success execute(TestStep... steps) throws Exception {
    return execute(TestStep.saga(List.of(steps), run -> Success.of("done")));
  }

  private Success execute(Saga saga) throws Exception {
    return new SagaExecutor(Samples.QUICK, run()).execute(saga);
  }

  @Test
  void tellsEachStep() throws Exception {
    assertThat(execute(step("a"), step("b")).summary()).isEqualTo("done");
    assertThat(sink.told()).containsExactly("started a", "finished a", "started b", "finished b");
  }

  /** Nobody may take a command that removes things for one that only waits to begin. */
  @Test
  void namesTheStepThatWaitsForALockWhereItCanOnlyGoForward() throws Exception {
    LockHolder holder =
        new LockHolder("keyspaces/customer", "k", 7, "Reshard", "here", "ann", "noon", false);
    TestStep waits =
        TestStep.of(
            "drop tables",
            "",
            run -> {
              run.waitsFor(holder);
              return "";
            });

    execute(waits);
    execute(waits.asDecisive());
    execute(step("a").asDecisive(), waits);

    assertThat(sink.told().stream().filter(line -> line.contains("for the lock of")))
        .extracting(line -> line.substring(0, line.indexOf(" for the lock of")))
        .containsExactly(
            "started wait", "started drop tables, waiting", "started drop tables, waiting");
  }

  @Test
  void takesBackInReverseOrderWhatWasDoneBeforeAFailure() {
    assertThatThrownBy(() -> execute(step("a"), step("b"), failing("c", 1)))
        .hasMessage("not today");
    assertThat(world).isEmpty();
    assertThat(sink.told()).endsWith("failed c", "undone b", "undone a");
  }

  @Test
  void goesOnAfterThePointOfNoReturnUntilItHolds() throws Exception {
    execute(step("a"), step("b").asDecisive(), failing("c", 3), step("d"));
    assertThat(world).containsExactly("a", "b", "d");
    assertThat(sink.told()).contains("failed c").endsWith("finished d");
  }

  /** The tablets that it was planned for need not be the primaries any more. */
  @Test
  void givesWayToARunThatPlansAnewWhenAStepDoesNotHoldForLong() {
    Duration patience = Samples.QUICK.patience();
    assertThatThrownBy(
            () -> execute(step("a"), step("b").asDecisive(), failing("c", Integer.MAX_VALUE)))
        .isInstanceOf(RunAgainException.class)
        .hasMessage("step c has to hold: not today");
    assertThat(skipping.passed())
        .isBetween(patience, patience.plus(Samples.QUICK.longestBackoff()));
    assertThat(world).containsExactly("a", "b");
    assertThat(sink.told()).endsWith("started c", "failed c");

    assertThat(run().patience("d")).isEqualTo(patience);
    assertThat(run().patience("c")).isEqualTo(patience.multipliedBy(2));
  }

  @Test
  void triesToTakeBackUntilItIsTakenBack() {
    int[] left = {2};
    TestStep stubborn =
        step("a")
            .undoneBy(run -> {
              if (left[0]-- > 0) {
                throw new IllegalStateException("later");
              }
              world.remove("a");
            });
    assertThatThrownBy(() -> execute(stubborn, failing("b", 1))).hasMessage("not today");
    assertThat(world).isEmpty();
    assertThat(sink.told()).endsWith("failed b", "failed undo a", "undone a");
  }

  /** An undo does not give up by itself; who abandons the command asks its run to stop. */
  @Test
  void anUndoThatNeverSucceedsEndsWhenItIsAskedToStop() {
    int[] tries = {0};
    TestStep never =
        step("a")
            .undoneBy(run -> {
              if (++tries[0] == 20) {
                stop.request();
              }
              throw new IllegalStateException("gone for good");
            })
            .asQuiet();
    assertThatThrownBy(() -> execute(never, failing("b", 1).asQuiet()))
        .isInstanceOf(StoppedException.class);
    assertThat(tries[0]).isEqualTo(20);
    assertThat(world).containsExactly("a");
    assertThat(new RunHistory(List.copyOf(sink.events)).failures("undo a"))
        .containsExactly("gone for good");
  }

  @Test
  void oneUndoThatFailsHoldsUpNoneThatDoesNotNeedIt() {
    int[] left = {3};
    TestStep stubborn =
        step("a")
            .undoneBy(run -> {
              if (left[0]-- > 0) {
                throw new IllegalStateException("target is away");
              }
              world.remove("a");
            });
    TestStep b = step("b");
    List<TestStep> steps = List.of(stubborn, b, failing("c", 1));
    assertThatThrownBy(() ->
            execute(
                TestStep.saga(
                    steps,
                    TestStep.eachAlone(List.of("a", "b"), steps),
                    false,
                    run -> Success.of("done"))))
        .hasMessage("not today");
    assertThat(world).isEmpty();
    assertThat(sink.told()).endsWith("failed c", "failed undo a", "undone b", "undone a");
  }

  @Test
  void whatNeedsAnUndoThatFailsWaitsForIt() {
    int[] left = {2};
    TestStep b =
        step("b")
            .undoneBy(run -> {
              if (left[0]-- > 0) {
                throw new IllegalStateException("later");
              }
              world.remove("b");
            });
    assertThatThrownBy(() -> execute(step("a"), b, failing("c", 1))).hasMessage("not today");
    assertThat(sink.told()).endsWith("failed c", "failed undo b", "undone b", "undone a");
  }

  @Test
  void tellsAnotherReasonOfAnUndoThatStillFails() {
    int[] tries = {0};
    TestStep a =
        step("a")
            .undoneBy(run -> {
              if (tries[0]++ < 4) {
                throw new IllegalStateException(tries[0] < 3 ? "away for 5 s" : "fenced off");
              }
            });
    assertThatThrownBy(() -> execute(a, failing("b", 1))).hasMessage("not today");
    assertThat(new RunHistory(List.copyOf(sink.events)).failures("undo a"))
        .containsExactly("away for 5 s", "fenced off");
  }

  @Test
  void stopsAtOnceWhenTheLockIsKnownToBeLostInAQuietSection() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    TestStep waits =
        TestStep.of(
                "b",
                "",
                run -> {
                  inside.countDown();
                  new CountDownLatch(1).await();
                  return "";
                })
            .asQuiet();
    CompletableFuture<Throwable> end = new CompletableFuture<>();
    Run run = run();
    run.stopWhenLost(lock);
    Thread thread =
        Thread.ofVirtual()
            .start(() -> {
              stop.attach();
              try {
                Saga saga =
                    TestStep.saga(
                        List.of(step("a"), waits, step("c").asQuiet()), r -> Success.of(""));
                var unused = new SagaExecutor(Samples.QUICK, run).execute(saga);
                end.complete(new AssertionError("went on"));
              } catch (Exception e) {
                end.complete(e);
              }
            });
    inside.await();
    lock.lose();
    assertThat(end.get(10, TimeUnit.SECONDS)).isInstanceOf(StoppedException.class);
    thread.join();
    assertThat(world).containsExactly("a");
  }

  @Test
  void startsNoFurtherQuietStepOnceTheLockIsKnownToBeLost() {
    Run run = run();
    run.stopWhenLost(lock);
    TestStep losing =
        TestStep.of(
                "b",
                "",
                r -> {
                  lock.lose();
                  return "";
                })
            .asQuiet();
    Saga saga = TestStep.saga(List.of(losing, step("c").asQuiet()), r -> Success.of(""));
    assertThatThrownBy(() -> new SagaExecutor(Samples.QUICK, run).execute(saga))
        .isInstanceOf(StoppedException.class);
    assertThat(world).isEmpty();
  }

  @Test
  void sendsLaterWhatTheLogRefusesAtTheEndOfAQuietSection() throws Exception {
    int[] left = {1};
    sink.refusing(event -> {
      if (event.equals("finished b") && left[0]-- > 0) {
        throw new IllegalStateException("no registry");
      }
    });
    execute(step("a"), step("b").asQuiet(), step("c").asQuiet(), step("d"));
    assertThat(sink.told())
        .containsExactly(
            "started a",
            "finished a",
            "started b",
            "finished b",
            "started c",
            "finished c",
            "started d",
            "finished d");
  }

  @Test
  void sendsAgainWhatTheLogLost() throws Exception {
    int[] left = {1};
    sink.gate(event -> {
      if (event.equals("started c") && left[0]-- > 0) {
        throw new IllegalStateException("lost");
      }
    });
    execute(step("a"), step("b").asQuiet(), step("c").asQuiet());
    assertThat(sink.told()).contains("started c", "finished c");
  }

  @Test
  void failsWhenWhatWasHeldBackCanNotBeTold() {
    sink.refusing(event -> {
      if (event.equals("finished b")) {
        throw new IllegalStateException("no registry");
      }
    });
    assertThatThrownBy(() -> execute(step("a"), step("b").asQuiet(), step("c")))
        .hasMessageContaining("could not write events of customer.c2c");
    assertThat(world).isEmpty();
  }

  @Test
  void tellsNothingWithinTheQuietSection() throws Exception {
    List<Integer> toldInside = new ArrayList<>();
    TestStep inside =
        TestStep.of(
                "b",
                "",
                run -> {
                  toldInside.add(sink.events.size());
                  return "";
                })
            .asQuiet();
    execute(step("a"), inside, inside, step("c"));
    assertThat(toldInside).containsExactly(3, 3);
    assertThat(sink.told())
        .containsExactly(
            "started a",
            "finished a",
            "started b",
            "finished b",
            "started b",
            "finished b",
            "started c",
            "finished c");
  }

  @Test
  void takesNothingBackWhenTheLockIsLost() {
    TestStep losing =
        TestStep.of(
            "b",
            "",
            run -> {
              lock.lost = true;
              run.check();
              return "";
            });
    assertThatThrownBy(() -> execute(step("a"), losing)).hasMessage("lock is gone");
    assertThat(world).containsExactly("a");
  }

  @Test
  void takesNothingBackWhenItCannotTellWhetherItIsDecided() {
    TestStep unclear =
        TestStep.of(
                "b",
                "",
                run -> {
                  throw new RunAgainException("no answer", new IllegalStateException());
                })
            .asDecisive();
    assertThatThrownBy(() -> execute(step("a"), unclear)).isInstanceOf(RunAgainException.class);
    assertThat(world).containsExactly("a");
  }

  @Test
  void stopsBetweenStepsWhenAskedTo() {
    TestStep asked =
        TestStep.of(
            "b",
            "",
            run -> {
              stop.request();
              return "";
            });
    assertThatThrownBy(() -> execute(step("a"), asked, step("c")))
        .isInstanceOf(StoppedException.class);
    assertThat(world).containsExactly("a");
  }

  @Test
  void endsTheQuietSectionBeforeItStops() {
    TestStep asked =
        TestStep.of(
                "b",
                "",
                run -> {
                  stop.request();
                  return "";
                })
            .asQuiet();
    assertThatThrownBy(() -> execute(asked, step("c").asQuiet(), step("d")))
        .isInstanceOf(StoppedException.class);
    assertThat(world).containsExactly("c");
  }

  @Test
  void stopsBetweenTriesBehindTheDecisionAndTakesNothingBack() {
    int[] tries = {0};
    TestStep never =
        TestStep.of(
                "c",
                "",
                run -> {
                  if (++tries[0] == 2) {
                    stop.request();
                  }
                  throw new IllegalStateException("target is away");
                })
            .asQuiet();
    assertThatThrownBy(() -> execute(step("a"), step("b").asQuiet().asDecisive(), never))
        .isInstanceOf(StoppedException.class);
    assertThat(tries[0]).isEqualTo(2);
    assertThat(world).containsExactly("a", "b");
  }

  @Test
  void tellsWhyAStepOfAQuietSectionIsTriedAgainWhileTheSectionLasts() throws Exception {
    time = Time.system();
    TestStep untilTold =
        TestStep.of(
                "c",
                "",
                run -> {
                  if (!sink.told().contains("failed c")) {
                    throw new IllegalStateException("target is away");
                  }
                  return "";
                })
            .asQuiet();
    execute(step("a"), step("b").asQuiet().asDecisive(), untilTold);
    assertThat(sink.told())
        .containsExactly(
            "started a",
            "finished a",
            "started b",
            "finished b",
            "started c",
            "failed c",
            "finished c");
  }

  @Test
  void waitsForNoLogThatHangsBetweenTriesInAQuietSection() throws Exception {
    CountDownLatch answers = new CountDownLatch(1);
    sink.refusing(event -> {
      if (event.equals("failed c")) {
        try {
          answers.await();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
      }
    });
    int[] tries = {0};
    TestStep thirdTime =
        TestStep.of(
                "c",
                "",
                run -> {
                  if (++tries[0] < 3) {
                    throw new IllegalStateException("target is away");
                  }
                  answers.countDown();
                  return "";
                })
            .asQuiet();
    execute(step("a"), step("b").asQuiet().asDecisive(), thirdTime);
    assertThat(sink.told()).endsWith("started c", "failed c", "finished c");
  }

  /** What a run told that was killed behind the start of these steps. */
  private void killedAfter(TestStep... steps) {
    Run killed = run();
    for (TestStep step : steps) {
      killed.stepStarted(step.step());
      world.add(step.action().stepName());
    }
  }

  @Test
  void takesBackWhatAnEarlierRunDidBehindTheFailingStep() {
    killedAfter(step("b"), step("d"));
    assertThatThrownBy(() -> execute(failing("a", 1), step("b"), step("c"), step("d")))
        .hasMessage("not today");
    assertThat(world).isEmpty();
    assertThat(sink.told()).endsWith("failed a", "undone d", "undone b");
  }

  @Test
  void leavesAloneWhatAnEarlierRunTookBack() {
    TestStep b = step("b");
    killedAfter(b);
    world.clear();
    run().stepUndone("b", time.nanoTime());
    int before = sink.events.size();
    assertThatThrownBy(() -> execute(failing("a", 1), b)).hasMessage("not today");
    assertThat(sink.told().subList(before, sink.events.size()))
        .containsExactly("started a", "failed a");
  }

  @Test
  void takesBackTheWholeQuietSectionOfAnEarlierRunForTheLogNamesItsStartOnly() {
    TestStep b = step("b").asQuiet();
    TestStep c = step("c").asQuiet();
    killedAfter(b);
    world.add("c");
    assertThatThrownBy(() -> execute(failing("a", 1), b, c, step("d"))).hasMessage("not today");
    assertThat(world).isEmpty();
    assertThat(sink.told()).endsWith("undone c", "undone b");
  }

  @Test
  void triesAStepThatMustSucceedUntilItHolds() throws Exception {
    execute(failing("a", 3).thatMustSucceed(), step("b"));
    assertThat(sink.told()).startsWith("started a", "failed a").endsWith("finished b");
  }
}
