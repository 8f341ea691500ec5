package dev.shunt.copy.ending;

import dev.shunt.cluster.Claims;
import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.Parallel;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.cluster.Traffic;
import dev.shunt.cluster.WorkflowView;
import dev.shunt.saga.Details;
import dev.shunt.saga.Run;
import dev.shunt.workflow.migration.ShardMigration;
import dev.shunt.workflow.routing.ServedShards;
import dev.shunt.workflow.routing.TableRouting.ReadType;
import dev.shunt.workflow.streams.StreamMessages;
import io.vitess.proto.Topodata.TabletType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse;

/**
 * What is left of shards whose rows were moved to others. Shards go whole, with the records of
 * their tablets; the databases stay as they are.
 */
final class ShardTeardown implements Teardown {
  private static final List<TabletType> OF_READS = List.of(TabletType.REPLICA, TabletType.RDONLY);

  private final Cluster cluster;
  private final WorkflowView view;
  private final TeardownSteps common;
  private final ShardMigration migration;
  private final List<String> removed;

  /**
   * Takes nothing away yet.
   *
   * @param removed target shards that go when the workflow is cancelled
   */
  ShardTeardown(
      Cluster cluster,
      WorkflowView view,
      TeardownSteps common,
      ShardMigration migration,
      Collection<String> removed) {
    this.cluster = cluster;
    this.removed = List.copyOf(removed);
    this.view = view;
    this.common = common;
    this.migration = migration;
  }

  @Override
  public boolean writesSwitched() {
    return cluster.traffic(migration).stateOfAllCells().writesSwitched();
  }

  /**
   * What a cell sends reads to can't be deleted, also when it is kept from serving them there;
   * where it sends writes it is told.
   */
  @Override
  public List<String> routesToSource() {
    List<String> routes = new ArrayList<>();
    view.sources().stream()
        .filter(source -> source.record().getIsPrimaryServing())
        .map(source -> "shard %s still serves".formatted(source.name()))
        .forEach(routes::add);
    cluster
        .cells()
        .srvKeyspaces(migration.keyspace())
        .of()
        .forEach((cell, served) -> {
          for (TabletType type : OF_READS) {
            Set<String> left = new TreeSet<>(ServedShards.referenced(served, type));
            left.retainAll(Set.copyOf(migration.sourceShards()));
            if (!left.isEmpty()) {
              routes.add(
                  "cell %s serves %s of shard(s) %s"
                      .formatted(cell, type, String.join(", ", left)));
            }
          }
        });
    return routes;
  }

  @Override
  public List<String> usersOfSource() throws Exception {
    SortedMap<String, Set<String>> users = cluster.claims(migration, view.workflow()).all();
    users.keySet().retainAll(Set.copyOf(migration.sourceShards()));
    return users.isEmpty()
        ? List.of()
        : List.of(
            "other workflows still have streams on shards that are deleted: %s; let them run until"
                    .formatted(Claims.text(users))
                + " they have followed to the new shards, or end them");
  }

  @Override
  public List<String> takenNames() {
    return List.of(
        "the shards of a Reshard are deleted or kept: there are no tables to be renamed");
  }

  @Override
  public List<String> dropped() {
    return List.of();
  }

  @Override
  public List<String> deniedOnTarget() {
    return List.of();
  }

  @Override
  public String returnReads(Run run) throws Exception {
    Traffic.Observed observed = cluster.traffic(migration).observe();
    // Only the record of a cell says where its reads go: one that is silent is waited for.
    if (observed.silentCells().isEmpty() && !observed.state().anyReadsSwitched()) {
      return "no reads were switched";
    }
    Traffic back = cluster.traffic(migration.reversed());
    common.guarded(
        run, guards -> back.routeReads(guards, EnumSet.allOf(ReadType.class), List.of()));
    cluster.refreshReaders(migration);
    return "reads go to shards " + migration.sourceShards();
  }

  /**
   * The way back goes first: its streams would be left on tablets that nobody finds any more. Cells
   * that have not heard of the switch of writes are told, as a shard that one of them serves stays.
   */
  @Override
  public String removeSource(Run run, boolean rename) throws Exception {
    var unused = cluster.publishWrites(migration);
    var unusedToo = common.deleteStreams(run, view.sources(), view.reverseName());
    return delete(cluster, common, run, migration.keyspace(), migration.sourceShards());
  }

  @Override
  public String removeTarget(Run run) {
    return "with the streams";
  }

  @Override
  public String goesWithStreams() {
    return Details.text(removed);
  }

  @Override
  public String removeWithStreams(Run run) throws Exception {
    return deleteUnused(cluster, common, run, migration.keyspace(), view.workflow(), removed);
  }

  /**
   * Those of some shards that no other workflow has streams on by now: they may have been given to
   * another Reshard.
   */
  static String deleteUnused(
      Cluster cluster,
      TeardownSteps common,
      Run run,
      String keyspace,
      String workflow,
      Collection<String> shards)
      throws Exception {
    ShardMigration given = new ShardMigration(keyspace, List.of(), List.copyOf(shards));
    Set<String> used = new TreeSet<>(cluster.claims(given, workflow).all().keySet());
    Set<String> unused = new TreeSet<>(shards);
    unused.removeAll(used);
    String deleted = delete(cluster, common, run, keyspace, unused);
    return used.isEmpty()
        ? deleted
        : "%s; others use %s by now".formatted(deleted, String.join(", ", used));
  }

  /** By their names: what an earlier run has deleted is not there any more. */
  private static String delete(
      Cluster cluster, TeardownSteps common, Run run, String keyspace, Collection<String> shards)
      throws Exception {
    common.guarded(
        run,
        guards -> {
          for (String shard : shards) {
            cluster.topo().deleteShard(guards, keyspace, shard);
          }
        });
    return "%d shard(s)".formatted(shards.size());
  }

  /** A switch that was left half way denies its tables. Shards that are deleted serve nobody. */
  @Override
  public String allowOnSource(Run run) throws Exception {
    Set<String> present = cluster.topo().shards(migration.keyspace()).keySet();
    List<String> left = migration.sourceShards().stream().filter(present::contains).toList();
    if (!left.isEmpty()) {
      Traffic traffic = cluster.traffic(migration);
      common.guarded(run, guards -> traffic.allow(guards, migration.keyspace(), left));
      List<ShardPrimary> primaries =
          left.stream().map(shard -> cluster.primary(migration.keyspace(), shard)).toList();
      cluster.refresh(primaries);
      Parallel.each(
          primaries,
          primary -> {
            resumeOthers(run, primary);
          });
    }
    return "";
  }

  /**
   * Streams of other workflows that a switch has stopped, which was left half way, go on here, and
   * what it wrote of them for the target shards goes.
   */
  private void resumeOthers(Run run, ShardPrimary primary) {
    for (ReadVReplicationWorkflowResponse other : cluster.control(primary).workflows()) {
      boolean stopped =
          other.getStreamsList().stream()
              .map(ReadVReplicationWorkflowResponse.Stream::getMessage)
              .anyMatch(StreamMessages.OF_MIGRATIONS::contains);
      if (stopped) {
        for (ShardPrimary target : view.targets()) {
          cluster.streams(target, other.getWorkflow(), run.fence()).deleteDrafts();
        }
        cluster.streams(primary, other.getWorkflow(), run.fence()).startAfterMigration(1);
      }
    }
  }

  /** They serve since their switch, or never did. */
  @Override
  public String allowOnTarget(Run run) {
    return "";
  }

  /** Shards are not routed to by rules. */
  @Override
  public String deleteRoutes(Run run) {
    return "";
  }
}
