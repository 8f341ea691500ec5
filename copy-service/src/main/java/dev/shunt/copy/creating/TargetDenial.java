package dev.shunt.copy.creating;

import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.Parallel;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.saga.FailedException;
import dev.shunt.saga.KeyspaceLocks;
import dev.shunt.saga.Run;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.workflow.migration.TableMigration;
import dev.shunt.workflow.routing.DeniedTables;
import io.grpc.Status;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Keeps the target from serving the tables: in force before there are any there, lifted when they
 * are gone again. Otherwise a client that writes to the target's name of a table would be answered
 * that its rows are kept, which nobody has a place for.
 */
final class TargetDenial {
  private static final String ACTION = "MoveTablesCreate";

  /** How long a transaction on a table of the target may keep the creation waiting. */
  private static final Duration DRAIN = Duration.ofSeconds(30);

  private final Cluster cluster;
  private final TableMigration move;
  private final List<ShardPrimary> targets;
  private final OriginalRouting before;
  private final Conflicts conflicts;

  /**
   * @param before what the topology said before the first run
   */
  TargetDenial(
      Cluster cluster,
      TableMigration move,
      List<ShardPrimary> targets,
      OriginalRouting before,
      Conflicts conflicts) {
    this.cluster = cluster;
    this.move = move;
    this.targets = targets;
    this.before = before;
    this.conflicts = conflicts;
  }

  /** In the topology, then in force on all target primaries. */
  String deny(Run run) throws Exception {
    try (KeyspaceLocks locks = lock(run)) {
      cluster
          .topo()
          .transact(
              locks.guards(),
              transaction -> {
                for (ShardPrimary target : targets) {
                  transaction.shard(
                      target.keyspace(),
                      target.shard(),
                      shard -> DeniedTables.denied(shard, move.tables()));
                }
              });
    }
    cluster.refresh(targets);
    return "";
  }

  /**
   * Waits for what was begun on tables that the target had before the denial.
   *
   * @param missing tables that a shard does not have, by shard
   */
  void drain(Map<String, Set<String>> missing) throws Exception {
    Parallel.each(
        targets,
        target -> {
          Set<String> present = new TreeSet<>(move.tables());
          present.removeAll(missing.getOrDefault(target.shard(), Set.of()));
          if (!present.isEmpty()) {
            drain(target, present);
          }
        });
  }

  private void drain(ShardPrimary target, Collection<String> tables) {
    try {
      cluster.control(target).within(DRAIN).drain(tables);
    } catch (TabletException e) {
      if (e.code() == Status.Code.DEADLINE_EXCEEDED) {
        throw new FailedException(
            e.code(),
            "a transaction on %s has one of the tables %s in use: end it and create the workflow again"
                .formatted(target.name(), String.join(", ", tables)),
            e);
      }
      throw e;
    }
  }

  /**
   * Serves again what was served before. What another workflow writes by now stays denied: it reads
   * who does so under the lock that a denial takes, and a workflow has its streams before it
   * denies.
   */
  void lift(Run run) throws Exception {
    try (KeyspaceLocks locks = lock(run)) {
      Set<String> claimed = conflicts.claimed();
      cluster
          .topo()
          .transact(
              locks.guards(),
              transaction -> {
                for (ShardPrimary target : targets) {
                  Set<String> open = before.open(move, target.shard());
                  open.removeAll(claimed);
                  transaction.shard(
                      target.keyspace(),
                      target.shard(),
                      shard -> DeniedTables.allowed(shard, open));
                }
              });
    }
    cluster.refresh(cluster.current(targets));
  }

  private KeyspaceLocks lock(Run run) {
    return KeyspaceLocks.of(run, cluster.topo(), ACTION, List.of(move.target()));
  }
}
