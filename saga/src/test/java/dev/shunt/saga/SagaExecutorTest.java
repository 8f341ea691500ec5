package dev.shunt.saga;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shunt.saga.fake.FakeLock;
import dev.shunt.saga.fake.RecordingSink;
import dev.shunt.saga.fake.Samples;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SagaExecutorTest {
  private final RecordingSink sink = new RecordingSink();
  private final FakeLock lock = new FakeLock(7);
  private final StopSignal stop = new StopSignal();
  private final List<String> world = new ArrayList<>();

  private Run run() {
    return new Run(
        Samples.task("c2c", "c1"),
        new RunHistory(List.copyOf(sink.events)),
        lock,
        "customer/c2c",
        sink,
        stop,
        "here",
        InstantSource.system());
  }

  private Step step(String name) {
    return Step.of(
            name,
            "",
            run -> {
              world.add(name);
              return "";
            })
        .undoneBy(run -> world.remove(name));
  }

  private static Step failing(String name, int times) {
    int[] left = {times};
    return Step.of(
        name,
        "",
        run -> {
          if (left[0]-- > 0) {
            throw new IllegalStateException("not today");
          }
          return "";
        });
  }

  private Success execute(Step... steps) throws Exception {
    return new SagaExecutor(Samples.QUICK, run())
        .execute(Saga.of(List.of(steps), run -> Success.of("done")));
  }

  @Test
  void tellsEachStep() throws Exception {
    assertThat(execute(step("a"), step("b")).summary()).isEqualTo("done");
    assertThat(sink.told()).containsExactly("started a", "finished a", "started b", "finished b");
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

  @Test
  void triesToTakeBackUntilItIsTakenBack() {
    int[] left = {2};
    Step stubborn =
        step("a")
            .undoneBy(run -> {
              if (left[0]-- > 0) {
                throw new IllegalStateException("later");
              }
              world.remove("a");
            });
    assertThatThrownBy(() -> execute(stubborn, failing("b", 1))).hasMessage("not today");
    assertThat(world).isEmpty();
    assertThat(sink.told()).endsWith("failed undo a", "failed undo a", "undone a");
  }

  @Test
  void tellsNothingWithinTheQuietSection() throws Exception {
    List<Integer> toldInside = new ArrayList<>();
    Step inside =
        Step.of(
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
    Step losing =
        Step.of(
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
    Step unclear =
        Step.of(
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
    Step asked =
        Step.of(
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
    Step asked =
        Step.of(
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

  /** What a run told that was killed behind the start of these steps. */
  private void killedAfter(Step... steps) {
    Run killed = run();
    for (Step step : steps) {
      killed.stepStarted(step);
      world.add(step.name());
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
    Step b = step("b");
    killedAfter(b);
    world.clear();
    run().stepUndone(b, System.nanoTime());
    int before = sink.events.size();
    assertThatThrownBy(() -> execute(failing("a", 1), b)).hasMessage("not today");
    assertThat(sink.told().subList(before, sink.events.size()))
        .containsExactly("started a", "failed a");
  }

  @Test
  void takesBackTheWholeQuietSectionOfAnEarlierRunForTheLogNamesItsStartOnly() {
    Step b = step("b").asQuiet();
    Step c = step("c").asQuiet();
    killedAfter(b);
    world.add("c");
    assertThatThrownBy(() -> execute(failing("a", 1), b, c, step("d"))).hasMessage("not today");
    assertThat(world).isEmpty();
    assertThat(sink.told()).endsWith("undone c", "undone b");
  }

  @Test
  void triesAHeldStepUntilItHolds() throws Exception {
    execute(failing("a", 3).asHeld(), step("b"));
    assertThat(sink.told()).startsWith("started a", "failed a").endsWith("finished b");
  }
}
