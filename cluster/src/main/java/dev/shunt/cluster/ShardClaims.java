package dev.shunt.cluster;

import dev.shunt.tabletclient.TabletException;
import dev.shunt.topo.TopoException;
import dev.shunt.workflow.RefusedException;
import dev.shunt.workflow.WorkflowNames;
import dev.shunt.workflow.migration.ShardMigration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse;

/**
 * Finds the other workflows that have shards of a Reshard: with streams that write them, or with
 * streams anywhere in the cluster that read them. When the shards are replaced, these would go on
 * with what nobody writes any more.
 */
final class ShardClaims implements Claims {
  private static final Logger log = LoggerFactory.getLogger(ShardClaims.class);

  private final Cluster cluster;
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
          .forEach(found -> found.forEach((shard, by) -> add(claims, shard, by)));
    }
    return claims;
  }

  private Map<String, Set<String>> claims(String keyspace, String shard, Set<String> ours) {
    Map<String, Set<String>> claims = new TreeMap<>();
    for (ReadVReplicationWorkflowResponse found : workflows(keyspace, shard)) {
      String name = found.getWorkflow();
      boolean here = keyspace.equals(migration.keyspace());
      if (here && (name.equals(workflow) || name.equals(WorkflowNames.reverse(workflow)))) {
        continue;
      }
      Set<String> by = Set.of("workflow " + keyspace + "." + name);
      if (here && ours.contains(shard) && found.getStreamsCount() > 0) {
        add(claims, shard, by);
      }
      found.getStreamsList().stream()
          .map(stream -> stream.getBls())
          .filter(read ->
              read.getKeyspace().equals(migration.keyspace()) && ours.contains(read.getShard()))
          .forEach(read -> add(claims, read.getShard(), by));
    }
    return claims;
  }

  /** Keyspaces that have no part in it are left out where they can't be asked. */
  private List<ReadVReplicationWorkflowResponse> workflows(String keyspace, String shard) {
    boolean ours = keyspace.equals(migration.keyspace());
    try {
      return cluster.workflows(
          cluster.primary(keyspace, shard), ours ? null : TableClaims.PATIENCE);
    } catch (TabletException | RefusedException | TopoException e) {
      if (ours) {
        throw e;
      }
      log.atWarn()
          .addKeyValue("keyspace", keyspace)
          .addKeyValue("shard", shard)
          .setCause(e)
          .log("could not ask for other workflows there");
      return List.of();
    }
  }

  /** Nobody else may write target shards: they have no other streams from the beginning. */
  @Override
  public SortedMap<String, Set<String>> writers() throws Exception {
    SortedMap<String, Set<String>> claims = streams();
    claims.keySet().retainAll(Set.copyOf(migration.targetShards()));
    return claims;
  }

  private static void add(Map<String, Set<String>> claims, String shard, Collection<String> by) {
    claims.computeIfAbsent(shard, unused -> new TreeSet<>()).addAll(by);
  }
}
