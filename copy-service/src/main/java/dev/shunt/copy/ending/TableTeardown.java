package dev.shunt.copy.ending;

import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.Parallel;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.cluster.Tables;
import dev.shunt.cluster.Traffic;
import dev.shunt.cluster.WorkflowView;
import dev.shunt.saga.Run;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.workflow.migration.TableMigration;
import dev.shunt.workflow.plan.CompletePlan;
import dev.shunt.workflow.routing.TableRouting;
import dev.shunt.workflow.routing.TableRouting.ReadType;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** What is left of tables that were moved between keyspaces. */
final class TableTeardown implements Teardown {
  private final Cluster cluster;
  private final WorkflowView view;
  private final TeardownSteps common;
  private final List<String> dropped;
  private final TableMigration atTarget;
  private final TableMigration whole;

  /**
   * Takes nothing away yet.
   *
   * @param dropped target tables to drop
   * @param atTarget the tables that nobody else writes on the target
   * @param whole the tables that nobody else has at all
   */
  TableTeardown(
      Cluster cluster,
      WorkflowView view,
      TeardownSteps common,
      List<String> dropped,
      TableMigration atTarget,
      TableMigration whole) {
    this.cluster = cluster;
    this.view = view;
    this.common = common;
    this.dropped = dropped;
    this.atTarget = atTarget;
    this.whole = whole;
  }

  /** Where somebody else has led traffic says nothing of this workflow. */
  @Override
  public boolean writesSwitched() {
    return !whole.tables().isEmpty() && cluster.traffic(whole).stateOfAllCells().writesSwitched();
  }

  @Override
  public List<String> routesToSource() {
    return TableRouting.stillRoutedToSource(cluster.topo().routingRules().value(), whole).stream()
        .map(table ->
            "routing still exists from keyspace %s table %s".formatted(whole.source(), table))
        .toList();
  }

  /** Who reads the tables meets the journal on their way, and follows. */
  @Override
  public List<String> usersOfSource() {
    return List.of();
  }

  @Override
  public List<String> takenNames() {
    return view.sources().stream().flatMap(source -> takenNames(source).stream()).toList();
  }

  private List<String> takenNames(ShardPrimary source) {
    Set<String> present = Tables.definitions(cluster.client(source)).keySet();
    return whole.tables().stream()
        .map(CompletePlan::renamed)
        .filter(present::contains)
        .map(name -> "table %s exists already on %s".formatted(name, source.name()))
        .toList();
  }

  @Override
  public List<String> dropped() {
    return dropped;
  }

  @Override
  public List<String> deniedOnTarget() {
    return atTarget.tables();
  }

  @Override
  public String returnReads(Run run) throws Exception {
    if (whole.tables().isEmpty() || !cluster.traffic(whole).state().anyReadsSwitched()) {
      return "no reads were switched";
    }
    Traffic back = cluster.traffic(whole.reversed());
    common.guarded(
        run, guards -> back.routeReads(guards, EnumSet.allOf(ReadType.class), List.of()));
    String left = common.rebuild();
    return "reads go to " + view.sourceKeyspace() + (left.isEmpty() ? "" : ", " + left);
  }

  @Override
  public String removeSource(Run run, boolean rename) throws Exception {
    Consumer<ShardPrimary> removal =
        rename ? source -> rename(run, source) : source -> drop(run, source, whole.tables());
    Parallel.each(view.sources(), removal::accept);
    removeFromVschema(run, whole.source(), whole.tables());
    return "%d table(s)".formatted(whole.tables().size());
  }

  @Override
  public String removeTarget(Run run) throws Exception {
    Parallel.each(view.targets(), target -> drop(run, target, dropped));
    if (!cluster.vschema(view.keyspace()).getSharded()) {
      removeFromVschema(run, view.keyspace(), dropped);
    }
    return "%d table(s)".formatted(dropped.size());
  }

  /** Tables go before the streams. */
  @Override
  public String goesWithStreams() {
    return "";
  }

  @Override
  public String removeWithStreams(Run run) {
    return "";
  }

  private void removeFromVschema(Run run, String keyspace, Collection<String> tables) {
    common.transact(
        run,
        transaction ->
            transaction.vschema(
                keyspace,
                vschema -> {
                  var changed = vschema.toBuilder();
                  tables.forEach(changed::removeTables);
                  return changed.build();
                }));
  }

  @Override
  public String allowOnSource(Run run) throws Exception {
    return allow(run, view.sources(), whole);
  }

  @Override
  public String allowOnTarget(Run run) throws Exception {
    return allow(run, view.targets(), atTarget);
  }

  private String allow(Run run, List<ShardPrimary> shards, TableMigration tables) throws Exception {
    Traffic traffic = cluster.traffic(tables);
    common.guarded(
        run,
        guards -> {
          for (ShardPrimary shard : shards) {
            traffic.allow(guards, shard.keyspace(), List.of(shard.shard()));
          }
        });
    cluster.refresh(shards);
    return "";
  }

  @Override
  public String deleteRoutes(Run run) {
    common.transact(
        run,
        transaction ->
            transaction.routingRules(rules ->
                TableRouting.removedAtTarget(TableRouting.removed(rules, whole), atTarget)));
    return "";
  }

  private void drop(Run run, ShardPrimary shard, Collection<String> tables) {
    TabletClient client = cluster.client(shard).withFence(run.fence());
    for (String table : tables) {
      tolerantly(() -> Tables.drop(client, shard.database(), table));
    }
  }

  private void rename(Run run, ShardPrimary shard) {
    TabletClient client = cluster.client(shard).withFence(run.fence());
    for (String table : whole.tables()) {
      tolerantly(() -> Tables.rename(client, shard.database(), table, CompletePlan.renamed(table)));
    }
  }

  private static void tolerantly(Runnable work) {
    try {
      work.run();
    } catch (TabletException e) {
      if (!Tables.didNotExist(e)) {
        throw e;
      }
    }
  }
}
