package dev.shunt.copy.ending;

import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.Parallel;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.cluster.WorkflowView;
import dev.shunt.saga.KeyspaceLocks;
import dev.shunt.saga.Run;
import dev.shunt.saga.RunAgainException;
import dev.shunt.saga.Saga;
import dev.shunt.topo.TopoLock;
import dev.shunt.topo.TopoTransaction;
import dev.shunt.workflow.RefusedException;
import dev.shunt.workflow.plan.PlanAction;
import java.util.List;
import java.util.function.Consumer;

/** What completing and cancelling a workflow have in common. Each part can be done again. */
final class TeardownSteps {
  private final Cluster cluster;
  private final List<String> keyspaces;
  private final String action;

  /**
   * @param action what for keyspaces are locked
   */
  TeardownSteps(Cluster cluster, WorkflowView view, String action) {
    this(cluster, List.of(view.sourceKeyspace(), view.keyspace()), action);
  }

  /** As {@link #TeardownSteps(Cluster, WorkflowView, String)}, within one keyspace. */
  TeardownSteps(Cluster cluster, String keyspace, String action) {
    this(cluster, List.of(keyspace), action);
  }

  private TeardownSteps(Cluster cluster, List<String> keyspaces, String action) {
    this.cluster = cluster;
    this.keyspaces = keyspaces;
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
  static Saga plan(PlanAction decisive, Run run, Planning planning) throws Exception {
    boolean decided = run.history().stands(decisive);
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
  static String once(PlanAction action, Run run, Removal removal) throws Exception {
    return run.history().finished(action).isPresent() ? "removed before" : removal.run();
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
    return KeyspaceLocks.of(run, cluster.topo(), action, keyspaces);
  }

  void transact(Run run, Consumer<TopoTransaction> change) {
    try (KeyspaceLocks locks = locked(run)) {
      cluster.topo().transact(locks.guards(), change);
    }
  }

  /** A change that is written under locks. */
  @FunctionalInterface
  interface Guarded {
    void write(List<TopoLock> guards) throws Exception;
  }

  /** Holds both keyspaces while something is written. */
  void guarded(Run run, Guarded change) throws Exception {
    try (KeyspaceLocks locks = locked(run)) {
      change.write(locks.guards());
    }
  }

  String rebuild() {
    return cluster.publish(List.of());
  }

  String deleteStreams(Run run, List<ShardPrimary> shards, String workflow) throws Exception {
    List<Boolean> deleted =
        Parallel.map(shards, shard -> cluster.streams(shard, workflow, run.fence()).delete());
    return "on %d shard(s)".formatted(deleted.stream().filter(gone -> gone).count());
  }
}
