package dev.shunt.saga;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.saga.fake.FakeCluster;
import dev.shunt.saga.fake.FakeTablet;
import dev.shunt.saga.fake.RecordingSink;
import dev.shunt.saga.fake.SagaTrial;
import dev.shunt.saga.fake.Samples;
import dev.shunt.schemas.Command;
import dev.shunt.schemas.CommandAdmitted;
import dev.shunt.schemas.CommandHeader;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.EventHeader;
import dev.shunt.schemas.StepStarted;
import dev.shunt.schemas.WorkflowDelete;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.time.ManualTime;
import dev.shunt.topo.LockHolder;
import dev.shunt.topo.Topo;
import dev.shunt.topo.TopoException;
import dev.shunt.topo.TopoLock;
import dev.shunt.workflow.Refusal;
import dev.shunt.workflow.RefusedException;
import dev.shunt.workflow.lifecycle.Evolver;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SagaHandlerTest {
  @TempDir Path folder;
  private final ManualTime time = ManualTime.skipping();
  private FakeCluster cluster;
  private final List<String> world = new ArrayList<>();

  @BeforeEach
  void open() {
    cluster = new FakeCluster(folder, time);
  }

  @AfterEach
  void close() {
    cluster.close();
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

  private static RefusedException refusal(String why) {
    return Refusal.failedPrecondition("%s", why).exception();
  }

  private static TestStep refused(String name) {
    return TestStep.of(
        name,
        "",
        run -> {
          throw refusal("not so");
        });
  }

  /** Plans once; refuses every further plan. */
  private static final class Once implements SagaPlanner {
    private final List<TestStep> steps;
    private boolean planned;

    Once(List<TestStep> steps) {
      this.steps = steps;
    }

    @Override
    public Saga plan(Run run) {
      if (planned) {
        throw refusal("gone meanwhile");
      }
      planned = true;
      return TestStep.saga(steps, r -> Success.of("done"));
    }

    @Override
    public Undos takingBack(Run run, Exception why) {
      return TestStep.reversed(steps);
    }
  }

  private static TestStep killed() {
    return TestStep.of(
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
  void beginsNothingBehindItsTimeButEndsWhatWasBegun() {
    CommandHeader late = Samples.header("c1").withBeginBefore(1);
    WorkflowDelete command = new WorkflowDelete(late, false, false);
    SagaTrial never = new SagaTrial(cluster, run -> saga(step("a")));
    assertThat(never.outcome(command))
        .startsWith("refused DEADLINE_EXCEEDED the command was to begin before");
    assertThat(world).isEmpty();

    SagaTrial begun = new SagaTrial(cluster, new Once(List.of(step("a"), killed())));
    WorkflowDelete other = new WorkflowDelete(Samples.header("c2"), false, false);
    assertThat(begun.run(other)).isEqualTo(TaskHandler.Result.AGAIN);
    assertThat(
            begun.outcome(
                new WorkflowDelete(Samples.header("c2").withBeginBefore(1), false, false)))
        .isEqualTo("command failed FAILED_PRECONDITION gone meanwhile");
    assertThat(world).isEmpty();
  }

  @Test
  void failsWhenAStepIsRefusedBehindOthers() {
    SagaTrial trial =
        new SagaTrial(
            cluster,
            run -> TestStep.saga(List.of(step("a"), refused("b")), r -> Success.of("done")));
    assertThat(trial.outcome(Samples.create("c1")))
        .isEqualTo("command failed FAILED_PRECONDITION not so");
    assertThat(world).isEmpty();
  }

  @Test
  void tellsOnceWhyABegunCommandDoesNotGoOn() {
    int[] plans = {0};
    SagaTrial trial =
        new SagaTrial(
            cluster,
            run -> {
              if (plans[0]++ == 0) {
                return TestStep.saga(List.of(step("a"), killed()), r -> Success.of("done"));
              }
              throw new RunAgainException("attempt " + plans[0] + " has to wait", refusal("no"));
            });
    for (int i = 0; i < 4; i++) {
      assertThat(trial.run(Samples.create("c1"))).isEqualTo(TaskHandler.Result.AGAIN);
    }
    assertThat(new RunHistory(List.copyOf(trial.log.events)).failures("plan"))
        .containsExactly("attempt 2 has to wait: no");
  }

  @Test
  void theLossOfAnEventIsToldToTheRunThatSentIt() {
    SagaTrial loses = new SagaTrial(cluster, run -> saga(step("a")));
    loses.log.gate(event -> {
      if (event.equals("started a")) {
        throw new IllegalStateException("lost");
      }
    });
    assertThat(loses.outcome(Samples.create("c1")))
        .startsWith("command failed INTERNAL could not write events of customer.c2c");
    assertThat(world).isEmpty();
  }

  /** Plans once; every further plan fails, as when a tablet is away. */
  private static final class Away implements SagaPlanner {
    private final List<TestStep> steps;
    private int plans;

    Away(List<TestStep> steps) {
      this.steps = steps;
    }

    @Override
    public Saga plan(Run run) {
      if (plans++ > 0) {
        throw new IllegalStateException("target is away");
      }
      return TestStep.saga(steps, r -> Success.of("done"));
    }

    @Override
    public Undos overdue(Run run) {
      return TestStep.eachAlone(List.of("b"), steps);
    }

    @Override
    public Undos takingBack(Run run, Exception why) {
      return TestStep.reversed(steps);
    }
  }

  @Test
  void takesBackWhatIsOverdueBeforeItPlansAndTheRestWhenItCanNotPlan() {
    SagaTrial trial = new SagaTrial(cluster, new Away(List.of(step("a"), step("b"), killed())));
    assertThat(trial.run(Samples.create("c1"))).isEqualTo(TaskHandler.Result.AGAIN);
    assertThat(trial.outcome(Samples.create("c1")))
        .isEqualTo("command failed INTERNAL target is away");
    assertThat(world).isEmpty();
    assertThat(trial.log.told()).endsWith("undone b", "undone a", trial.log.told().getLast());
  }

  @Test
  void aWorkflowLockOfAnotherToolIsWaitedForAndThenNamed() {
    SagaTrial trial = new SagaTrial(cluster, run -> saga(step("a")));
    try (TopoLock held =
        cluster.topo.lockName(
            "customer/c2c", "VDiff", Duration.ofSeconds(4), Duration.ofSeconds(1))) {
      assertThat(trial.outcome(Samples.create("c1")))
          .startsWith(
              "refused DEADLINE_EXCEEDED internal/named_locks/customer/c2c is locked for VDiff")
          .contains("shunt locks break " + cluster.topo.locks().getFirst().key());
      held.check();
    }
    assertThat(world).isEmpty();
  }

  @Test
  void whoHoldsALockIsToldAsAStepAfterAMoment() {
    cluster.keyspace("customer", "0");
    SagaTrial trial =
        new SagaTrial(
            cluster,
            run -> {
              KeyspaceLocks.of(run, cluster.topo, "SwitchWrites", List.of("customer")).close();
              return saga(step("a"));
            });
    TopoLock held =
        cluster.topo.lockKeyspace(
            "customer", "Reshard", Duration.ofSeconds(30), Duration.ofSeconds(1));
    AtomicReference<Duration> toldAfter = new AtomicReference<>();
    trial.log.gate(event -> {
      if (event.startsWith("started wait for ")) {
        toldAfter.set(time.passed());
        held.close();
      }
    });
    assertThat(trial.outcome(Samples.create("c1"))).startsWith("succeeded");
    assertThat(trial.log.told().getFirst())
        .startsWith("started wait for the lock of keyspaces/customer, held for Reshard by ");
    assertThat(toldAfter).hasValue(Duration.ofSeconds(2));
  }

  @Test
  void aCommandRefusedForALockStaysRefusedForALaterRun() {
    SagaTrial trial = new SagaTrial(cluster, run -> saga(step("a")));
    long token;
    try (TopoLock held =
        cluster.topo.lockName(
            "customer/c2c", "VDiff", Duration.ofSeconds(4), Duration.ofSeconds(1))) {
      token = held.token();
      assertThat(trial.outcome(Samples.create("c1"))).startsWith("refused DEADLINE_EXCEEDED");
    }
    // Histories know events with a fence only.
    assertThat(trial.log.events.getLast().header().fence()).isPositive().isLessThan(token);
    assertThat(trial.outcome(Samples.create("c1"))).startsWith("refused DEADLINE_EXCEEDED");
    assertThat(world).isEmpty();
  }

  /** A run of a task whose lock has the name that these tell. */
  private TaskHandler.Result named(LockNames names, RecordingSink log, SagaPlanner planner) {
    Command command = Samples.create("c1");
    return new SagaHandler(cluster.topo, names, log, log, "here", time, Samples.QUICK, planner)
        .handle(new Task(WorkflowKey.of(command.header()), command, 0, 1), new StopSignal());
  }

  private static TabletException away() {
    return new TabletException(Status.Code.UNAVAILABLE, "gone", new IllegalStateException());
  }

  @Test
  void plansNothingAgainThatWasWaitedFor() {
    RecordingSink log = new RecordingSink();
    int[] planned = {0};
    SagaPlanner waiting =
        run -> {
          planned[0]++;
          throw new FailedException(
              Status.Code.UNAVAILABLE, "nobody can say", FailedException.waitedFor("no end", null));
        };
    assertThat(named(key -> key.toString(), log, waiting)).isEqualTo(TaskHandler.Result.FINISHED);
    assertThat(planned[0]).isEqualTo(1);
    assertThat(log.told()).containsExactly("command failed UNAVAILABLE nobody can say");
  }

  @Test
  void refusesWhenTheNameOfTheLockCanNotBeFound() {
    RecordingSink log = new RecordingSink();
    int[] asked = {0};
    LockNames silent =
        key -> {
          asked[0]++;
          throw away();
        };
    assertThat(named(silent, log, run -> saga(step("a")))).isEqualTo(TaskHandler.Result.FINISHED);
    assertThat(asked[0]).isEqualTo(Samples.QUICK.planAttempts());
    assertThat(log.told()).containsExactly("failed plan", "refused UNAVAILABLE gone");

    RecordingSink other = new RecordingSink();
    LockNames refusing =
        key -> {
          throw refusal("no primary found for shard commerce/0");
        };
    assertThat(named(refusing, other, run -> saga(step("a"))))
        .isEqualTo(TaskHandler.Result.FINISHED);
    assertThat(other.told())
        .containsExactly("refused FAILED_PRECONDITION no primary found for shard commerce/0");
    assertThat(world).isEmpty();
  }

  @Test
  void findsTheNameOfTheLockInTheEndWhenTheCommandHasBegun() {
    RecordingSink log = new RecordingSink();
    SagaPlanner planner = new Once(List.of(step("a"), killed()));
    assertThat(named(key -> "customer/c2c", log, planner)).isEqualTo(TaskHandler.Result.AGAIN);
    int[] away = {2 * Samples.QUICK.planAttempts()};
    LockNames late =
        key -> {
          if (away[0]-- > 0) {
            throw away();
          }
          return "customer/c2c";
        };
    assertThat(named(late, log, planner)).isEqualTo(TaskHandler.Result.FINISHED);
    assertThat(log.told())
        .contains("failed plan")
        .endsWith("command failed FAILED_PRECONDITION gone meanwhile");
    assertThat(world).isEmpty();
  }

  /** One run with more patience than {@link SagaTrial} has. */
  private TaskHandler.Result patiently(RecordingSink log, Topo topo, StopSignal stop) {
    return patiently(log, topo, stop, run -> saga(step("a")));
  }

  private TaskHandler.Result patiently(
      RecordingSink log, Topo topo, StopSignal stop, SagaPlanner planner) {
    SagaSettings quick = Samples.QUICK;
    SagaSettings patient =
        new SagaSettings(
            quick.lockTtl(),
            Duration.ofSeconds(30),
            Duration.ofSeconds(30),
            quick.planAttempts(),
            quick.firstBackoff(),
            quick.longestBackoff(),
            quick.patience());
    Command command = Samples.create("c1");
    return new SagaHandler(
            topo, cluster.cluster()::lockName, log, log, "here", time, patient, planner)
        .handle(new Task(WorkflowKey.of(command.header()), command, 0, 1), stop);
  }

  /** The step that the workflow's status shows behind each event. */
  private static List<String> stepsShown(RecordingSink log) {
    WorkflowStatus status =
        Evolver.evolve(
            null,
            new CommandAdmitted(
                new EventHeader("customer", "c2c", "c1", 1, "admission", 0),
                "MoveTablesCreate",
                "copy",
                "ann",
                "",
                false));
    List<String> shown = new ArrayList<>();
    for (Event event : log.events) {
      status = Evolver.evolve(status, event);
      shown.add(status == null || status.inFlight() == null ? "" : status.inFlight().step());
    }
    return shown;
  }

  @Test
  void whoHoldsTheWorkflowsLockShowsInItsStatusWhileItIsWaitedFor() {
    RecordingSink log = new RecordingSink();
    TopoLock held =
        cluster.topo.lockName(
            "customer/c2c", "VDiff", Duration.ofSeconds(30), Duration.ofSeconds(1));
    LockHolder holder = cluster.topo.locks().getFirst();
    log.gate(event -> {
      if (event.startsWith("started wait for ")) {
        held.check(); // it is told while the other one has it
        held.close();
      }
    });
    assertThat(patiently(log, cluster.topo, new StopSignal()))
        .isEqualTo(TaskHandler.Result.FINISHED);
    assertThat(stepsShown(log).subList(0, 2))
        .containsExactly(
            "wait for the lock of internal/named_locks/customer/c2c, held for " + holder.text(),
            "a");
    assertThat(holder.text()).startsWith("VDiff by ").contains(" since ");
    assertThat(log.told().getLast()).startsWith("succeeded");
  }

  @Test
  void aTopologyThatDoesNotAnswerShowsInTheStatusAndIsTriedUntilItDoes() {
    RecordingSink log = new RecordingSink();
    AtomicBoolean away = new AtomicBoolean(true);
    cluster.topoGate(call -> {
      if (call.startsWith("topo lockName") && away.get()) {
        throw new TopoException(TopoException.Kind.UNAVAILABLE, "etcd did not answer");
      }
    });
    log.gate(event -> away.set(!event.startsWith("started wait for the topology")));
    assertThat(patiently(log, cluster.topo, new StopSignal()))
        .isEqualTo(TaskHandler.Result.FINISHED);
    assertThat(stepsShown(log).subList(0, 2))
        .containsExactly("wait for the topology, which does not answer", "a");
    assertThat(log.ofType(StepStarted.class).getFirst().detail()).isEqualTo("etcd did not answer");
  }

  /** Plans one step, which takes the workflow's lock where it needs it. */
  private static final class LockedByStep implements SagaPlanner {
    private Effect.Action step = run -> "";

    @Override
    public Saga plan(Run run) {
      return saga(TestStep.of("a", "", step));
    }

    @Override
    public boolean locksThroughout() {
      return false;
    }
  }

  /**
   * The lock that it takes then is the youngest, which does not make its run the one that counts.
   */
  @Test
  void whatAnOvertakenRunTellsCountsNoMoreThoughItTakesTheLockAgain() {
    RecordingSink log = new RecordingSink();
    List<Run> runs = new ArrayList<>();
    LockedByStep planner = new LockedByStep();
    planner.step =
        run -> {
          runs.add(run);
          Run first = runs.getFirst();
          if (run == first) { // it stalls for so long that another one takes over
            assertThat(patiently(log, cluster.topo, new StopSignal(), planner))
                .isEqualTo(TaskHandler.Result.FINISHED);
          } else {
            first.underLock(() -> {
              assertThat(first.fence().token()).isGreaterThan(run.fence().token());
              first.emit(new StepStarted(first.header(), "of the overtaken", ""));
            });
          }
          return "";
        };

    assertThat(patiently(log, cluster.topo, new StopSignal(), planner))
        .isEqualTo(TaskHandler.Result.FINISHED);

    assertThat(runs).hasSize(2);
    assertThat(stepsShown(log)).contains("a").doesNotContain("of the overtaken");
    assertThat(new RunHistory(log.events).outcome())
        .map(outcome -> outcome.header().fence())
        .contains(runs.getLast().header().fence());
  }

  @Test
  void whomAStepWaitsForShowsInTheStatus() {
    RecordingSink log = new RecordingSink();
    List<TopoLock> others = new ArrayList<>();
    LockedByStep planner = new LockedByStep();
    planner.step =
        run -> {
          others.add(
              cluster.topo.lockName(
                  "customer/c2c", "Workflow", Duration.ofSeconds(30), Duration.ofSeconds(1)));
          assertThat(run.underLock(() -> world.add("done"), taken -> true)).isTrue();
          return "";
        };
    log.gate(event -> {
      if (event.startsWith("started wait for ")) {
        others.forEach(TopoLock::close);
      }
    });

    assertThat(patiently(log, cluster.topo, new StopSignal(), planner))
        .isEqualTo(TaskHandler.Result.FINISHED);

    assertThat(world).containsExactly("done");
    List<String> shown = stepsShown(log);
    assertThat(shown.get(0)).isEqualTo("a");
    assertThat(shown.get(1))
        .startsWith(
            "wait for the lock of internal/named_locks/customer/c2c, held for Workflow by ");
    assertThat(shown.get(2)).isEqualTo("a");
  }

  private static Saga saga(TestStep... steps) {
    return TestStep.saga(List.of(steps), run -> Success.of("done"));
  }

  @Test
  void supersededIsWhoWasFencedAndNotWhoNamesAFence() {
    assertThat(Failures.superseded(FakeTablet.fenced("customer/c2c"))).isTrue();
    assertThat(Failures.superseded(refusedByTablet("fenced: nobody's words count"))).isFalse();
    IllegalStateException several = new IllegalStateException("several");
    several.addSuppressed(FakeTablet.fenced("customer/c2c"));
    assertThat(Failures.superseded(several)).isTrue();
  }

  private static TabletException refusedByTablet(String said) {
    return new TabletException(
        Status.Code.FAILED_PRECONDITION,
        "vReplicationExec at db-fence-1: " + said,
        Status.FAILED_PRECONDITION.withDescription(said).asRuntimeException());
  }
}
