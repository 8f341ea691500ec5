package dev.shunt.copy.ending;

import dev.shunt.saga.Parallel;
import dev.shunt.saga.Run;
import dev.shunt.saga.world.Cluster;
import dev.shunt.saga.world.Locks;
import dev.shunt.saga.world.ShardPrimary;
import dev.shunt.saga.world.Streams;
import dev.shunt.saga.world.Tables;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.topo.TopoTransaction;
import dev.shunt.workflow.plan.CompletePlan;
import dev.shunt.workflow.routing.DeniedTables;
import dev.shunt.workflow.routing.Move;
import dev.shunt.workflow.routing.TableRouting;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import vschema.Vschema;

/** What completing and cancelling a workflow have in common. Each part can be done again. */
final class Ending {
  private final Cluster cluster;
  private final Move move;
  private final String action;
  private @Nullable Locks locks;

  /**
   * Describes it.
   *
   * @param action what for keyspaces are locked
   */
  Ending(Cluster cluster, Move move, String action) {
    this.cluster = cluster;
    this.move = move;
    this.action = action;
  }

  String lock(Run run) {
    locks =
        Locks.during(
            run, cluster.topo(), action, run.lock().ttl(), List.of(move.source(), move.target()));
    return "";
  }

  String unlock(Run run) {
    if (locks != null) {
      locks.close();
    }
    return "";
  }

  private void transact(Run run, Consumer<TopoTransaction> change) {
    if (locks == null) {
      lock(run);
    }
    Locks held = locks;
    if (held != null) {
      cluster.topo().transact(held.guards(), change);
    }
  }

  String allow(Run run, List<ShardPrimary> shards) throws Exception {
    transact(
        run,
        transaction -> {
          for (ShardPrimary shard : shards) {
            transaction.shard(
                shard.keyspace(),
                shard.shard(),
                record -> DeniedTables.allowed(record, move.tables()));
          }
        });
    cluster.refresh(shards);
    return "";
  }

  String deleteRoutingRules(Run run) {
    transact(
        run, transaction -> transaction.routingRules(rules -> TableRouting.removed(rules, move)));
    return "";
  }

  void removeFromVschema(Run run, String keyspace, Collection<String> tables) {
    transact(
        run,
        transaction ->
            transaction.vschema(
                keyspace,
                vschema -> {
                  Vschema.Keyspace.Builder changed = vschema.toBuilder();
                  tables.forEach(changed::removeTables);
                  return changed.build();
                }));
  }

  String rebuild() {
    cluster.topo().rebuildSrvVSchema(List.of());
    return "";
  }

  String deleteStreams(Run run, List<ShardPrimary> shards, String workflow) throws Exception {
    List<Boolean> deleted =
        Parallel.map(shards, shard -> Streams.delete(cluster, run, shard, workflow));
    return "on %d shard(s)".formatted(deleted.stream().filter(gone -> gone).count());
  }

  void dropTables(Run run, ShardPrimary shard, Collection<String> tables) {
    TabletClient client = cluster.client(shard).withFence(run.fence());
    for (String table : tables) {
      tolerantly(() -> Tables.drop(client, shard.database(), table));
    }
  }

  void renameTables(Run run, ShardPrimary shard, Collection<String> tables) {
    TabletClient client = cluster.client(shard).withFence(run.fence());
    for (String table : tables) {
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
