package dev.shunt.copy.ending;

import dev.shunt.cluster.Claims;
import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.Parallel;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.cluster.TabletChanges;
import dev.shunt.cluster.WorkflowView;
import dev.shunt.copy.CreatedTables;
import dev.shunt.saga.DifferenceGuard;
import dev.shunt.saga.Run;
import dev.shunt.saga.Saga;
import dev.shunt.saga.Step;
import dev.shunt.saga.Success;
import dev.shunt.schemas.WorkflowDelete;
import dev.shunt.schemas.WorkflowDeleted;
import dev.shunt.workflow.Refusal;
import dev.shunt.workflow.WorkflowNames;
import dev.shunt.workflow.plan.DeleteAction;
import dev.shunt.workflow.plan.DeletePlan;
import dev.shunt.workflow.plan.Plan;
import dev.shunt.workflow.routing.Move;
import dev.shunt.workflow.routing.TableRouting;
import dev.shunt.workflow.routing.TableRouting.ReadType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
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
   * @param differences tells what source and target are known to differ in
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
    return Ending.plan(DeleteAction.STOP_STREAMS, run, decided -> plan(command, run, decided));
  }

  private Saga plan(WorkflowDelete command, Run run, boolean decided) throws Exception {
    String keyspace = command.header().keyspace();
    String workflow = command.header().workflow();
    cluster.vschema(keyspace);
    Optional<WorkflowView> found = cluster.workflow(keyspace, workflow);
    if (found.isEmpty() && decided) {
      return new Saga(
          List.of(),
          true,
          r -> finish(command, cluster.primaries(keyspace), Warnings.onLog(run), r));
    }
    WorkflowView view =
        found.isPresent() ? found.get() : cluster.requireWorkflow(keyspace, workflow);
    boolean reverse = WorkflowNames.isReverse(workflow);
    Parts parts = parts(view, reverse, run);
    if (!reverse && !decided && (view.frozen() || writesSwitched(parts))) {
      throw Refusal.failedPrecondition(
              "cannot delete workflow because you have already switched write traffic")
          .exception();
    }
    Warnings warnings =
        run.history().begun() ? Warnings.onLog(run) : warnings(command, view, parts, run);
    Plan<DeleteAction> plan =
        DeletePlan.of(
            new DeletePlan.Request(
                view.move(),
                workflow,
                parts.dropped(),
                command.keepData() || reverse,
                reverse,
                command.keepRoutingRules() || reverse,
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
    Ending ending = new Ending(cluster, view.move(), "DropTargets");
    Halt streams = new Halt(cluster, Optional.of(view));
    List<Step> steps = new ArrayList<>(warnings.steps());
    for (dev.shunt.workflow.plan.Step<DeleteAction> planned : plan.steps()) {
      steps.add(
          planned.action() == DeleteAction.STOP_STREAMS
              ? streams.step(planned.name())
              : Step.of(
                  planned.name(), "", r -> perform(planned.action(), view, parts, ending, r)));
    }
    return new Saga(steps, decided, r -> finish(command, view.targets(), warnings, r));
  }

  private Warnings warnings(WorkflowDelete command, WorkflowView view, Parts parts, Run run) {
    Optional<String> known = differences.findings(view, run).text();
    return new Warnings(
        WorkflowNames.isReverse(view.workflow())
            ? Beware.ofCancelOfReverse(view, known)
            : Beware.ofCancel(command, view, parts.target().tables(), known));
  }

  /**
   * What the cancellation may take back. Another workflow, or a rule that leads to a third
   * keyspace, can have tables of this one where their creation was not kept apart.
   *
   * @param dropped target tables to drop
   * @param target the move of the tables that nobody else writes on the target
   * @param whole the move of the tables that nobody else has at all
   */
  private record Parts(List<String> dropped, Move target, Move whole) {}

  private Parts parts(WorkflowView view, boolean reverse, Run run) throws Exception {
    Move move = view.move();
    if (reverse) {
      return new Parts(List.of(), move, move);
    }
    Claims claims = new Claims(cluster, move, view.workflow());
    Set<String> written = claims.writers().keySet();
    Set<String> dropped = new TreeSet<>(droppable(view, run));
    dropped.removeAll(written);
    return new Parts(
        List.copyOf(dropped), move.without(written), move.without(claims.all().keySet()));
  }

  /**
   * Where somebody else has led traffic says nothing of this workflow. A cell that can't say where
   * its reads go may send them to tables that are dropped, or are not kept up to date any more.
   */
  private boolean writesSwitched(Parts parts) {
    return !parts.whole().tables().isEmpty()
        && cluster.trafficStateOfAllCells(parts.whole()).writesSwitched();
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

  private String perform(
      DeleteAction action, WorkflowView view, Parts parts, Ending ending, Run run)
      throws Exception {
    return switch (action) {
      case LOCK -> ending.lock(run);
      case STOP_STREAMS -> "";
      case RETURN_READS -> returnReads(view, parts, ending, run);
      case REMOVE_TARGET_TABLES ->
          Ending.once(action, run, () -> removeTargetTables(view, parts.dropped(), ending, run));
      case ALLOW_ON_SOURCE -> ending.allow(run, view.sources(), parts.whole().tables());
      case ALLOW_ON_TARGET -> ending.allow(run, view.targets(), parts.target().tables());
      case DELETE_REVERSE_STREAMS ->
          WorkflowNames.isReverse(view.workflow())
              ? "this is the reverse"
              : ending.deleteStreams(run, view.sources(), view.reverseName());
      case DELETE_ROUTING_RULES ->
          ending.changeRoutingRules(
              run,
              rules ->
                  TableRouting.removedAtTarget(
                      TableRouting.removed(rules, parts.whole()), parts.target()));
      case REBUILD_SERVING_VSCHEMA -> ending.rebuild();
      case DELETE_STREAMS -> ending.deleteStreams(run, view.targets(), view.workflow());
      case UNLOCK -> "";
    };
  }

  private String returnReads(WorkflowView view, Parts parts, Ending ending, Run run) {
    if (parts.whole().tables().isEmpty()
        || !cluster.trafficState(parts.whole()).anyReadsSwitched()) {
      return "no reads were switched";
    }
    String unused =
        ending.changeRoutingRules(
            run,
            rules ->
                TableRouting.readsSwitched(
                    rules, parts.whole().reversed(), EnumSet.allOf(ReadType.class)));
    String left = ending.rebuild();
    return "reads go to " + view.sourceKeyspace() + (left.isEmpty() ? "" : ", " + left);
  }

  private String removeTargetTables(
      WorkflowView view, Collection<String> created, Ending ending, Run run) throws Exception {
    Parallel.each(view.targets(), target -> ending.dropTables(run, target, created));
    if (!cluster.vschema(view.keyspace()).getSharded()) {
      ending.removeFromVschema(run, view.keyspace(), created);
    }
    return "%d table(s)".formatted(created.size());
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
