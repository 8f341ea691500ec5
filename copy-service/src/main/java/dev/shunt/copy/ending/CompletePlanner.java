package dev.shunt.copy.ending;

import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.cluster.StreamView;
import dev.shunt.cluster.Traffic;
import dev.shunt.cluster.WorkflowView;
import dev.shunt.saga.DifferenceGuard;
import dev.shunt.saga.DifferenceGuard.Findings;
import dev.shunt.saga.Effect;
import dev.shunt.saga.Run;
import dev.shunt.saga.Saga;
import dev.shunt.saga.Success;
import dev.shunt.schemas.MoveTablesComplete;
import dev.shunt.schemas.WorkflowCompleted;
import dev.shunt.time.Time;
import dev.shunt.workflow.Refusal;
import dev.shunt.workflow.migration.SwitchableMigration;
import dev.shunt.workflow.plan.CompleteAction;
import dev.shunt.workflow.plan.CompletePlan;
import dev.shunt.workflow.plan.DryRunText;
import dev.shunt.workflow.plan.Plan;
import dev.shunt.workflow.routing.TrafficState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Plans the end of a workflow whose traffic is switched. */
public final class CompletePlanner {
  private final Cluster cluster;
  private final DifferenceGuard differences;
  private final Time time;

  /**
   * Looks at this cluster.
   *
   * @param differences knows what source and target are known to differ in
   */
  public CompletePlanner(Cluster cluster, DifferenceGuard differences, Time time) {
    this.cluster = cluster;
    this.differences = differences;
    this.time = time;
  }

  /**
   * Checks the command and plans its steps. Once the decisive step was begun, what stands in the
   * way has to pass: there is no outcome until the rest holds as well.
   */
  public Saga plan(MoveTablesComplete command, Run run) throws Exception {
    return TeardownSteps.plan(
        CompleteAction.STOP_REVERSE_STREAMS, run, decided -> plan(command, run, decided));
  }

  private Saga plan(MoveTablesComplete command, Run run, boolean decided) throws Exception {
    String keyspace = command.header().keyspace();
    String workflow = command.header().workflow();
    cluster.vschema(keyspace);
    Optional<WorkflowView> found = cluster.workflow(keyspace, workflow);
    if (found.isEmpty() && decided) {
      return Saga.ended(r -> finish(command, Warnings.onLog(CompleteAction.WARNINGS, run), r));
    }
    WorkflowView view =
        found.isPresent() ? found.get() : cluster.requireWorkflow(keyspace, workflow);
    SwitchableMigration migration = view.switchable("complete");
    TeardownSteps common = new TeardownSteps(cluster, view, "DropSources");
    Teardown teardown = Teardown.ofComplete(cluster, view, migration, common);
    if (!decided) {
      check(command, view, cluster.traffic(view.forwardMigration("complete")), teardown);
    }
    Warnings warnings =
        run.history().begun()
            ? Warnings.onLog(CompleteAction.WARNINGS, run)
            : warnings(command, view, run);
    Plan<CompleteAction> plan =
        CompletePlan.of(
            new CompletePlan.Request(
                warnings.any(),
                migration,
                workflow,
                command.keepData(),
                command.renameTables(),
                command.keepRoutingRules(),
                view.sources().stream().map(ShardPrimary::planned).toList(),
                view.targets().stream().map(ShardPrimary::planned).toList()));
    if (command.header().dryRun()) {
      return Saga.answer(
          new Success(
                  DryRunText.dryRunSummary("Complete", keyspace, workflow, time.instant()),
                  plan.dryRunLines(),
                  Map.of())
              .beware(warnings.sentences()));
    }
    StreamStop reverse =
        new StreamStop(cluster, cluster.workflow(view.sourceKeyspace(), view.reverseName()));
    return Saga.of(
        plan,
        action -> effect(action, command, view, common, teardown, reverse, warnings),
        decided,
        r -> finish(command, warnings, r));
  }

