package dev.shunt.switcher;

import binlogdata.Binlogdata.Journal;
import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.Parallel;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.cluster.Traffic;
import dev.shunt.cluster.WorkflowView;
import dev.shunt.saga.DifferenceGuard;
import dev.shunt.saga.DifferenceGuard.Findings;
import dev.shunt.saga.Effect;
import dev.shunt.saga.Failures;
import dev.shunt.saga.Run;
import dev.shunt.saga.RunAgainException;
import dev.shunt.saga.Saga;
import dev.shunt.saga.SagaPlanner;
import dev.shunt.saga.Success;
import dev.shunt.saga.Undos;
import dev.shunt.schemas.CommandHeader;
import dev.shunt.schemas.SwitchTraffic;
import dev.shunt.topo.Cells;
import dev.shunt.workflow.Refusal;
import dev.shunt.workflow.RefusedException;
import dev.shunt.workflow.WorkflowNames;
import dev.shunt.workflow.migration.SwitchableMigration;
import dev.shunt.workflow.plan.DryRunText;
import dev.shunt.workflow.plan.Plan;
import dev.shunt.workflow.plan.SwitchAction;
import dev.shunt.workflow.plan.SwitchPlan;
import dev.shunt.workflow.plan.SwitchPlan.Finding;
import dev.shunt.workflow.plan.SwitchPlan.Migrated;
import dev.shunt.workflow.routing.TableRouting.ReadType;
import dev.shunt.workflow.routing.TrafficState;
import io.vitess.proto.Topodata;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Plans a switch from what it finds: a switch that has not begun, one that was interrupted before
 * its journals (it is taken back and begun anew) or behind the first of them (it is finished).
 */
public final class SwitchPlanner implements SagaPlanner {
  private final Cluster cluster;
  private final DifferenceGuard differences;
  private final Prechecks prechecks;

  /**
   * Looks at this cluster.
   *
   * @param differences knows what source and target are known to differ in
   */
  public SwitchPlanner(Cluster cluster, DifferenceGuard differences) {
    this.cluster = cluster;
    this.differences = differences;
    this.prechecks = new Prechecks(cluster);
  }

  @Override
  public Saga plan(Run run) throws Exception {
    if (!(run.command() instanceof SwitchTraffic command)) {
      throw Refusal.of(
              Refusal.Code.UNIMPLEMENTED,
              "%s is not a task of the switcher service",
              run.command().getClass().getSimpleName())
          .exception();
    }
    EarlierRuns earlier = new EarlierRuns(cluster, command, run.history());
    try {
      return plan(SwitchRequest.of(command), earlier, run);
    } catch (RefusedException e) {
      if (earlier.writesMayWait()) {
        // It may be decided: what stands in the way has to pass, there is no outcome until then.
        throw new RunAgainException("an interrupted switch can't go on: " + e.getMessage(), e);
      }
      throw e;
    }
  }

  @Override
  public Undos overdue(Run run) throws Exception {
    return run.command() instanceof SwitchTraffic command
        ? new EarlierRuns(cluster, command, run.history()).overdue()
        : Undos.NONE;
  }

  /** All that earlier runs did; not while it may be decided. */
  @Override
  public Undos takingBack(Run run, Exception why) {
    if (!(run.command() instanceof SwitchTraffic command)) {
      return Undos.NONE;
    }
    EarlierRuns earlier = new EarlierRuns(cluster, command, run.history());
    if (earlier.writesMayWait()) {
      throw new RunAgainException(
          "an interrupted switch can't go on: " + Failures.message(why), why);
    }
    return earlier.takingBack();
  }

