package dev.shunt.saga;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.saga.fake.FakeCluster;
import dev.shunt.saga.fake.SagaTrial;
import dev.shunt.saga.fake.Samples;
import dev.shunt.workflow.Refusal;
import dev.shunt.workflow.RefusedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SagaHandlerTest {
  @TempDir Path folder;
  private FakeCluster cluster;
  private final List<String> world = new ArrayList<>();

  @BeforeEach
  void open() {
    cluster = new FakeCluster(folder);
  }

  @AfterEach
  void close() {
    cluster.close();
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

  private static RefusedException refusal(String why) {
    return Refusal.failedPrecondition("%s", why).exception();
  }

  private static Step refused(String name) {
    return Step.of(
        name,
        "",
        run -> {
          throw refusal("not so");
        });
  }

  /** Plans once; refuses every further plan. */
  private static final class Once implements SagaPlanner {
    private final List<Step> steps;
    private boolean planned;

    Once(List<Step> steps) {
      this.steps = steps;
    }

    @Override
    public Saga plan(Run run) {
      if (planned) {
        throw refusal("gone meanwhile");
      }
      planned = true;
      return Saga.of(steps, r -> Success.of("done"));
    }

    @Override
    public List<Step> takingBack(Run run, RefusedException why) {
      return steps;
    }
  }

  private static Step killed() {
    return Step.of(
        "killed",
        "",
        run -> {
          throw new RunAgainException("killed", new IllegalStateException());
        });
  }

  @Test
  void takesBackWhatWasBegunWhenItCanNoLongerBePlanned() {
    SagaTrial trial = new SagaTrial(cluster, new Once(List.of(step("a"), step("b"), killed())));
    assertThat(trial.run(Samples.create("c1"))).isEqualTo(TaskHandler.Result.AGAIN);
    assertThat(world).containsExactly("a", "b");
    assertThat(trial.outcome(Samples.create("c1")))
        .isEqualTo("command failed FAILED_PRECONDITION gone meanwhile");
    assertThat(world).isEmpty();
    assertThat(trial.log.told()).contains("undone b", "undone a");
  }

  @Test
  void refusesWhenNothingWasBegun() {
    SagaTrial trial =
        new SagaTrial(
            cluster,
            run -> {
              throw refusal("not so");
            });
    assertThat(trial.outcome(Samples.create("c1"))).isEqualTo("refused FAILED_PRECONDITION not so");
  }

  @Test
  void failsWhenAStepIsRefusedBehindOthers() {
    SagaTrial trial =
        new SagaTrial(
            cluster, run -> Saga.of(List.of(step("a"), refused("b")), r -> Success.of("done")));
    assertThat(trial.outcome(Samples.create("c1")))
        .isEqualTo("command failed FAILED_PRECONDITION not so");
    assertThat(world).isEmpty();
  }
}
