package dev.shunt.copy.creating;

import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.saga.KeyspaceLocks;
import dev.shunt.saga.Run;
import dev.shunt.workflow.migration.TableMigration;
import dev.shunt.workflow.routing.DeniedTables;
import dev.shunt.workflow.routing.TableRouting;
import dev.shunt.workflow.streams.StreamPlanner;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import vschema.Vschema;
import vschema.Vschema.RoutingRule;
import vschema.Vschema.RoutingRules;

/**
 * Sends traffic of the tables to the source wherever they are asked for, and keeps the target from
 * serving them, as it was before: one transaction on routing rules, shards and, for an unsharded
 * target, its VSchema.
 */
final class InitialRouting {
  private static final String ACTION = "MoveTablesCreate";

  private final Cluster cluster;
  private final TableMigration move;
  private final List<ShardPrimary> targets;
  private final Vschema.Keyspace sourceVschema;
  private final OriginalRouting before;
  private final boolean rules;

  /**
   * @param before what the topology said before the first run
   * @param rules whether to write routing rules
   */
  InitialRouting(
      Cluster cluster,
      TableMigration move,
      List<ShardPrimary> targets,
      Vschema.Keyspace sourceVschema,
      OriginalRouting before,
      boolean rules) {
    this.cluster = cluster;
    this.move = move;
    this.targets = targets;
    this.sourceVschema = sourceVschema;
    this.before = before;
    this.rules = rules;
  }

  /** Writes it and brings it into force. */
  String write(Run run) throws Exception {
    try (KeyspaceLocks locks = lock(run)) {
      cluster
          .topo()
          .transact(
              locks.guards(),
              transaction -> {
                if (rules) {
                  transaction.routingRules(present -> TableRouting.created(present, move));
                }
                for (ShardPrimary target : targets) {
                  transaction.shard(
                      target.keyspace(),
                      target.shard(),
                      shard -> DeniedTables.denied(shard, move.tables()));
                }
                if (!before.added().isEmpty()) {
                  transaction.vschema(
                      move.target(),
                      vschema ->
                          StreamPlanner.targetVschemaWith(vschema, sourceVschema, move.tables()));
                }
              });
    }
    return publish();
  }

  /**
   * Takes it back: rules as they were before, VSchema without what was added. The tables stay
   * denied until they are gone.
   */
  void takeBack(Run run) throws Exception {
    try (KeyspaceLocks locks = lock(run)) {
      cluster
          .topo()
          .transact(
              locks.guards(),
              transaction -> {
                if (rules) {
                  transaction.routingRules(this::withoutOurs);
                }
                if (!before.added().isEmpty()) {
                  transaction.vschema(move.target(), this::withoutAdded);
                }
              });
    }
    String unused = publish();
  }

  private RoutingRules withoutOurs(RoutingRules present) {
    Map<String, RoutingRule> map = new TreeMap<>();
    TableRouting.removed(present, move)
        .getRulesList()
        .forEach(rule -> map.put(rule.getFromTable(), rule));
    before.routingRules().forEach(rule -> map.put(rule.getFromTable(), rule));
    return RoutingRules.newBuilder().addAllRules(map.values()).build();
  }

  private Vschema.Keyspace withoutAdded(Vschema.Keyspace vschema) {
    Vschema.Keyspace.Builder changed = vschema.toBuilder();
    before.added().forEach(changed::removeTables);
    return changed.build();
  }

  private KeyspaceLocks lock(Run run) {
    return KeyspaceLocks.of(run, cluster.topo(), ACTION, List.of(move.target()));
  }

  private String publish() throws Exception {
    cluster.refresh(cluster.current(targets));
    return cluster.publish(List.of());
  }
}
