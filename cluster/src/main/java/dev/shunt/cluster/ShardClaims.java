package dev.shunt.cluster;

import dev.shunt.workflow.WorkflowNames;
import dev.shunt.workflow.migration.ShardMigration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse;

/**
 * Finds the other workflows that have shards of a Reshard: with streams that write them, or with
 * streams anywhere in the cluster that read them. When the shards are replaced, these would go on
 * with what nobody writes any more.
 */
final class ShardClaims implements Claims {
  private final Cluster cluster;
  private final OtherWorkflows others;
  private final ShardMigration migration;
  private final String workflow;

  /**
   * Claims beside a workflow.
   *
   * @param migration the forward migration
   * @param workflow name of the forward workflow, which with its reverse does not count
   */
  ShardClaims(Cluster cluster, ShardMigration migration, String workflow) {
    this.cluster = cluster;
    this.others = new OtherWorkflows(cluster);
    this.migration = migration;
    this.workflow = workflow;
  }

  @Override
  public SortedMap<String, Set<String>> all() throws Exception {
    return streams();
  }

  @Override
  public SortedMap<String, Set<String>> streams() throws Exception {
    Set<String> ours = new TreeSet<>(migration.sourceShards());
    ours.addAll(migration.targetShards());
    SortedMap<String, Set<String>> claims = new TreeMap<>();
    for (String keyspace : cluster.topo().keyspaces()) {
      List<String> shards =
          cluster.topo().shards(keyspace).entrySet().stream()
              .filter(shard -> shard.getValue().value().hasPrimaryAlias())
              .map(Map.Entry::getKey)
              .toList();
      Parallel.map(shards, shard -> claims(keyspace, shard, ours))
          .forEach(found -> found.forEach((shard, by) -> OtherWorkflows.add(claims, shard, by)));
    }
    return claims;
  }

  private Map<String, Set<String>> claims(String keyspace, String shard, Set<String> ours) {
    Map<String, Set<String>> claims = new TreeMap<>();
    boolean here = keyspace.equals(migration.keyspace());
    for (ReadVReplicationWorkflowResponse found : others.on(keyspace, shard, here)) {
      String name = found.getWorkflow();
      if (here && (name.equals(workflow) || name.equals(WorkflowNames.reverse(workflow)))) {
        continue;
      }
      Set<String> by = Set.of("workflow " + keyspace + "." + name);
      if (here && ours.contains(shard) && found.getStreamsCount() > 0) {
        OtherWorkflows.add(claims, shard, by);
      }
      found.getStreamsList().stream()
          .map(stream -> stream.getBls())
          .filter(read ->
              read.getKeyspace().equals(migration.keyspace()) && ours.contains(read.getShard()))
          .forEach(read -> OtherWorkflows.add(claims, read.getShard(), by));
    }
    return claims;
  }

  /** Nobody else may write target shards: they have no other streams from the beginning. */
  @Override
  public SortedMap<String, Set<String>> writers() throws Exception {
    SortedMap<String, Set<String>> claims = streams();
    claims.keySet().retainAll(Set.copyOf(migration.targetShards()));
    return claims;
  }
}
