package dev.shunt.workflow.plan;

import dev.shunt.workflow.migration.ShardMigration;
import dev.shunt.workflow.migration.SwitchableMigration;
import dev.shunt.workflow.migration.TableMigration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Plans the creation of a workflow. Vitess has no dry run of it: the lines are Shunt's own. */
public final class CreatePlan {
  /** Streams before the tables that they write, these before the denial is lifted. */
  public static final UndoOrder<CreateAction> UNDOS =
      UndoOrder.oneByOne(
          List.of(
              CreateAction.ROUTE_TO_SOURCE,
              CreateAction.CREATE_STREAMS,
              CreateAction.CREATE_TABLES,
              CreateAction.DENY_ON_TARGET));

  private CreatePlan() {}

  /**
   * What it depends on.
   *
   * @param migration the migration
   * @param workflow name of the workflow
   * @param missing what the target lacks, names of tables by shard
   * @param routingRules whether rules are written
   * @param start whether the streams are started
   * @param targets primaries of the target shards
   */
  public record Request(
      SwitchableMigration migration,
      String workflow,
      Map<String, Set<String>> missing,
      boolean routingRules,
      boolean start,
      List<PlannedPrimary> targets) {
    public Request {
      missing = new TreeMap<>(missing);
      targets = targets.stream().sorted(PlannedPrimary.ORDER).toList();
    }
  }

  /** The steps. */
  public static Plan<CreateAction> of(Request request) {
    return switch (request.migration()) {
      case TableMigration unused -> ofTables(request);
      case ShardMigration unused -> ofShards(request);
    };
  }

  /** Nothing is denied or routed: what does not serve yet has no traffic. */
  private static Plan<CreateAction> ofShards(Request request) {
    MigrationText text = MigrationText.of(request.migration());
    Plan.Builder<CreateAction> plan = new Plan.Builder<>();
    addStreams(plan, request);
    plan.step(CreateAction.CHECK_OTHER_WORKFLOWS);
    if (!request.missing().isEmpty()) {
      plan.step(
          CreateAction.CREATE_TABLES, text.createOnTarget(request.missing(), request.targets()));
    }
    plan.step(CreateAction.CHECK_JOURNALS);
    addStart(plan, request);
    return plan.build(UNDOS);
  }

  private static void addStreams(Plan.Builder<CreateAction> plan, Request request) {
    plan.step(
        CreateAction.CREATE_STREAMS,
        "Create vreplication streams of workflow %s, stopped, on: %s"
            .formatted(request.workflow(), DryRunText.tablets(request.targets())));
  }

  private static void addStart(Plan.Builder<CreateAction> plan, Request request) {
    if (request.start()) {
      plan.step(
          CreateAction.START_STREAMS,
          "Start vreplication streams on: " + DryRunText.tablets(request.targets()));
    }
  }

  private static Plan<CreateAction> ofTables(Request request) {
    MigrationText text = MigrationText.of(request.migration());
    Plan.Builder<CreateAction> plan = new Plan.Builder<>();
    plan.step(CreateAction.SELECT_TABLES);
    addStreams(plan, request);
    plan.step(CreateAction.CHECK_OTHER_WORKFLOWS)
        .step(CreateAction.DENY_ON_TARGET, text.denyTarget(request.targets()));
    if (!request.missing().isEmpty()) {
      plan.step(
          CreateAction.CREATE_TABLES, text.createOnTarget(request.missing(), request.targets()));
    }
    plan.step(CreateAction.ROUTE_TO_SOURCE, text.routeToSource(request.routingRules()))
        .step(CreateAction.CHECK_JOURNALS);
    addStart(plan, request);
    return plan.build(UNDOS);
  }
}
