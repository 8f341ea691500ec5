package dev.shunt.switcher;

import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.Traffic;
import dev.shunt.saga.DifferenceGuard;
import dev.shunt.saga.DifferenceGuard.Findings;
import dev.shunt.saga.FailedException;
import dev.shunt.saga.Run;
import dev.shunt.saga.RunHistory;
import dev.shunt.saga.Saga;
import dev.shunt.saga.Step;
import dev.shunt.saga.Success;
import dev.shunt.saga.Undos;
import dev.shunt.schemas.StepStarted;
import dev.shunt.schemas.TrafficSwitched;
import dev.shunt.workflow.plan.DryRunText;
import dev.shunt.workflow.plan.Plan;
import dev.shunt.workflow.plan.PlanAction.Kind;
import dev.shunt.workflow.plan.PlannedStep;
import dev.shunt.workflow.plan.SwitchAction;
import dev.shunt.workflow.plan.SwitchPlan;
import dev.shunt.workflow.routing.TableRouting.ReadType;
import dev.shunt.workflow.routing.TrafficState;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Makes a saga of the plan of a switch. */
final class SwitchSaga {
  /** Undecided attempts after which a command fails instead of pausing writes once more. */
  private static final int MOST_ATTEMPTS = 3;

  /** First step of the pause, as events name it. */
  static final String DENY = SwitchAction.DENY_SOURCE_WRITES.stepName();

  /** The step that decides, as events name it. */
  static final String JOURNALS = SwitchAction.WRITE_JOURNALS.stepName();

  /** The step that switches reads, as events name it. */
  static final String READS = SwitchAction.SWITCH_READS.stepName();

  /** Names of the steps that are taken back, in the order of the plan. */
  static final List<String> UNDO_ORDER =
      Stream.concat(
              SwitchPlan.UNDOS.stream().map(SwitchAction::stepName), Stream.of(StoppedStreams.STEP))
          .toList();

  /** Step that takes back what another command's attempt left; writes wait for it. */
  static final String TAKE_BACK = "take back";

  /** Step with which a switch begins, behind what is done about an attempt before it. */
  static final String START_STATE = "remember start";

  private final Cluster cluster;
  private final SwitchRequest request;
  private final Traffic traffic;
  private final TrafficState state;
  private final SwitchProgress progress;
  private final Plan<SwitchAction> plan;
  private final Findings findings;
  private final Optional<RuntimeException> refusal;

  /**
   * Describes it.
   *
   * @param traffic where it goes, in the terms of the forward workflow
   * @param state where it went when this was planned
   * @param findings what source and target are known to differ in
   * @param refusal why it ends once an interrupted attempt is taken back
   */
  SwitchSaga(
      Cluster cluster,
      SwitchRequest request,
      Traffic traffic,
      TrafficState state,
      SwitchProgress progress,
      Plan<SwitchAction> plan,
      Findings findings,
      Optional<RuntimeException> refusal) {
    this.cluster = cluster;
    this.request = request;
    this.traffic = traffic;
    this.state = state;
    this.progress = progress;
    this.plan = plan;
    this.findings = findings;
    this.refusal = refusal;
  }

  Saga of(Run run) {
    String startState = run.history().started(START_STATE).orElse(state.text());
    List<Step> steps = new ArrayList<>();
    for (Step step : DifferenceGuard.steps(findings)) {
      steps.add(progress.closed() ? step.asHeld() : step);
    }
    if (progress.leftovers()) {
      // Writes are refused until it holds: nothing may end the command before.
      steps.add(
          Step.of(
                  TAKE_BACK,
                  "an interrupted attempt",
                  r -> progress.writes().orElseThrow().left().takeBack(r))
              .asHeld());
    }
    progress
        .other()
        .ifPresent(left ->
            steps.add(
                Step.of(TAKE_BACK, "an interrupted attempt the other way", left::takeBack)
                    .asHeld()));
    refusal.ifPresent(why -> steps.add(refuse(why)));
    steps.add(Step.of(START_STATE, startState, r -> ""));
    if (gaveWay(run.history()) && attempts(run.history()) >= MOST_ATTEMPTS) {
      steps.add(giveUp());
    }
    ReadSwitch reads = readSwitch();
    for (PlannedStep<SwitchAction> planned : plan.steps()) {
      if (progress.decided() && beforeTheDecision(planned.action())) {
        continue;
      }
      steps.add(step(planned.action(), reads, run));
      if (planned.action() == SwitchAction.LOCK_FOR_WRITES && !progress.decided()) {
        new StoppedStreams(cluster, progress.writes().orElseThrow().view())
            .step(run)
            .ifPresent(steps::add);
        steps.add(Step.of("prepare", "", r -> cutover().prepare(r)));
      }
    }
    return new Saga(
        steps,
        Undos.eachAlone(UNDO_ORDER, steps),
        decided(run.history()),
        r -> finish(r, startState, progress.stays(request, state) && !run.history().begun()));
  }

  /** Whether earlier attempts were interrupted in the pause and nothing is decided. */
  private boolean gaveWay(RunHistory history) {
    return request.writes()
        && !progress.decided()
        && !progress.writesDone()
        && history.started(DENY).isPresent();
  }

  /** Behind the journals, also when an earlier run has finished all that follows them. */
  private boolean decided(RunHistory history) {
    return progress.decided()
        || (request.writes() && progress.writesDone() && history.started(DENY).isPresent());
  }