  /** Also refuses what must not begin where source and target differ. */
  private Warnings warnings(MoveTablesComplete command, WorkflowView view, Run run) {
    Findings findings = differences.findings(view, run);
    requireNoDifferences(command, view, findings);
    return new Warnings(Beware.ofComplete(command, view, findings.text()));
  }

  private void requireNoDifferences(
      MoveTablesComplete command, WorkflowView view, Findings findings) {
    if (command.keepData() || command.renameTables()) {
      return;
    }
    differences
        .refusal(
            findings,
            "complete workflow %s, which drops its tables in %s"
                .formatted(view.workflow(), view.sourceKeyspace()),
            "complete with --keep-data or --rename-tables")
        .ifPresent(refusal -> {
          throw refusal;
        });
  }

  /**
   * Refuses what is not switched in whole.
   *
   * @param traffic in the terms of the forward workflow, whichever one the command names. Behind a
   *     switch back the reverse streams are frozen too: to complete them would drop the tables that
   *     serve as the copy
   */
  private static void check(
      MoveTablesComplete command, WorkflowView view, Traffic traffic, Teardown teardown)
      throws Exception {
    TrafficState state = traffic.stateOfAllCells();
    if (!state.writesSwitched() || !state.allReadsSwitched()) {
      throw Refusal.failedPrecondition(
              "cannot complete workflow because you have not yet switched all read and write"
                  + " traffic")
          .exception();
    }
    List<String> findings = new ArrayList<>();
    for (StreamView stream : view.streams()) {
      if (!stream.frozen()) {
        findings.add(
            "vreplication streams are not frozen on tablet %d".formatted(stream.tablet().getUid()));
      }
    }
    if (!command.keepRoutingRules()) {
      findings.addAll(teardown.routesToSource());
    }
    if (!command.keepData()) {
      findings.addAll(teardown.usersOfSource());
    }
    if (command.renameTables() && !command.keepData()) {
      findings.addAll(teardown.takenNames());
    }
    if (!findings.isEmpty()) {
      throw Refusal.failedPrecondition("%s", String.join("\n", findings)).exception();
    }
  }

  private static Effect effect(
      CompleteAction action,
      MoveTablesComplete command,
      WorkflowView view,
      TeardownSteps common,
      Teardown teardown,
      StreamStop reverse,
      Warnings warnings) {
    return switch (action) {
      case WARNINGS -> warnings.effect();
      case LOCK -> Effect.of(common::lock);
      case CHECK_COMPLETED -> Effect.nothing("when it was planned");
      case STOP_REVERSE_STREAMS -> reverse.effect();
      case REMOVE_SOURCE_TABLES ->
          Effect.of(run ->
              TeardownSteps.once(
                  action, run, () -> teardown.removeSource(run, command.renameTables())));
      case ALLOW_ON_SOURCE -> Effect.of(teardown::allowOnSource);
      case ALLOW_ON_TARGET -> Effect.of(teardown::allowOnTarget);
      case DELETE_REVERSE_STREAMS ->
          Effect.of(run -> common.deleteStreams(run, view.sources(), view.reverseName()));
      case DELETE_ROUTING_RULES -> Effect.of(teardown::deleteRoutes);
      case REBUILD_SERVING_VSCHEMA -> Effect.of(run -> common.rebuild());
      case DELETE_STREAMS ->
          Effect.of(run -> common.deleteStreams(run, view.targets(), view.workflow()));
      case UNLOCK -> Effect.nothing("");
    };
  }

  private static Success finish(MoveTablesComplete command, Warnings warnings, Run run) {
    run.emit(new WorkflowCompleted(run.header(), command.keepData()));
    return Success.of(
            "Successfully completed the %s workflow in the %s keyspace"
                .formatted(command.header().workflow(), command.header().keyspace()))
        .beware(warnings.sentences());
  }
}
