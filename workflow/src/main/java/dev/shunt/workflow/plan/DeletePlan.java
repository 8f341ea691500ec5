package dev.shunt.workflow.plan;

import dev.shunt.workflow.WorkflowNames;
import dev.shunt.workflow.migration.SwitchableMigration;
import java.util.List;

/** Plans the cancellation of a workflow whose writes are not switched. */
public final class DeletePlan {
  private static final UndoOrder<DeleteAction> UNDOS =
      UndoOrder.oneByOne(List.of(DeleteAction.STOP_STREAMS));

  private DeletePlan() {}

  /**
   * What it depends on.
   *
   * @param warns whether the outcome warns of something
   * @param migration the forward migration
   * @param workflow name of the forward workflow
   * @param createdTables tables that did not exist on the target before the workflow
   * @param keepData whether the target tables stay
   * @param reverse whether it is the way back of a workflow whose writes are switched
   * @param keepRoutingRules whether the routing rules stay
   * @param sources primaries of the source shards
   * @param targets primaries of the target shards
   */
  public record Request(
      boolean warns,
      SwitchableMigration migration,
      String workflow,
      List<String> createdTables,
      boolean keepData,
      boolean reverse,
      boolean keepRoutingRules,
      List<PlannedPrimary> sources,
      List<PlannedPrimary> targets) {
    public Request {
      createdTables = List.copyOf(createdTables);
      sources = List.copyOf(sources);
      targets = List.copyOf(targets);
    }
  }

  /** The steps, forward-only from the first one on that takes something away. */
  public static Plan<DeleteAction> of(Request request) {
    SwitchableMigration migration = request.migration();
    MigrationText text = MigrationText.of(migration);
    Plan.Builder<DeleteAction> plan = new Plan.Builder<>();
    if (request.warns()) {
      plan.step(DeleteAction.WARNINGS);
    }
    plan.step(DeleteAction.LOCK, text.lock()).step(DeleteAction.STOP_STREAMS);
    boolean opensFirst = !migration.isRouted() && !request.reverse();
    if (opensFirst) {
      // Reads of shards go back cell by cell: one that is away must not keep writes waiting.
      plan.step(DeleteAction.ALLOW_ON_SOURCE, text.allow(migration.source(), request.sources()));
    }
    if (!request.keepRoutingRules()) {
      plan.step(DeleteAction.RETURN_READS);
    }
    if (!request.keepData()) {
      plan.step(
          DeleteAction.REMOVE_TARGET_TABLES,
          text.removeTarget(request.createdTables(), request.targets()));
      if (!opensFirst) {
        plan.step(DeleteAction.ALLOW_ON_SOURCE, text.allow(migration.source(), request.sources()));
      }
      plan.step(DeleteAction.ALLOW_ON_TARGET, text.allow(migration.target(), request.targets()));
    } else if (!request.reverse() && !opensFirst) {
      // A switch that was left half way denied it, and nobody would lift that any more.
      plan.step(DeleteAction.ALLOW_ON_SOURCE);
    }
    plan.step(
        DeleteAction.DELETE_REVERSE_STREAMS,
        DryRunText.streamsDeleted(
            "Delete reverse vreplication streams on sources",
            migration.source(),
            WorkflowNames.reverse(request.workflow()),
            request.sources()));
    if (!request.keepRoutingRules()) {
      plan.step(DeleteAction.DELETE_ROUTING_RULES, text.deleteRoutes());
    }
    return plan.step(DeleteAction.REBUILD_SERVING_VSCHEMA)
        .step(
            DeleteAction.DELETE_STREAMS,
            DryRunText.streamsDeleted(
                "Delete vreplication streams on targets",
                migration.target(),
                request.workflow(),
                request.targets()))
        .step(DeleteAction.UNLOCK, text.unlock())
        .build(UNDOS);
  }
}
