package dev.shunt.saga.world;

import binlogdata.Binlogdata.VReplicationWorkflowState;
import dev.shunt.saga.FailedException;
import dev.shunt.saga.Run;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.topo.Aliases;
import dev.shunt.workflow.sql.SqlNames;
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
   * Changes streams of a workflow and makes sure that they are there: a statement that finds none
   * changes nothing and fails for nobody.
   *
   * @param change what is changed, from {@code set} on, without the condition
   * @param further conditions besides that of the workflow, each begun by {@code and}; may be empty
   * @param wanted how many streams the conditions of the workflow must find
   * @throws FailedException when there are fewer
   */
  public static void change(
      TabletClient client,
      ShardPrimary shard,
      String workflow,
      String change,
      String further,
      int wanted) {
    if (!find(client, shard, workflow, change, further, wanted)) {
      throw new FailedException(Status.Code.ABORTED, gone(shard, workflow, wanted));
    }
  }

  /**
   * As {@link #change}, where nothing may stand in the way any more, such as to take something
   * back, or behind a decision: with streams that are gone there is no more to do.
   */
  public static void changeWhatIsLeft(
      TabletClient client,
      ShardPrimary shard,
      String workflow,
      String change,
      String further,
      int wanted) {
    if (!find(client, shard, workflow, change, further, wanted)) {
      log.atWarn()
          .addKeyValue("workflow", workflow)
          .addKeyValue("keyspace", shard.keyspace())
          .addKeyValue("shard", shard.shard())
          .log("streams that were to be changed are gone");
    }
  }

  private static String gone(ShardPrimary shard, String workflow, int wanted) {
    return "streams of workflow %s on %s are gone: there were %d; somebody has deleted them, or the database is another one"
        .formatted(workflow, shard.name(), wanted);
  }

  private static boolean find(
      TabletClient client,
      ShardPrimary shard,
      String workflow,
      String change,
      String further,
      int wanted) {
    String where =
        " where db_name=%s and workflow=%s"
            .formatted(SqlNames.literal(shard.database()), SqlNames.literal(workflow));
    Query.QueryResult result =
        client.vReplicationExec("update _vt.vreplication " + change + where + further);
    // Some tablets do not count what was so already.
    return result.getRowsAffected() >= wanted
        || client
                .vReplicationExec("select message from _vt.vreplication" + where + onlyIds(further))
                .getRowsCount()
            >= wanted;
  }

  /** Messages change; ids stay. */
  private static String onlyIds(String further) {
    return further.startsWith(" and id=") ? further : "";
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