  private Saga plan(SwitchRequest requested, EarlierRuns earlier, Run run) throws Exception {
    SwitchTraffic command = requested.command();
    String keyspace = command.header().keyspace();
    cluster.vschema(keyspace);
    WorkflowView forward = cluster.requireWorkflow(keyspace, command.header().workflow());
    requireForward(requested, forward);
    Traffic traffic = cluster.traffic(forward.switchable(Prechecks.SWITCH));
    boolean first = !earlier.noted();
    if (first) {
      prechecks.requireCells(command.cells());
      traffic.requireOwnRoutes();
    }
    Traffic.Observed observed = traffic.observe();
    TrafficState state = observed.state();
    SwitchRequest request = requested.withReads(reads(requested, forward, run));
    if (first && !traffic.migration().isRouted()) {
      prechecks.requireReach(request, observed);
    }
    boolean alreadySwitched = request.forward() == state.writesSwitched();
    Optional<WorkflowView> streams =
        streams(request, forward, alreadySwitched && state.anyReadsSwitched());
    SwitchProgress progress = progress(request, forward, streams, alreadySwitched, earlier);
    if (progress.leftovers() && !earlier.inPause() && !earlier.tookBack()) {
      prechecks.requireUnclaimed(forward);
      prechecks.requireCopied(streams.orElse(forward));
    }
    if (first && !progress.decided() && !progress.leftovers()) {
      if (!alreadySwitched) {
        prechecks.require(
            streams.isPresent() ? streams.get() : feeding(forward, state),
            request,
            run.clock().instant());
      }
      requireSwitchedReads(request, state);
    }
    if (progress.writes().isPresent() && !progress.writesDone() && !progress.decided()) {
      // Also where another run has looked before: shards may have lost a tablet since.
      prechecks.requireAllShards(progress.writes().get().view());
      if (first && !progress.leftovers()) {
        progress.writes().get().migrator().require();
      }
    }
    boolean stays = progress.stays(request, state);
    Findings findings = stays && first ? Findings.NOTHING : differences.findings(forward, run);
    Optional<RuntimeException> refusal =
        refusal(request, forward, progress, findings, earlier.underWay());
    boolean dryRun = command.header().dryRun();
    Set<Finding> found = found(request, progress, findings, refusal, earlier);
    if (refusal.isPresent() && (dryRun || !progress.closed())) {
      if (!earlier.writesMayWait()) {
        throw refusal.get();
      }
      // An earlier run was to open the side, and could not record that it has.
      RuntimeException why = refusal.get();
      return Saga.of(
          SwitchPlan.ofRefusal(), action -> Effect.failure(why), false, r -> Success.of(""));
    }
    if (dryRun) {
      return Saga.answer(dryRun(request, progress, stays, found, run).beware(beware(findings)));
    }
    Plan<SwitchAction> plan = planned(request, progress, found, false);
    return new SwitchSaga(
            cluster, request, traffic, state, progress, plan, findings, refusal, earlier)
        .of(run);
  }

  private static Set<Finding> found(
      SwitchRequest request,
      SwitchProgress progress,
      Findings findings,
      Optional<RuntimeException> refusal,
      EarlierRuns earlier) {
    Set<Finding> found = EnumSet.noneOf(Finding.class);
    BiConsumer<Finding, Boolean> add =
        (finding, holds) -> {
          if (holds) {
            found.add(finding);
          }
        };
    boolean undecided = request.writes() && !progress.decided() && !progress.writesDone();
    boolean others = earlier.any() || progress.writes().filter(w -> w.left().present()).isPresent();
    add.accept(Finding.DIFFERENCES, findings.text().isPresent());
    add.accept(
        Finding.EARLIER_RUNS,
        progress.other().isPresent() || (progress.writes().isPresent() && others));
    add.accept(Finding.INTERRUPTED, progress.closed());
    add.accept(Finding.REFUSED, refusal.isPresent());
    add.accept(Finding.TOO_MANY_ATTEMPTS, undecided && earlier.tooManyAttempts());
    add.accept(Finding.DECIDED, progress.decided());
    add.accept(Finding.STOPPED_STREAMS, progress.stopped().isPresent());
    return found;
  }

  /** Why traffic may not move; none any more once a run went on to move it. */
  private Optional<RuntimeException> refusal(
      SwitchRequest request,
      WorkflowView forward,
      SwitchProgress progress,
      Findings findings,
      boolean underWay) {
    if (request.command().force() || progress.decided() || underWay) {
      return Optional.empty();
    }
    return differences.refusal(
        findings,
        "switch traffic for workflow %s at this time".formatted(forward.workflow()),
        "switch with --force");
  }

  private Success dryRun(
      SwitchRequest request, SwitchProgress progress, boolean stays, Set<Finding> found, Run run)
      throws Exception {
    CommandHeader header = request.command().header();
    return new Success(
        DryRunText.dryRunSummary(
            request.operation(), header.keyspace(), header.workflow(), run.clock().instant()),
        stays
            ? List.of("No changes required")
            : planned(request, progress, found, true).dryRunLines(),
        Map.of());
  }

  /** What a switch says of differences that are known. */
  static List<String> beware(Findings findings) {
    return findings
        .text()
        .map(text ->
            text
                + "; a switch mends nothing: run a diff of the workflow that replicates now before"
                + " anything is dropped")
        .stream()
        .toList();
  }

  /** Its state is kept, and its commands wait in line, under the name of the forward workflow. */
  private static void requireForward(SwitchRequest request, WorkflowView view) {
    if (WorkflowNames.isReverse(view.workflow())) {
      throw Refusal.failedPrecondition(
              "%s.%s is the reverse of %s.%s: use %s on that one",
              view.keyspace(),
              view.workflow(),
              view.sourceKeyspace(),
              view.reverseName(),
              request.forward() ? "ReverseTraffic" : "SwitchTraffic")
          .exception();
    }
  }

