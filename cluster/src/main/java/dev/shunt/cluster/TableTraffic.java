package dev.shunt.cluster;

import dev.shunt.topo.Cells;
import dev.shunt.topo.Topo;
import dev.shunt.topo.TopoLock;
import dev.shunt.topo.TopoTransaction;
import dev.shunt.workflow.Refusal;
import dev.shunt.workflow.migration.SwitchableMigration;
import dev.shunt.workflow.migration.TableMigration;
import dev.shunt.workflow.routing.DeniedTables;
import dev.shunt.workflow.routing.TableRouting;
import dev.shunt.workflow.routing.TableRouting.ReadType;
import dev.shunt.workflow.routing.TrafficState;
import io.vitess.proto.Topodata;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import vschema.Vschema;
import vschema.Vschema.SrvVSchema;

/** Traffic of tables goes where routing rules send it; shards deny tables by their names. */
final class TableTraffic implements Traffic {
  private final Topo topo;
  private final Cells cells;
  private final TableMigration migration;

  TableTraffic(Topo topo, Cells cells, TableMigration migration) {
    this.topo = topo;
    this.cells = cells;
    this.migration = migration;
  }

  @Override
  public SwitchableMigration migration() {
    return migration;
  }

  @Override
  public Observed observe() {
    Vschema.RoutingRules rules = topo.routingRules().value();
    SrvVSchema soon = SrvVSchema.newBuilder().setRoutingRules(rules).build();
    Cells.Answers<SrvVSchema> answers = cells.srvVSchemas();
    return new Observed(
        TrafficState.of(migration, answers.orElse(soon), rules),
        List.copyOf(answers.silent().keySet()));
  }

  @Override
  public void requireOwnRoutes() {
    Set<String> keys = Set.copyOf(TableRouting.keys(migration));
    for (Vschema.RoutingRule rule : topo.routingRules().value().getRulesList()) {
      for (String to : rule.getToTablesList()) {
        boolean own =
            to.startsWith(migration.source() + ".") || to.startsWith(migration.target() + ".");
        if (keys.contains(rule.getFromTable()) && !own) {
          throw Refusal.failedPrecondition(
                  "%s is routed to %s, which is neither %s nor %s: complete or reverse the workflow"
                      + " that moved it there first",
                  rule.getFromTable(), to, migration.source(), migration.target())
              .exception();
        }
      }
    }
  }

  @Override
  public boolean deniesSome(String shard, Topodata.Shard record) {
    return DeniedTables.of(record).stream().anyMatch(migration.tables()::contains);
  }

  @Override
  public boolean deniesAll(String shard, Topodata.Shard record) {
    return DeniedTables.of(record).containsAll(migration.tables());
  }

  @Override
  public void deny(Collection<TopoLock> guards, String keyspace, Collection<String> shards) {
    topo.transact(guards, transaction -> deny(transaction, keyspace, shards));
  }

  private void deny(TopoTransaction transaction, String keyspace, Collection<String> shards) {
    for (String shard : shards) {
      transaction.shard(keyspace, shard, record -> DeniedTables.denied(record, migration.tables()));
    }
  }

  @Override
  public void allow(Collection<TopoLock> guards, String keyspace, Collection<String> shards) {
    topo.transact(guards, transaction -> allow(transaction, keyspace, shards));
  }

  private void allow(TopoTransaction transaction, String keyspace, Collection<String> shards) {
    for (String shard : shards) {
      transaction.shard(
          keyspace, shard, record -> DeniedTables.allowed(record, migration.tables()));
    }
  }

  @Override
  public void routeReads(Collection<TopoLock> guards, Set<ReadType> types, Collection<String> in) {
    topo.transact(
        guards,
        transaction ->
            transaction.routingRules(rules -> TableRouting.readsSwitched(rules, migration, types)));
  }

  /** All in one transaction; every source shard denies the tables. */
  @Override
  public void routeWrites(
      Collection<TopoLock> guards,
      Collection<String> sources,
      Collection<String> targets,
      Collection<String> denying) {
    topo.transact(
        guards,
        transaction -> {
          transaction.routingRules(rules -> TableRouting.writesSwitched(rules, migration));
          deny(transaction, migration.source(), sources);
          allow(transaction, migration.target(), targets);
        });
  }
}
