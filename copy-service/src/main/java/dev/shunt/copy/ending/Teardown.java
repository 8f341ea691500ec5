package dev.shunt.copy.ending;

import dev.shunt.cluster.Claims;
import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.WorkflowView;
import dev.shunt.saga.Run;
import dev.shunt.workflow.migration.ShardMigration;
import dev.shunt.workflow.migration.SwitchableMigration;
import dev.shunt.workflow.migration.TableMigration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a migration leaves and how that is taken away when its workflow ends: one implementation a
 * kind of migration. Each part can be done again.
 */
sealed interface Teardown permits TableTeardown, ShardTeardown {
  /** Of a workflow that is completed: nobody else has anything of what it moved. */
  static Teardown ofComplete(
      Cluster cluster, WorkflowView view, SwitchableMigration migration, TeardownSteps common) {
    return switch (migration) {
      case TableMigration tables ->
          new TableTeardown(cluster, view, common, List.of(), tables, tables);
      case ShardMigration shards -> new ShardTeardown(cluster, view, common, shards, List.of());
    };
  }

  /**
   * Of a way back that is cancelled. That only its streams go is said by the plan, which has no
   * other step for it.
   */
  static Teardown ofReverse(
      Cluster cluster, WorkflowView view, SwitchableMigration migration, TeardownSteps common) {
    return ofComplete(cluster, view, migration, common);
  }

  /**
   * Of a workflow that is cancelled. Another workflow, or a rule that leads to a third keyspace,
   * can have something of it where their creation was not kept apart: that is not taken away.
   *
   * @param created target tables that did not exist before the workflow
   * @param removed target shards that an earlier run was to delete, as it recorded them
   */
  static Teardown ofCancel(
      Cluster cluster,
      WorkflowView view,
      SwitchableMigration migration,
      TeardownSteps common,
      Collection<String> created,
      Collection<String> removed)
      throws Exception {
    return switch (migration) {
      case TableMigration tables -> {
        Claims claims = cluster.claims(migration, view.workflow());
        Set<String> written = claims.writers().keySet();
        Set<String> dropped = new TreeSet<>(created);
        dropped.removeAll(written);
        yield new TableTeardown(
            cluster,
            view,
            common,
            List.copyOf(dropped),
            tables.without(written),
            tables.without(claims.all().keySet()));
      }
      case ShardMigration shards ->
          new ShardTeardown(
              cluster, view, common, shards, removed.isEmpty() ? shards.targetShards() : removed);
    };
  }

  /**
   * Whether writes go to the target, as far as they are nobody else's.
   *
   * @throws dev.shunt.workflow.RefusedException when a cell can't say where its reads go: it may
   *     send them to what is taken away, or is not kept up to date any more
   */
  boolean writesSwitched();

  /** What still leads to the source, a sentence each. */
  List<String> routesToSource();

  /** Who else would go on with what is taken away of the source, a sentence each. */
  List<String> usersOfSource() throws Exception;

  /** Names on the source that renaming would need and somebody has, a sentence each. */
  List<String> takenNames();

  /** Target tables that are dropped. */
  List<String> dropped();

  /** Tables that the workflow keeps from being served on the target. */
  List<String> deniedOnTarget();

  /** Sends reads that were switched to the source again. */
  String returnReads(Run run) throws Exception;

  /** Removes what was moved from the source. */
  String removeSource(Run run, boolean rename) throws Exception;

  /** Removes what the workflow created on the target. */
  String removeTarget(Run run) throws Exception;

  /**
   * What is taken away of the target with the streams of a workflow that is cancelled, as the
   * detail of that step; empty when there is nothing. It goes last, as a workflow is found by its
   * streams.
   */
  String goesWithStreams();

  /** Takes that away, behind the streams. */
  String removeWithStreams(Run run) throws Exception;

  /** The source serves it. */
  String allowOnSource(Run run) throws Exception;

  /** The target serves it. */
  String allowOnTarget(Run run) throws Exception;

  /** Ends what routes its traffic. */
  String deleteRoutes(Run run);
}