  /**
   * RDONLY goes along with REPLICA where no tablet is RDONLY, so that nothing stays behind. Where a
   * cell does not answer there may be one.
   */
  private List<ReadType> reads(SwitchRequest request, WorkflowView view, Run run) {
    List<ReadType> reads = new ArrayList<>(request.reads());
    if (reads.contains(ReadType.REPLICA) && !reads.contains(ReadType.RDONLY)) {
      Optional<ReadsBefore> begun =
          run.history().started(SwitchAction.SWITCH_READS).map(ReadsBefore::parse);
      if (begun.isPresent()) { // its undo takes back no others
        if (begun.get().types().contains(ReadType.RDONLY)) {
          reads.add(ReadType.RDONLY);
        }
        return reads;
      }
      Cells.Found found = cluster.cells().tablets(List.of());
      boolean any =
          !found.silent().isEmpty()
              || found.tablets().stream()
                  .anyMatch(tablet ->
                      tablet.getType() == Topodata.TabletType.RDONLY
                          && (tablet.getKeyspace().equals(view.keyspace())
                              || tablet.getKeyspace().equals(view.sourceKeyspace())));
      if (!any) {
        reads.add(ReadType.RDONLY);
      }
    }
    return reads;
  }

  /** The streams that run the way writes are to go; the reverse ones when they go back. */
  private Optional<WorkflowView> streams(
      SwitchRequest request, WorkflowView forward, boolean somethingToReverse) throws Exception {
    if (!request.writes()) {
      return Optional.empty();
    }
    if (request.forward()) {
      return Optional.of(forward);
    }
    String reverse = WorkflowNames.reverse(forward.workflow());
    Optional<WorkflowView> found = cluster.workflow(forward.sourceKeyspace(), reverse);
    if (found.isEmpty() && (!somethingToReverse || request.reads().isEmpty())) {
      throw noStreams(forward, reverse);
    }
    return found;
  }

  private static RuntimeException noStreams(WorkflowView forward, String reverse) {
    return Refusal.failedPrecondition(
            "no streams found in keyspace %s for %s", forward.sourceKeyspace(), reverse)
        .exception();
  }

  /** The streams that keep the side up to date which does not take the writes. */
  private WorkflowView feeding(WorkflowView forward, TrafficState state) throws Exception {
    if (!state.writesSwitched()) {
      return forward;
    }
    String reverse = WorkflowNames.reverse(forward.workflow());
    return cluster
        .workflow(forward.sourceKeyspace(), reverse)
        .orElseThrow(() -> noStreams(forward, reverse));
  }

  private SwitchProgress progress(
      SwitchRequest request,
      WorkflowView forward,
      Optional<WorkflowView> found,
      boolean alreadySwitched,
      EarlierRuns earlier)
      throws Exception {
    SwitchableMigration migration = forward.switchable(Prechecks.SWITCH);
    SwitchableMigration move = request.forward() ? migration : migration.reversed();
    if (found.isEmpty()) {
      Optional<InterruptedSwitch> other =
          request.writes() ? other(request, forward, earlier) : Optional.empty();
      return new SwitchProgress(
          move, Optional.empty(), Optional.empty(), Map.of(), true, false, other);
    }
    WorkflowView view = found.get();
    Map<String, Journal> standing = WayBack.journals(cluster, view.migrationId(), view.sources());
    StreamMigrator migrator = migrator(request, view, standing.values());
    ReverseStreams reverse =
        new ReverseStreams(view, cluster.vschema(view.sourceKeyspace()), migrator.workflows());
    Cutover cutover = new Cutover(cluster, view, request.timeout(), reverse);
    InterruptedSwitch left = new InterruptedSwitch(view, cutover, migrator, standing.keySet());
    if (standing.isEmpty()) {
      earlier.requireUndecided(view);
    }
    boolean finished =
        alreadySwitched && view.streams().stream().allMatch(stream -> stream.frozen());
    boolean done = alreadySwitched && (finished || standing.isEmpty());
    if (!done && !standing.isEmpty()) {
      left.requireSourceDenied();
      cutover.resumeFrom(standing);
    }
    boolean undecided = !done && standing.isEmpty();
    if (undecided && !earlier.noted()) {
      reverse.rehearse();
    }
    boolean leftovers = undecided && (earlier.inPause() || left.present());
    SwitchProgress.ToStart stopped =
        new SwitchProgress.ToStart(earlier.stopped(view), StoppedStreams.leftByDiff(view));
    return new SwitchProgress(
        move,
        Optional.of(new SwitchProgress.Writes(view, cutover, migrator, left)),
        undecided && stopped.any() ? Optional.of(stopped) : Optional.empty(),
        done ? Map.of() : standing,
        done,
        leftovers,
        done ? other(request, forward, earlier) : Optional.empty());
  }

