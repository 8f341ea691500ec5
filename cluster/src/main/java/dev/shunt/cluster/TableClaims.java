package dev.shunt.cluster;

import binlogdata.Binlogdata.VReplicationWorkflowType;
import dev.shunt.topo.Versioned;
import dev.shunt.workflow.WorkflowNames;
import dev.shunt.workflow.migration.TableMigration;
import dev.shunt.workflow.routing.TableRouting;
import dev.shunt.workflow.streams.Rules;
import io.vitess.proto.Topodata;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse;

/**
 * Finds which tables of a move somebody else has: another workflow whose streams write or move
 * them, or a routing rule that leads elsewhere. What was denied or routed for such a table is not
 * the move's to take back.
 */
final class TableClaims implements Claims {
  private final Cluster cluster;
  private final OtherWorkflows others;
  private final TableMigration move;
  private final String workflow;

  /**
   * Claims beside a workflow.
   *
   * @param move the forward move
   * @param workflow name of the forward workflow, which with its reverse does not count
   */
  TableClaims(Cluster cluster, TableMigration move, String workflow) {
    this.cluster = cluster;
    this.others = new OtherWorkflows(cluster);
    this.move = move;
    this.workflow = workflow;
  }

  @Override
  public SortedMap<String, Set<String>> all() throws Exception {
    SortedMap<String, Set<String>> claims = streams();
    TableRouting.elsewhere(
            cluster.topo().routingRules().value(), move, Set.of(move.source(), move.target()))
        .forEach((table, rules) -> OtherWorkflows.add(claims, table, rules));
    return claims;
  }

  @Override
  public SortedMap<String, Set<String>> streams() throws Exception {
    SortedMap<String, Set<String>> claims = new TreeMap<>();
    for (String keyspace : cluster.topo().keyspaces()) {
      collect(keyspace, claims);
    }
    return claims;
  }

  @Override
  public SortedMap<String, Set<String>> writers() throws Exception {
    SortedMap<String, Set<String>> claims = new TreeMap<>();
    collect(move.target(), claims);
    return claims;
  }

  private void collect(String keyspace, SortedMap<String, Set<String>> claims) throws Exception {
    boolean ours = keyspace.equals(move.source()) || keyspace.equals(move.target());
    Parallel.map(
            cluster.topo().shards(keyspace).entrySet(),
            shard -> claims(keyspace, shard.getKey(), shard.getValue(), ours))
        .forEach(found -> found.forEach((table, by) -> OtherWorkflows.add(claims, table, by)));
  }

  private Map<String, Set<String>> claims(
      String keyspace, String shard, Versioned<Topodata.Shard> record, boolean ours) {
    Map<String, Set<String>> claims = new TreeMap<>();
    if (!record.value().getIsPrimaryServing()) {
      return claims;
    }
    for (ReadVReplicationWorkflowResponse found : others.on(keyspace, shard, ours)) {
      if (isOwn(keyspace, found.getWorkflow()) || !counts(found, ours)) {
        continue;
      }
      for (String table : move.tables()) {
        if (found.getStreamsList().stream()
            .anyMatch(stream -> Rules.have(stream.getBls().getFilter(), table))) {
          OtherWorkflows.add(
              claims, table, Set.of("workflow " + keyspace + "." + found.getWorkflow()));
        }
      }
    }
    return claims;
  }

  private boolean isOwn(String keyspace, String name) {
    return (keyspace.equals(move.target()) && name.equals(workflow))
        || (keyspace.equals(move.source()) && name.equals(WorkflowNames.reverse(workflow)));
  }

  /**
   * Beside our tables everything counts that writes them, save what rebuilds a table or a keyspace
   * in its place; elsewhere what moves tables away from us or to us.
   */
  private boolean counts(ReadVReplicationWorkflowResponse found, boolean ours) {
    VReplicationWorkflowType type = found.getWorkflowType();
    if (ours) {
      return type != VReplicationWorkflowType.OnlineDDL && type != VReplicationWorkflowType.Reshard;
    }
    return (type == VReplicationWorkflowType.MoveTables || type == VReplicationWorkflowType.Migrate)
        && found.getStreamsList().stream()
            .map(stream -> stream.getBls().getKeyspace())
            .anyMatch(source -> source.equals(move.source()) || source.equals(move.target()));
  }
}
