package dev.shunt.copy.ending;

import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.cluster.TabletChanges;
import dev.shunt.cluster.WorkflowView;
import dev.shunt.copy.CreatedTables;
import dev.shunt.saga.Details;
import dev.shunt.saga.DifferenceGuard;
import dev.shunt.saga.Effect;
import dev.shunt.saga.Failures;
import dev.shunt.saga.Run;
import dev.shunt.saga.RunAgainException;
import dev.shunt.saga.Saga;
import dev.shunt.saga.Success;
import dev.shunt.schemas.CommandHeader;
import dev.shunt.schemas.WorkflowDelete;
import dev.shunt.schemas.WorkflowDeleted;
import dev.shunt.workflow.Refusal;
import dev.shunt.workflow.WorkflowNames;
import dev.shunt.workflow.migration.SwitchableMigration;
import dev.shunt.workflow.plan.DeleteAction;
import dev.shunt.workflow.plan.DeletePlan;
import dev.shunt.workflow.plan.Plan;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Plans the cancellation of a workflow whose writes are not switched. Target tables that were there
 * before the workflow stay, as does what was denied or routed for tables that somebody else has.
 * Cancelling a reverse workflow removes its streams and nothing else.
 */
public final class CancelPlanner {
  private final Cluster cluster;
  private final CreatedTables createdTables;
  private final DifferenceGuard differences;

  /**
   * Looks at this cluster.
   *
   * @param differences knows what source and target are known to differ in
   */
  public CancelPlanner(Cluster cluster, CreatedTables createdTables, DifferenceGuard differences) {
    this.cluster = cluster;
    this.differences = differences;
    this.createdTables = createdTables;
  }

  /**
   * Checks the command and plans its steps. Once the decisive step was begun, what stands in the
   * way has to pass: there is no outcome until the rest holds as well.
   */
  public Saga plan(WorkflowDelete command, Run run) throws Exception {
    return TeardownSteps.plan(
        DeleteAction.STOP_STREAMS, run, decided -> plan(command, run, decided));
  }

  private Saga plan(WorkflowDelete command, Run run, boolean decided) throws Exception {
    String keyspace = command.header().keyspace();
    String workflow = command.header().workflow();
    cluster.vschema(keyspace);
    Optional<WorkflowView> found = cluster.workflow(keyspace, workflow);
    if (found.isEmpty() && decided) {
      Warnings warned = Warnings.onLog(DeleteAction.WARNINGS, run);
      TeardownSteps common = new TeardownSteps(cluster, keyspace, "DropTargets");
      Set<String> shards = recorded(run);
      return Saga.ended(r -> {
        removeRecorded(common, command.header(), shards, r);
        return finish(command, cluster.primaries(keyspace), warned, r);
      });
    }
    WorkflowView view =
        found.isPresent() ? found.get() : cluster.requireWorkflow(keyspace, workflow);
    boolean reverse = WorkflowNames.isReverse(workflow);
    SwitchableMigration migration = view.switchable("cancel");
    TeardownSteps common = new TeardownSteps(cluster, view, "DropTargets");
    Teardown teardown = teardown(view, migration, reverse, common, run);
    if (!reverse && !decided && (view.frozen() || teardown.writesSwitched())) {
      throw Refusal.failedPrecondition(
              "cannot delete workflow because you have already switched write traffic")
          .exception();
    }
    Warnings warnings =
        run.history().begun()
            ? Warnings.onLog(DeleteAction.WARNINGS, run)
            : warnings(command, view, teardown, run);
    Plan<DeleteAction> plan =
        DeletePlan.of(
            new DeletePlan.Request(
                warnings.any(),
                migration,
                workflow,
                teardown.dropped(),
                command.keepData() || reverse,
                reverse,
                (command.keepRoutingRules() && migration.isRouted()) || reverse,
                view.sources().stream().map(ShardPrimary::planned).toList(),
                view.targets().stream().map(ShardPrimary::planned).toList()));
    if (command.header().dryRun()) {
      return Saga.answer(
          new Success(
                  "Dry run of cancelling the %s workflow in the %s keyspace"
                      .formatted(workflow, keyspace),
                  plan.dryRunLines(),
                  Map.of())
              .beware(warnings.sentences()));
    }
    StreamStop streams = new StreamStop(cluster, Optional.of(view));
    return Saga.of(
        plan,
        action ->
            effect(
                action, view, teardown, common, streams, warnings, !command.keepData() && !reverse),
        decided,
        r -> finish(command, view.targets(), warnings, r));
  }

