package dev.shunt.saga.world;

import binlogdata.Binlogdata.VReplicationWorkflowState;
import dev.shunt.saga.Run;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.topo.Aliases;
import io.grpc.Status;
import io.vitess.proto.Query;
import io.vitess.proto.Topodata;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tabletmanagerdata.Tabletmanagerdata;

/** Changes streams of a workflow on the tablets that run them. */
public final class Streams {
  private static final Logger log = LoggerFactory.getLogger(Streams.class);
  private static final String UNCHANGED = "NULL";
  private static final int UNCHANGED_TYPE = -1;

  private Streams() {}

  /** A request that changes nothing of the workflow's streams, to be filled in. */
  public static Tabletmanagerdata.UpdateVReplicationWorkflowRequest.Builder update(
      String workflow) {
    return Tabletmanagerdata.UpdateVReplicationWorkflowRequest.newBuilder()
        .setWorkflow(workflow)
        .addCells(UNCHANGED)
        .addTabletTypesValue(UNCHANGED_TYPE)
        .setTabletSelectionPreference(Tabletmanagerdata.TabletSelectionPreference.UNKNOWN);
  }

  /** Sets the state of the workflow's streams on a shard. */
  public static void setState(
      Cluster cluster,
      Run run,
      ShardPrimary shard,
      String workflow,
      VReplicationWorkflowState state) {
    var unused =
        cluster
            .client(shard)
            .withFence(run.fence())
            .updateVReplicationWorkflow(update(workflow).setState(state).build());
  }

  /**
   * Removes the workflow's streams from a shard with what diffs left there; whether any was there.
   */
  public static boolean delete(Cluster cluster, Run run, ShardPrimary shard, String workflow) {
    TabletClient client = cluster.client(shard).withFence(run.fence());
    Query.QueryResult result = client.deleteVReplicationWorkflow(workflow);
    try {
      var unused =
          client.vDiff(
              Tabletmanagerdata.VDiffRequest.newBuilder()
                  .setKeyspace(shard.keyspace())
                  .setWorkflow(workflow)
                  .setAction("delete")
                  .setActionArg("all")
                  .build());
    } catch (TabletException e) {
      if (e.code() != Status.Code.UNIMPLEMENTED) {
        log.atWarn()
            .addKeyValue("workflow", workflow)
            .addKeyValue("tablet", shard.tablet().getAlias().getUid())
            .setCause(e)
            .log("diffs of a removed workflow stay behind");
      }
    }
    return result.getRowsAffected() > 0;
  }

  /** {@code REPLICA} and so on, as tablet selection preference. */
  public static Tabletmanagerdata.TabletSelectionPreference preference(boolean inOrder) {
    return inOrder
        ? Tabletmanagerdata.TabletSelectionPreference.INORDER
        : Tabletmanagerdata.TabletSelectionPreference.ANY;
  }

  /** Text form of an alias, for instance {@code zone1-0000000200}. */
  public static String alias(Topodata.TabletAlias alias) {
    return Aliases.text(alias);
  }
}
