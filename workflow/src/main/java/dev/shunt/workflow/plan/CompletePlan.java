package dev.shunt.workflow.plan;

import dev.shunt.workflow.WorkflowNames;
import dev.shunt.workflow.routing.Move;
import java.util.List;

/** Plans the end of a MoveTables workflow whose traffic is switched. */
public final class CompletePlan {
  private CompletePlan() {}

  /**
   * What it depends on.
   *
   * @param move the forward move
   * @param workflow name of the forward workflow
   * @param keepData whether the source tables stay
   * @param renameTables whether they are renamed instead of dropped
   * @param keepRoutingRules whether the routing rules stay
   * @param sources primaries of the source shards
   * @param targets primaries of the target shards
   */
  public record Request(
      Move move,
      String workflow,
      boolean keepData,
      boolean renameTables,
      boolean keepRoutingRules,
      List<ShardPrimary> sources,
      List<ShardPrimary> targets) {
    public Request {
      sources = List.copyOf(sources);
      targets = List.copyOf(targets);
    }
  }

  /**
   * The steps, forward-only from the first one on that takes something away. Denied tables stay
   * with the data, and lines are in the order of Vitess; but the forward streams go last, so that a
   * run that was interrupted still finds them.
   */
  public static Plan<CompleteAction> of(Request request) {
    Move move = request.move();
    Plan.Builder<CompleteAction> plan = new Plan.Builder<>();
    plan.step(CompleteAction.LOCK, DryRunText.lock(move)).step(CompleteAction.CHECK_COMPLETED);
    plan.decisive(CompleteAction.STOP_REVERSE_STREAMS);
    if (!request.keepData()) {
      plan.step(
              CompleteAction.REMOVE_SOURCE_TABLES,
              DryRunText.tables(
                  request.renameTables() ? "Renaming" : "Dropping",
                  move.source(),
                  move.tables(),
                  request.sources()))
          .step(
              CompleteAction.ALLOW_ON_SOURCE,
              DryRunText.deniedTablesRemoved(move, move.source(), request.sources()))
          .step(
              CompleteAction.ALLOW_ON_TARGET,
              DryRunText.deniedTablesRemoved(move, move.target(), request.targets()));
    }
    plan.step(
        CompleteAction.DELETE_REVERSE_STREAMS,
        DryRunText.streamsDeleted(
            "Delete reverse vreplication streams on sources",
            move.source(),
            WorkflowNames.reverse(request.workflow()),
            request.sources()),
        DryRunText.streamsDeleted(
            "Delete vreplication streams on targets",
            move.target(),
            request.workflow(),
            request.targets()));
    if (!request.keepRoutingRules()) {
      plan.step(
          CompleteAction.DELETE_ROUTING_RULES,
          "Routing rules for participating tables will be deleted");
    }
    return plan.step(CompleteAction.REBUILD_SERVING_VSCHEMA)
        .step(CompleteAction.DELETE_STREAMS)
        .step(CompleteAction.UNLOCK, DryRunText.unlock(move))
        .build();
  }

  /** Name that a source table gets instead of being dropped: fits MySQL's 64 characters. */
  public static String renamed(String table) {
    return "_" + table.substring(0, Math.min(59, table.length())) + "_old";
  }
}
