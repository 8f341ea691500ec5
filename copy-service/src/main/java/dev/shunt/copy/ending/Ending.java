package dev.shunt.copy.ending;

import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.Parallel;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.cluster.Tables;
import dev.shunt.saga.KeyspaceLocks;
import dev.shunt.saga.Run;
import dev.shunt.saga.RunAgainException;
import dev.shunt.saga.Saga;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.topo.TopoTransaction;
import dev.shunt.workflow.RefusedException;
import dev.shunt.workflow.plan.CompletePlan;
import dev.shunt.workflow.routing.DeniedTables;
import dev.shunt.workflow.routing.Move;
import dev.shunt.workflow.routing.TableRouting;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import vschema.Vschema;

/** What completing and cancelling a workflow have in common. Each part can be done again. */
final class Ending {
  private final Cluster cluster;
  private final Move move;
  private final String action;

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

  /** Plans for a run that may follow one which had decided. */
  @FunctionalInterface
  interface Planning {
    Saga plan(boolean decided) throws Exception;
  }

  /**
   * Plans. Where an earlier run began the decisive step nothing is refused any more: what an end
   * takes away can't be given back, so what stands in the way has to pass.
   *
   * @param decisive action of the decisive step
   */
  static Saga plan(Enum<?> decisive, Run run, Planning planning) throws Exception {
    boolean decided = run.history().stands(dev.shunt.workflow.plan.Step.nameOf(decisive));
    try {
      return planning.plan(decided);
    } catch (RefusedException e) {
      if (decided) {
        throw new RunAgainException("an interrupted end can't go on: " + e.getMessage(), e);
      }
      throw e;
    }
  }

  /**
   * Takes data away, unless an earlier run has: what stands there by now under the same name is
   * somebody else's.
   */
  static String once(Enum<?> action, Run run, Removal removal) throws Exception {
    return run.history().finished(dev.shunt.workflow.plan.Step.nameOf(action)).isPresent()
        ? "removed before"
        : removal.run();
  }

  /** Takes data away. */
  @FunctionalInterface
  interface Removal {
    String run() throws Exception;
  }

  /**
   * Makes sure that both keyspaces can be locked before anything is taken away; nobody else waits
   * while tables are dropped and streams deleted, for each write to the topology takes the locks
   * for itself. Other commands of the workflow are kept out by the workflow's own lock.
   */
  String lock(Run run) {
    locked(run).close();
    return "";
  }

  private KeyspaceLocks locked(Run run) {
    return KeyspaceLocks.of(run, cluster.topo(), action, List.of(move.source(), move.target()));
  }

  private void transact(Run run, Consumer<TopoTransaction> change) {
    try (KeyspaceLocks locks = locked(run)) {
      cluster.topo().transact(locks.guards(), change);
    }
  }

  String allow(Run run, List<ShardPrimary> shards) throws Exception {
    return allow(run, shards, move.tables());
  }

  String allow(Run run, List<ShardPrimary> shards, Collection<String> tables) throws Exception {
    transact(
        run,
        transaction -> {
          for (ShardPrimary shard : shards) {
            transaction.shard(
                shard.keyspace(), shard.shard(), record -> DeniedTables.allowed(record, tables));
          }
        });
    cluster.refresh(shards);
    return "";
  }

  String deleteRoutingRules(Run run) {
    return changeRoutingRules(run, rules -> TableRouting.removed(rules, move));
  }

  String changeRoutingRules(Run run, UnaryOperator<Vschema.RoutingRules> change) {
    transact(run, transaction -> transaction.routingRules(change));
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
    return cluster.publish(List.of());
  }

  String deleteStreams(Run run, List<ShardPrimary> shards, String workflow) throws Exception {
    List<Boolean> deleted =
        Parallel.map(shards, shard -> cluster.streams(shard, workflow, run.fence()).delete());
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
