package dev.shunt.cluster;

import dev.shunt.tabletclient.TabletException;
import dev.shunt.topo.TopoException;
import dev.shunt.workflow.RefusedException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse;

/** Asks shards for their workflows, for who looks for claims of others. */
final class OtherWorkflows {
  private static final Logger log = LoggerFactory.getLogger(OtherWorkflows.class);

  /** For keyspaces that have no part in the migration: what can't be asked there is left out. */
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private final Cluster cluster;

  OtherWorkflows(Cluster cluster) {
    this.cluster = cluster;
  }

  /**
   * All workflows of a shard.
   *
   * @param ours whether its keyspace has a part in the migration, so that it must answer
   */
  List<ReadVReplicationWorkflowResponse> on(String keyspace, String shard, boolean ours) {
    try {
      return cluster.workflows(cluster.primary(keyspace, shard), ours ? null : PATIENCE);
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

  /** Notes who has something. */
  static void add(Map<String, Set<String>> claims, String name, Collection<String> by) {
    claims.computeIfAbsent(name, unused -> new TreeSet<>()).addAll(by);
  }
}
