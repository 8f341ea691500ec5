package dev.shunt.switcher;

import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.Traffic;
import dev.shunt.saga.DifferenceGuard.Findings;
import dev.shunt.saga.Effect;
import dev.shunt.saga.Failures;
import dev.shunt.saga.Run;
import dev.shunt.saga.RunHistory;
import dev.shunt.saga.Saga;
import dev.shunt.saga.Success;
import dev.shunt.schemas.TrafficSwitched;
import dev.shunt.topo.TopoException;
import dev.shunt.workflow.plan.DryRunText;
import dev.shunt.workflow.plan.Plan;
import dev.shunt.workflow.plan.SwitchAction;
import dev.shunt.workflow.routing.TableRouting.ReadType;
import dev.shunt.workflow.routing.TrafficState;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Makes a saga of the plan of a switch. */
final class SwitchSaga {
  private final Cluster cluster;
  private final SwitchRequest request;
  private final Traffic traffic;
  private final TrafficState state;
  private final SwitchProgress progress;
  private final Plan<SwitchAction> plan;
  private final Findings findings;
  private final Optional<RuntimeException> refusal;
  private final EarlierRuns earlier;

  /**
   * @param traffic where it goes, in the terms of the forward workflow
   * @param state where it went when this was planned
   * @param findings what source and target are known to differ in
   * @param refusal why it ends once an interrupted attempt is taken back
   * @param earlier what earlier runs did
   */
  SwitchSaga(
      Cluster cluster,
      SwitchRequest request,
      Traffic traffic,
      TrafficState state,
      SwitchProgress progress,
      Plan<SwitchAction> plan,
      Findings findings,
      Optional<RuntimeException> refusal,
      EarlierRuns earlier) {
    this.cluster = cluster;
    this.request = request;
    this.traffic = traffic;
    this.state = state;
    this.progress = progress;
    this.plan = plan;
    this.findings = findings;
    this.refusal = refusal;
    this.earlier = earlier;
  }

  Saga of(Run run) {
    String startState = run.history().started(SwitchAction.REMEMBER_START).orElse(state.text());
    ReadSwitch reads = readSwitch();
    return Saga.of(
        plan,
        action -> effect(action, reads, startState, run),
        decided(run.history()),
        r -> finish(r, startState, progress.stays(request, state) && !run.history().begun()));
  }

  /** Behind the journals, also when an earlier run has finished all that follows them. */
  private boolean decided(RunHistory history) {
    return progress.decided()
        || (request.writes()
            && progress.writesDone()
            && history.started(SwitchAction.DENY_SOURCE_WRITES).isPresent());
  }

  /** What an interrupted attempt left, this way or the other. */
  private InterruptedSwitch left() {
    return progress.other().orElseGet(() -> progress.writes().orElseThrow().left());
  }

  private Cutover cutover() {
    return progress.writes().orElseThrow().cutover();
  }

  private StreamMigrator migrator() {
    return progress.writes().orElseThrow().migrator();
  }

  private ReadSwitch readSwitch() {
    return new ReadSwitch(
        cluster,
        progress.move(),
        request.reads(),
        request.cellsOfReads(),
        !request.writes() || progress.writesDone());
  }