  /** Shards that an earlier run was to delete with the streams. */
  private static Set<String> recorded(Run run) {
    return run.history()
        .started(DeleteAction.DELETE_STREAMS)
        .filter(detail -> !detail.isEmpty())
        .map(Details::names)
        .orElse(Set.of());
  }

  /** Behind the streams nothing but the log tells of them. */
  private void removeRecorded(
      TeardownSteps common, CommandHeader header, Set<String> shards, Run run) {
    if (!shards.isEmpty()) {
      try {
        var unused =
            ShardTeardown.deleteUnused(
                cluster, common, run, header.keyspace(), header.workflow(), shards);
      } catch (Exception e) {
        throw new RunAgainException("an interrupted end can't go on: " + Failures.message(e), e);
      }
    }
  }

  private Warnings warnings(WorkflowDelete command, WorkflowView view, Teardown teardown, Run run) {
    Optional<String> known = differences.findings(view, run).text();
    return new Warnings(
        WorkflowNames.isReverse(view.workflow())
            ? Beware.ofCancelOfReverse(view, known)
            : Beware.ofCancel(command, view, teardown.deniedOnTarget(), known));
  }

  private Teardown teardown(
      WorkflowView view,
      SwitchableMigration migration,
      boolean reverse,
      TeardownSteps common,
      Run run)
      throws Exception {
    return reverse
        ? Teardown.ofReverse(cluster, view, migration, common)
        : Teardown.ofCancel(cluster, view, migration, common, droppable(view, run), recorded(run));
  }

  private Collection<String> droppable(WorkflowView view, Run run) {
    Optional<Set<String>> known = createdTables.of(run.task());
    if (known.isEmpty()) {
      return view.tables();
    }
    Set<String> created = new TreeSet<>(view.tables());
    created.retainAll(known.get());
    return created;
  }

  private static Effect effect(
      DeleteAction action,
      WorkflowView view,
      Teardown teardown,
      TeardownSteps common,
      StreamStop streams,
      Warnings warnings,
      boolean drops) {
    return switch (action) {
      case WARNINGS -> warnings.effect();
      case LOCK -> Effect.of(common::lock);
      case STOP_STREAMS -> streams.effect();
      case RETURN_READS -> Effect.of(teardown::returnReads);
      case REMOVE_TARGET_TABLES ->
          Effect.of(run -> TeardownSteps.once(action, run, () -> teardown.removeTarget(run)));
      case ALLOW_ON_SOURCE -> Effect.of(teardown::allowOnSource);
      case ALLOW_ON_TARGET -> Effect.of(teardown::allowOnTarget);
      case DELETE_REVERSE_STREAMS ->
          WorkflowNames.isReverse(view.workflow())
              ? Effect.nothing("this is the reverse")
              : Effect.of(run -> common.deleteStreams(run, view.sources(), view.reverseName()));
      case DELETE_ROUTING_RULES -> Effect.of(teardown::deleteRoutes);
      case REBUILD_SERVING_VSCHEMA -> Effect.of(run -> common.rebuild());
      case DELETE_STREAMS ->
          Effect.of(
              drops ? teardown.goesWithStreams() : "",
              run -> {
                String deleted = common.deleteStreams(run, view.targets(), view.workflow());
                return drops ? deleted + teardown.removeWithStreams(run) : deleted;
              });
      case UNLOCK -> Effect.nothing("");
    };
  }

  private static Success finish(
      WorkflowDelete command, List<ShardPrimary> targets, Warnings warnings, Run run) {
    run.emit(new WorkflowDeleted(run.header(), command.keepData()));
    return Success.of(
            "Successfully cancelled the %s workflow in the %s keyspace"
                .formatted(command.header().workflow(), command.header().keyspace()),
            TabletChanges.attributes(targets, target -> true))
        .beware(warnings.sentences());
  }
}
