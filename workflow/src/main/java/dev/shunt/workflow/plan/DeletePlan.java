package dev.shunt.workflow.plan;

import dev.shunt.workflow.WorkflowNames;
import dev.shunt.workflow.routing.Move;
import java.util.List;

/** Plans the cancellation of a MoveTables workflow whose writes are not switched. */
public final class DeletePlan {
  private DeletePlan() {}

  /**
   * What it depends on.
   *
   * @param move the forward move
   * @param workflow name of the forward workflow
   * @param createdTables tables that did not exist on the target before the workflow
   * @param keepData whether the target tables stay
   * @param reverse whether it is the way back of a workflow whose writes are switched
   * @param keepRoutingRules whether the routing rules stay
   * @param sources primaries of the source shards
   * @param targets primaries of the target shards
   */
  public record Request(
      Move move,
      String workflow,
      List<String> createdTables,
      boolean keepData,
      boolean reverse,
      boolean keepRoutingRules,
      List<ShardPrimary> sources,
      List<ShardPrimary> targets) {
    public Request {
      createdTables = List.copyOf(createdTables);
      sources = List.copyOf(sources);
      targets = List.copyOf(targets);
    }
  }

  /** The steps, forward-only from the first one on that takes something away. */
  public static Plan<DeleteAction> of(Request request) {
    Move move = request.move();
    Plan.Builder<DeleteAction> plan = new Plan.Builder<>();
    plan.step(DeleteAction.LOCK, DryRunText.lock(move)).decisive(DeleteAction.STOP_STREAMS);
    if (!request.keepRoutingRules()) {
      plan.step(DeleteAction.RETURN_READS);
    }
    if (!request.keepData()) {
      plan.step(
              DeleteAction.REMOVE_TARGET_TABLES,
              DryRunText.tables(
                  "Dropping", move.target(), request.createdTables(), request.targets()))
          .step(
              DeleteAction.ALLOW_ON_SOURCE,
              DryRunText.deniedTablesRemoved(move, move.source(), request.sources()))
          .step(
              DeleteAction.ALLOW_ON_TARGET,
              DryRunText.deniedTablesRemoved(move, move.target(), request.targets()));
    } else if (!request.reverse()) {
      // A switch that was left half way denied it, and nobody would lift that any more.
      plan.step(DeleteAction.ALLOW_ON_SOURCE);
    }
    plan.step(
        DeleteAction.DELETE_REVERSE_STREAMS,
        DryRunText.streamsDeleted(
            "Delete reverse vreplication streams on sources",
            move.source(),
            WorkflowNames.reverse(request.workflow()),
            request.sources()));
    if (!request.keepRoutingRules()) {
      plan.step(
          DeleteAction.DELETE_ROUTING_RULES,
          "Routing rules for participating tables will be deleted");
    }
    return plan.step(DeleteAction.REBUILD_SERVING_VSCHEMA)
        .step(
            DeleteAction.DELETE_STREAMS,
            DryRunText.streamsDeleted(
                "Delete vreplication streams on targets",
                move.target(),
                request.workflow(),
                request.targets()))
        .step(DeleteAction.UNLOCK, DryRunText.unlock(move))
        .build();
  }
}