  private Effect effect(SwitchAction action, ReadSwitch reads, String startState, Run run) {
    return switch (action) {
      case KNOWN_DIFFERENCES -> Effect.note(findings.text().orElseThrow());
      case FENCE_EARLIER_RUNS -> Effect.of(r -> left().fenceOff(r, earlier));
      case TAKE_BACK ->
          Effect.of(
              progress.other().isPresent()
                  ? "an interrupted attempt the other way"
                  : "an interrupted attempt",
              r -> left().takeBack(r));
      case REFUSE -> Effect.failure(refusal.orElseThrow());
      case REMEMBER_START -> Effect.note(startState);
      case GIVE_UP -> Effect.failure(EarlierRuns.tooMany());
      case LOCK_FOR_READS -> Effect.of(reads::lock).undoneBy(r -> reads.unlock());
      case SWITCH_READS -> switchReads(reads, run);
      case UNLOCK_AFTER_READS -> Effect.of(r -> reads.unlock());
      case LOCK_FOR_WRITES ->
          Effect.of(r -> cutover().lock(r, "SwitchWrites")).undoneBy(r -> cutover().unlock());
      case START_STOPPED_STREAMS -> progress.stopped().orElseThrow().effect(cluster);
      case PREPARE -> Effect.of(r -> cutover().prepare(r));
      case STOP_MIGRATED_STREAMS ->
          Effect.of(migrator().detail().text(), r -> migrator().stop(r))
              .undoneBy(r -> migrator().detail().resume(cluster, r));
      case CREATE_MIGRATED_STREAMS ->
          Effect.of(r -> migrator().create(r))
              .undoneBy(r -> migrator().detail().removeDrafts(cluster, r));
      case CHECK_MIGRATED_STREAMS -> Effect.of(r -> migrator().check(cutover().left()));
      case START_MIGRATED_STREAMS -> Effect.of(r -> migrator().start(r));
      case DENY_SOURCE_WRITES ->
          Effect.of(cutover().pause().text(), r -> cutover().denySource(r))
              .undoneBy(r -> cutover().wayBack().allowSource(r));
      case DRAIN_SOURCE_WRITES -> Effect.of(r -> cutover().drain());
      case READ_SOURCE_POSITIONS -> Effect.of(r -> cutover().sourcePositions());
      case MATCH_AUTO_INCREMENTS -> Effect.of(r -> cutover().matchAutoIncrements(r));
      case WAIT_FOR_CATCH_UP -> Effect.of(r -> cutover().waitForStreams());
      case STOP_STREAMS ->
          Effect.of(r -> cutover().stopStreams(r))
              .undoneBy(r -> cutover().wayBack().resumeStreams(r));
      case READ_TARGET_POSITIONS -> Effect.of(r -> cutover().targetPositions());
      case WRITE_JOURNALS ->
          Effect.of(r -> cutover().writeJournals(r))
              .undoneBy(r -> cutover().wayBack().removeDrafts(r));
      case SWITCH_ROUTING -> Effect.of(r -> cutover().switchRouting(r));
      case REFRESH_TARGETS -> Effect.of(r -> cutover().refreshTargets());
      case REBUILD_SERVING_VSCHEMA -> Effect.nothing("together with the targets");
      case START_REVERSE_STREAMS -> Effect.of(r -> cutover().startReverse(r));
      case FREEZE_STREAMS -> Effect.of(r -> cutover().freeze(r));
      case UNLOCK_AFTER_WRITES ->
          Effect.of(r -> {
            cutover().refreshOthers();
            return cutover().unlock();
          });
    };
  }

  /** The detail names the types whose reads went the old way, which an undo sends back. */
  private Effect switchReads(ReadSwitch reads, Run run) {
    ReadsBefore before =
        run.history()
            .started(SwitchAction.SWITCH_READS)
            .map(ReadsBefore::parse)
            .orElseGet(this::readsBefore);
    return Effect.of(before.text(), reads::write).undoneBy(r -> reads.takeBack(r, before));
  }

  private ReadsBefore readsBefore() {
    Map<ReadType, Set<String>> elsewhere = new EnumMap<>(ReadType.class);
    for (ReadType type : request.reads()) {
      List<String> cells = new ArrayList<>(request.elsewhere(state, type));
      if (!request.cellsOfReads().isEmpty()) {
        cells.retainAll(request.cellsOfReads());
      }
      if (!cells.isEmpty()) {
        elsewhere.put(type, Set.copyOf(cells));
      }
    }
    return new ReadsBefore(progress.move(), elsewhere);
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
        .beware(Stream.concat(SwitchPlanner.beware(findings).stream(), behind().stream()).toList());
  }

  /**
   * Which cells have not heard where writes go, in words: a switch before this one may have left
   * some behind, and nobody else tells them when its process has ended.
   */
  private List<String> behind() {
    if (!request.writes() || !progress.writesDone()) {
      return List.of();
    }
    try {
      return Stream.of(cluster.publishWrites(progress.move()))
          .filter(sentence -> !sentence.isEmpty())
          .toList();
    } catch (TopoException e) {
      return List.of("no cell could be told where writes go: " + Failures.message(e));
    }
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
    return EarlierRuns.lastDenialMillis(run.history())
        .map(denied -> (run.clock().millis() - denied) * 1000)
        .orElse(0L);
  }
}
