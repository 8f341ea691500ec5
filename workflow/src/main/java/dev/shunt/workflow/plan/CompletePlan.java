package dev.shunt.workflow.plan;

import dev.shunt.workflow.WorkflowNames;
import dev.shunt.workflow.migration.SwitchableMigration;
import java.util.List;

/** Plans the end of a workflow whose traffic is switched. */
public final class CompletePlan {
  private static final UndoOrder<CompleteAction> UNDOS =
      UndoOrder.oneByOne(List.of(CompleteAction.STOP_REVERSE_STREAMS));

  private CompletePlan() {}

  /**
   * What it depends on.
   *
   * @param warns whether the outcome warns of something
   * @param migration the forward migration
   * @param workflow name of the forward workflow
   * @param keepData whether the source tables stay
   * @param renameTables whether they are renamed instead of dropped
   * @param keepRoutingRules whether the routing rules stay
   * @param sources primaries of the source shards
   * @param targets primaries of the target shards
   */
  public record Request(
      boolean warns,
      SwitchableMigration migration,
      String workflow,
      boolean keepData,
      boolean renameTables,
      boolean keepRoutingRules,
      List<PlannedPrimary> sources,
      List<PlannedPrimary> targets) {
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
    SwitchableMigration migration = request.migration();
    MigrationText text = MigrationText.of(migration);
    Plan.Builder<CompleteAction> plan = new Plan.Builder<>();
    if (request.warns()) {
      plan.step(CompleteAction.WARNINGS);
    }
    plan.step(CompleteAction.LOCK, text.lock()).step(CompleteAction.CHECK_COMPLETED);
    plan.step(CompleteAction.STOP_REVERSE_STREAMS);
    if (!request.keepData()) {
      plan.step(
              CompleteAction.REMOVE_SOURCE_TABLES,
              text.removeSource(
                  request.renameTables() ? "Renaming" : "Dropping", request.sources()))
          .step(CompleteAction.ALLOW_ON_SOURCE, text.allow(migration.source(), request.sources()))
          .step(CompleteAction.ALLOW_ON_TARGET, text.allow(migration.target(), request.targets()));
    }
    plan.step(
        CompleteAction.DELETE_REVERSE_STREAMS,
        DryRunText.streamsDeleted(
            "Delete reverse vreplication streams on sources",
            migration.source(),
            WorkflowNames.reverse(request.workflow()),
            request.sources()),
        DryRunText.streamsDeleted(
            "Delete vreplication streams on targets",
            migration.target(),
            request.workflow(),
            request.targets()));
    if (!request.keepRoutingRules()) {
      plan.step(CompleteAction.DELETE_ROUTING_RULES, text.deleteRoutes());
    }
    return plan.step(CompleteAction.REBUILD_SERVING_VSCHEMA)
        .step(CompleteAction.DELETE_STREAMS)
        .step(CompleteAction.UNLOCK, text.unlock())
        .build(UNDOS);
  }

  /** Name that a source table gets instead of being dropped: fits MySQL's 64 characters. */
  public static String renamed(String table) {
    return "_" + table.substring(0, Math.min(59, table.length())) + "_old";
  }
}