  /** Behind the decision its journals say who is brought along. */
  private StreamMigrator migrator(
      SwitchRequest request, WorkflowView view, Collection<Journal> standing) throws Exception {
    return standing.isEmpty()
        ? StreamMigrator.of(cluster, view, request.timeout())
        : StreamMigrator.decided(
            cluster,
            view,
            request.timeout(),
            standing.stream()
                .flatMap(journal -> journal.getSourceWorkflowsList().stream())
                .toList());
  }

  /**
   * What a switch the other way left where all writes go already, as far as routing rules say: the
   * side that they go to may be closed nevertheless, and then nobody may be told that all is well.
   */
  private Optional<InterruptedSwitch> other(
      SwitchRequest request, WorkflowView forward, EarlierRuns earlier) throws Exception {
    String reverse = WorkflowNames.reverse(forward.workflow());
    Optional<WorkflowView> found =
        request.forward()
            ? cluster.workflow(forward.sourceKeyspace(), reverse)
            : Optional.of(forward);
    if (found.isEmpty()) {
      requireOpen(forward);
      return Optional.empty();
    }
    WorkflowView view = found.get();
    StreamMigrator migrator = StreamMigrator.of(cluster, view, request.timeout());
    ReverseStreams back =
        new ReverseStreams(view, cluster.vschema(view.sourceKeyspace()), migrator.workflows());
    Cutover cutover = new Cutover(cluster, view, request.timeout(), back);
    InterruptedSwitch left = new InterruptedSwitch(view, cutover, migrator, Set.of());
    if (!left.present()) {
      return Optional.empty();
    }
    if (!cutover.journals().isEmpty()) {
      String finishing = request.forward() ? "ReverseTraffic" : "SwitchTraffic";
      throw Refusal.failedPrecondition(
              "writes do not flow: the routing rules send them to keyspace %s, which denies the"
                  + " tables, as the switch to keyspace %s is decided (journal of migration %d):"
                  + " finish it with %s",
              view.sourceKeyspace(), view.keyspace(), view.migrationId(), finishing)
          .exception();
    }
    if (!earlier.tookBack()) {
      prechecks.requireUnclaimed(forward); // a denial may be another workflow's
    }
    return Optional.of(left);
  }

  /** Without streams the other way nobody knows why the side denies that takes the writes. */
  private void requireOpen(WorkflowView forward) {
    Traffic traffic = cluster.traffic(forward.switchable(Prechecks.SWITCH));
    for (ShardPrimary target : forward.targets()) {
      if (traffic.deniesSome(target.shard(), target.record())) {
        throw Refusal.failedPrecondition(
                "writes do not flow: the routing rules send them to keyspace %s, and shard %s denies"
                    + " the tables though no workflow %s replicates from there; when it has all rows,"
                    + " open it with setshardtabletcontrol --remove",
                forward.keyspace(), target.name(), WorkflowNames.reverse(forward.workflow()))
            .exception();
      }
    }
  }

  /** Reads alone can go back only when they were switched. */
  private static void requireSwitchedReads(SwitchRequest request, TrafficState state) {
    if (request.forward() || request.writes()) {
      return;
    }
    for (ReadType type : request.reads()) {
      boolean named =
          request.command().tabletTypes().stream().anyMatch(type.name()::equalsIgnoreCase);
      List<String> switched =
          switch (type) {
            case REPLICA -> state.replicaSwitched();
            case RDONLY -> state.rdonlySwitched();
          };
      if (named && switched.isEmpty()) {
        throw Refusal.failedPrecondition(
                "requesting reversal of read traffic for %ss but %s reads have not been switched",
                type, type)
            .exception();
      }
    }
  }

  private Plan<SwitchAction> planned(
      SwitchRequest request, SwitchProgress progress, Set<Finding> found, boolean dryRun)
      throws Exception {
    Map<String, String> positions = new HashMap<>();
    List<ShardPrimary> sources = List.of();
    List<ShardPrimary> targets = List.of();
    Migrated migrated = Migrated.NONE;
    String workflow = request.command().header().workflow();
    if (progress.writes().isPresent()) {
      WorkflowView view = progress.writes().get().view();
      sources = view.sources();
      targets = view.targets();
      workflow = view.workflow();
      migrated = progress.writes().get().migrator().planned();
      if (dryRun) {
        List<String> read = Parallel.map(sources, source -> cluster.control(source).position());
        for (int i = 0; i < read.size(); i++) {
          positions.put(sources.get(i).shard(), read.get(i));
        }
      }
    }
    return SwitchPlan.of(
        new SwitchPlan.Request(
            progress.move(),
            workflow,
            request.reads(),
            request.writes(),
            progress.writesDone(),
            request.command().enableReverseReplication(),
            request.timeout(),
            sources.stream().map(ShardPrimary::planned).toList(),
            positions,
            targets.stream().map(ShardPrimary::planned).toList(),
            migrated,
            found));
  }
}