  private Cutover cutover() {
    return progress.writes().orElseThrow().cutover();
  }

  private static long attempts(RunHistory history) {
    return history.events().stream()
        .filter(event -> event instanceof StepStarted started && started.step().equals(DENY))
        .count();
  }

  private static Step giveUp() {
    return Step.of(
        "give up",
        "",
        r -> {
          throw new FailedException(
              Status.Code.ABORTED,
              "the switch was interrupted %d times before it was decided; it is taken back, traffic"
                      .formatted(MOST_ATTEMPTS)
                  + " goes where it went");
        });
  }

  /** A step that ends the command. */
  static Step refuse(RuntimeException why) {
    return Step.of(
        "refuse",
        "",
        r -> {
          throw why;
        });
  }

  private ReadSwitch readSwitch() {
    return new ReadSwitch(
        cluster,
        progress.move(),
        request.reads(),
        request.cellsOfReads(),
        !request.writes() || progress.writesDone());
  }

  private static boolean beforeTheDecision(SwitchAction action) {
    return action.inPause() && action.kind() == Kind.REVERSIBLE;
  }

  private Step step(SwitchAction action, ReadSwitch reads, Run run) {
    return switch (action) {
      case LOCK_FOR_READS -> Step.of(action, "", reads::lock).undoneBy(r -> reads.unlock());
      case SWITCH_READS -> switchReads(reads, run);
      case UNLOCK_AFTER_READS -> Step.of(action, "", r -> reads.unlock());
      case LOCK_FOR_WRITES ->
          Step.of(action, "", r -> cutover().lock(r, "SwitchWrites"))
              .undoneBy(r -> cutover().unlock());
      case DENY_SOURCE_WRITES ->
          Step.of(action, cutover().pause().text(), r -> cutover().denySource(r))
              .undoneBy(r -> cutover().wayBack().allowSource(r));
      case DRAIN_SOURCE_WRITES -> Step.of(action, "", r -> cutover().drain());
      case READ_SOURCE_POSITIONS -> Step.of(action, "", r -> cutover().sourcePositions());
      case MATCH_AUTO_INCREMENTS -> Step.of(action, "", r -> cutover().matchAutoIncrements(r));
      case WAIT_FOR_CATCH_UP -> Step.of(action, "", r -> cutover().waitForStreams());
      case STOP_STREAMS ->
          Step.of(action, "", r -> cutover().stopStreams(r))
              .undoneBy(r -> cutover().wayBack().resumeStreams(r));
      case READ_TARGET_POSITIONS -> Step.of(action, "", r -> cutover().targetPositions());
      case WRITE_JOURNALS ->
          Step.of(action, "", r -> cutover().writeJournals(r))
              .undoneBy(r -> cutover().wayBack().removeDrafts(r));
      case SWITCH_ROUTING -> Step.of(action, "", r -> cutover().switchRouting(r));
      case REFRESH_TARGETS -> Step.of(action, "", r -> cutover().refreshTargets());
      case REBUILD_SERVING_VSCHEMA -> Step.of(action, "", r -> "together with the targets");
      case START_REVERSE_STREAMS -> Step.of(action, "", r -> cutover().startReverse(r));
      case FREEZE_STREAMS -> Step.of(action, "", r -> cutover().freeze(r));
      case UNLOCK_AFTER_WRITES ->
          Step.of(
              action,
              "",
              r -> {
                cutover().refreshOthers();
                return cutover().unlock();
              });
    };
  }

  /** The detail names the types whose reads went the old way, which an undo sends back. */
  private Step switchReads(ReadSwitch reads, Run run) {
    ReadsBefore before =
        run.history().started(READS).map(ReadsBefore::parse).orElseGet(this::readsBefore);
    return Step.of(SwitchAction.SWITCH_READS, before.text(), reads::write)
        .undoneBy(r -> reads.takeBack(r, before.types()));
  }

  private ReadsBefore readsBefore() {
    return new ReadsBefore(
        progress.move(),
        request.reads().stream()
            .filter(type -> !request.elsewhere(state, type).isEmpty())
            .collect(Collectors.toSet()));
  }

  private Success finish(Run run, String startState, boolean stayed) {
    TrafficState now = traffic.state();
    List<String> types = new ArrayList<>(request.reads().stream().map(ReadType::name).toList());
    if (request.writes()) {
      types.add("PRIMARY");
    }
    run.emit(
        new TrafficSwitched(
            run.header(),
            request.command().direction(),
            types,
            now.replicaSwitched(),
            now.rdonlySwitched(),
            now.writesSwitched(),
            pauseMicros(run)));
    String summary =
        DryRunText.switchSummary(
            request.operation(),
            request.command().header().keyspace(),
            request.command().header().workflow());
    return Success.of(
            stayed ? summary + ": nothing was to be done, traffic went there already" : summary,
            Map.of("start_state", startState, "current_state", now.text()))
        .beware(SwitchPlanner.beware(findings));
  }

  /** From this run's own clock; behind an interruption, from what the log says of the denial. */
  private long pauseMicros(Run run) {
    if (progress.writes().isEmpty()) {
      return 0;
    }
    long measured = cutover().pauseMicros();
    if (measured > 0 || !progress.decided()) {
      return measured;
    }
    return run.history().events().stream()
        .filter(event -> event instanceof StepStarted started && started.step().equals(DENY))
        .reduce((first, second) -> second)
        .map(denied -> (run.clock().millis() - denied.header().at()) * 1000)
        .orElse(0L);
  }
}
