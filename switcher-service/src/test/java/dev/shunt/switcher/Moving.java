package dev.shunt.switcher;

import binlogdata.Binlogdata;
import binlogdata.Binlogdata.VReplicationWorkflowState;
import dev.shunt.saga.fake.FakeCluster;
import dev.shunt.saga.fake.FakeRow;
import dev.shunt.saga.fake.FakeTablet;
import dev.shunt.time.HurriedTime;
import dev.shunt.time.Time;
import dev.shunt.topo.TopoLock;
import dev.shunt.workflow.migration.TableMigration;
import dev.shunt.workflow.routing.DeniedTables;
import dev.shunt.workflow.routing.TableRouting;
import dev.shunt.workflow.streams.MoveTablesStreams;
import dev.shunt.workflow.streams.StreamPlanner;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import vschema.Vschema;

/**
 * A cluster with the workflow customer.c2c, copied and running, and a watch over who is writable.
 */
final class Moving {
  static final TableMigration MOVE =
      new TableMigration("commerce", "customer", List.of("corder", "customer"));

  final FakeCluster cluster;
  final List<String> bothWritable = new ArrayList<>();
  final List<String> sourceShards;
  final List<String> targetShards;

  Moving(Path folder, List<String> sourceShards, List<String> targetShards) {
    this(folder, sourceShards, targetShards, Time.system());
  }

  /** One in which nobody sleeps, for a test in which nothing goes on beside the command. */
  static Moving hurried(Path folder, List<String> sourceShards, List<String> targetShards) {
    return new Moving(folder, sourceShards, targetShards, new HurriedTime());
  }

  private Moving(Path folder, List<String> sourceShards, List<String> targetShards, Time time) {
    this.sourceShards = sourceShards;
    this.targetShards = targetShards;
    cluster = new FakeCluster(folder, time);
    keyspace("commerce", sourceShards);
    keyspace("customer", targetShards);
    StreamPlanner.forward(
            new MoveTablesStreams(
                MOVE,
                sourceShards,
                targetShards,
                vschema("commerce"),
                vschema("customer"),
                "",
                false,
                ""))
        .forEach((shard, sources) -> sources.forEach(source -> addStream(shard, source)));
    cluster.topo.updateRoutingRules(rules -> TableRouting.created(rules, MOVE));
    cluster.topo.rebuildSrvVSchema(List.of());
    for (String shard : targetShards) {
      var unused =
          cluster.topo.updateShard(
              "customer", shard, record -> DeniedTables.denied(record, MOVE.tables()));
    }
    refreshAll();
    cluster.onRefresh(this::observe);
  }

  private void keyspace(String keyspace, List<String> shards) {
    cluster.keyspace(keyspace, shards.toArray(String[]::new));
    if (shards.size() > 1) {
      cluster.shardById(keyspace, "corder", "customer");
    }
  }

  private Vschema.Keyspace vschema(String keyspace) {
    return cluster.topo.vschema(keyspace).orElseThrow().value();
  }

  private void addStream(String shard, Binlogdata.BinlogSource source) {
    FakeRow row = cluster.tablet("customer", shard).addStream("c2c", source);
    row.state = VReplicationWorkflowState.Running;
    row.position = "MariaDB/0-1-5";
  }

  private void refreshAll() {
    cluster.tablets.values().forEach(tablet -> cluster.of(tablet.record).refreshState());
  }

  /** Notes when a tablet of each side serves writes of the tables at once. */
  private void observe(FakeCluster now) {
    if (writable("commerce", sourceShards) && writable("customer", targetShards)) {
      bothWritable.add(String.join(" / ", now.calls));
    }
  }

  /** Whether any primary of the keyspace serves the tables. */
  boolean writable(String keyspace, List<String> shards) {
    return shards.stream()
        .anyMatch(shard -> !cluster.tablet(keyspace, shard).denied.containsAll(MOVE.tables()));
  }

  /** Whether all primaries of the keyspace serve the tables. */
  boolean open(String keyspace, List<String> shards) {
    return shards.stream()
        .allMatch(shard ->
            cluster.tablet(keyspace, shard).denied.stream().noneMatch(MOVE.tables()::contains));
  }

  /** Target of the routing rule of a table. */
  String route(String from) {
    return cluster.topo.routingRules().value().getRulesList().stream()
        .filter(rule -> rule.getFromTable().equals(from))
        .map(rule -> rule.getToTables(0))
        .findFirst()
        .orElse("");
  }

  List<FakeRow> streams(String keyspace, List<String> shards, String workflow) {
    List<FakeRow> rows = new ArrayList<>();
    for (String shard : shards) {
      FakeTablet tablet = cluster.tablet(keyspace, shard);
      rows.addAll(tablet.streams(workflow));
    }
    return rows;
  }

  /** Locks the workflow as another instance would. */
  TopoLock lock() {
    return cluster.topo.lockName(
        "customer/c2c",
        "elsewhere",
        java.time.Duration.ofSeconds(4),
        java.time.Duration.ofSeconds(4));
  }
}
