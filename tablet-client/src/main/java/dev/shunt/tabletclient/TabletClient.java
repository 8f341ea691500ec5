package dev.shunt.tabletclient;

import binlogdata.Binlogdata;
import com.google.protobuf.ByteString;
import io.vitess.proto.Query;
import io.vitess.proto.Topodata;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import tabletmanagerdata.Tabletmanagerdata;

/**
 * Calls to one tablet. Each call blocks, has a deadline and throws {@link TabletException} when it
 * fails; interrupting the thread cancels the call. Safe for use by many threads.
 */
public interface TabletClient {
  /** Record of the tablet. */
  Topodata.Tablet tablet();

  /** Name of the tablet's database: what its record says, else {@code vt_} and the keyspace. */
  default String database() {
    String override = tablet().getDbNameOverride();
    return override.isEmpty() ? "vt_" + tablet().getKeyspace() : override;
  }

  /** The same client, its calls carry the fence. */
  TabletClient withFence(Fence fence);

  /** The same client, its calls (also streams, which have none otherwise) have this deadline. */
  TabletClient withDeadline(Duration deadline);

  /**
   * The same client, its {@link #vStreamRows} read from a snapshot.
   *
   * @param snapshot its name, at most 64 characters of ASCII; see {@link HoldSnapshot}
   */
  TabletClient withSnapshot(String snapshot);

  // --- TabletManager -----------------------------------------------------------------------

  /** Answers when the tablet is reachable; also warms the connection. */
  void ping();

  /** Tables of the tablet's database. */
  Tabletmanagerdata.SchemaDefinition getSchema(Tabletmanagerdata.GetSchemaRequest request);

  /** Applies DDL after checking what is there, if the request says so. */
  Tabletmanagerdata.ApplySchemaResponse applySchema(Tabletmanagerdata.ApplySchemaRequest request);

  /** Runs a statement as the administrator. */
  Query.QueryResult executeFetchAsDba(Tabletmanagerdata.ExecuteFetchAsDbaRequest request);

  /**
   * Runs a statement as the administrator in the tablet's database, which is named in the call: a
   * stock vttablet knows no default here.
   */
  default Query.QueryResult executeFetchAsDba(String sql, long maxRows) {
    return executeFetchAsDba(
        Tabletmanagerdata.ExecuteFetchAsDbaRequest.newBuilder()
            .setQuery(ByteString.copyFromUtf8(sql))
            .setDbName(database())
            .setMaxRows(maxRows)
            .build());
  }

  /**
   * Runs statements as the administrator, one after the other in one session; the first that fails
   * ends the call. Served by vttablet from version 21 on.
   */
  List<Query.QueryResult> executeMultiFetchAsDba(
      Tabletmanagerdata.ExecuteMultiFetchAsDbaRequest request);

  /** Runs a statement as the user with all privileges. */
  Query.QueryResult executeFetchAsAllPrivs(Tabletmanagerdata.ExecuteFetchAsAllPrivsRequest request);

  /** Runs a statement as the application. */
  Query.QueryResult executeFetchAsApp(Tabletmanagerdata.ExecuteFetchAsAppRequest request);

  /** Makes the tablet read its shard and serving records again; returns when they are in force. */
  void refreshState();

  /** Makes the tablet read its tables again, after it has reached the position unless empty. */
  void reloadSchema(String waitPosition);

  /** Position of the tablet's database, as {@code MySQL56/…} or {@code MariaDB/…}. */
  String primaryPosition();

  /** Waits until the tablet's database has replicated up to the position. */
  void waitForPosition(String position);

  /** Writes the streams of a workflow, stopped. */
  Query.QueryResult createVReplicationWorkflow(
      Tabletmanagerdata.CreateVReplicationWorkflowRequest request);

  /** Streams of a workflow; empty when the tablet has none of that name. */
  Optional<Tabletmanagerdata.ReadVReplicationWorkflowResponse> readVReplicationWorkflow(
      String workflow);

  /** Streams of the workflows that the request selects. */
  List<Tabletmanagerdata.ReadVReplicationWorkflowResponse> readVReplicationWorkflows(
      Tabletmanagerdata.ReadVReplicationWorkflowsRequest request);

  /** Changes the streams of a workflow; rows_affected says whether there were any. */
  Query.QueryResult updateVReplicationWorkflow(
      Tabletmanagerdata.UpdateVReplicationWorkflowRequest request);

  /** Removes the streams of a workflow; rows_affected says whether there were any. */
  Query.QueryResult deleteVReplicationWorkflow(String workflow);

  /** Whether the tablet has streams of any workflow. */
  boolean hasVReplicationWorkflows();

  /** Runs a statement on the {@code _vt} tables through the replication engine. */
  Query.QueryResult vReplicationExec(String sql);

  /**
   * As {@link #vReplicationExec}, several statements in one transaction. A stock vttablet takes one
   * statement a call only and answers with INVALID_ARGUMENT, having done nothing.
   */
  Query.QueryResult vReplicationTransaction(List<String> statements);

  /** Waits until a stream has applied everything up to the position. */
  void vReplicationWaitForPos(int id, String position);

  /** Whether the tablet's user may do what replication needs; says what it lacks. */
  Tabletmanagerdata.ValidateVReplicationPermissionsResponse validateVReplicationPermissions();

  /** Runs a VDiff action on the tablet. */
  Tabletmanagerdata.VDiffResponse vDiff(Tabletmanagerdata.VDiffRequest request);

  // --- Query -------------------------------------------------------------------------------

  /** Keyspace, shard and type of the tablet, as the query calls want it. */
  default Query.Target target() {
    return Query.Target.newBuilder()
        .setKeyspace(tablet().getKeyspace())
        .setShard(tablet().getShard())
        .setTabletType(tablet().getType())
        .build();
  }

  /** Runs a query, in a transaction when the request names one. */
  Query.QueryResult execute(Query.ExecuteRequest request);

  /** Runs a query outside a transaction. */
  default Query.QueryResult execute(String sql) {
    return execute(
        Query.ExecuteRequest.newBuilder()
            .setTarget(target())
            .setQuery(Query.BoundQuery.newBuilder().setSql(sql))
            .build());
  }

  /** Begins a transaction. */
  Query.BeginResponse begin(Query.BeginRequest request);

  /** Begins a transaction and returns its id. */
  default long begin() {
    return begin(Query.BeginRequest.newBuilder().setTarget(target()).build()).getTransactionId();
  }

  /** Commits a transaction. */
  void commit(long transactionId);

  /** Rolls a transaction back. */
  void rollback(long transactionId);

  /**
   * Begins a transaction and runs a query in it. When the query failed the answer carries the error
   * and, when not 0, the id of the transaction, which is still open.
   */
  Query.BeginExecuteResponse beginExecute(Query.BeginExecuteRequest request);

  /** Runs a query whose rows are streamed; the first message carries the fields. */
  TabletStream<Query.QueryResult> streamExecute(Query.StreamExecuteRequest request);

  /** Changes of the tablet's database from a position on. */
  TabletStream<EventPacket> vStream(Binlogdata.VStreamRequest request);

  /** Rows of a table from one snapshot. */
  TabletStream<RowPacket> vStreamRows(Binlogdata.VStreamRowsRequest request);

  // --- beyond Vitess -----------------------------------------------------------------------

  /**
   * What speaks against streams out of the request's tables (see {@link CheckServer});
   * UNIMPLEMENTED where the tablet is a stock vttablet.
   */
  List<ServerFinding> checkSource(Tabletmanagerdata.GetSchemaRequest request);

  /** As {@link #checkSource}, of streams into them. */
  List<ServerFinding> checkTarget(Tabletmanagerdata.GetSchemaRequest request);

  /**
   * Streams of the tablet, at first as they are and then after each change (see {@link
   * WatchStreams}); ends with UNIMPLEMENTED where the tablet is a stock vttablet.
   */
  TabletStream<Tabletmanagerdata.ReadVReplicationWorkflowsResponse> watchStreams(
      Tabletmanagerdata.ReadVReplicationWorkflowsRequest request);

  /**
   * Holds a snapshot of several tables, of the name given to {@link #withSnapshot}, until the
   * stream is closed (see {@link HoldSnapshot}); ends with UNIMPLEMENTED where the tablet is a
   * stock vttablet.
   */
  TabletStream<Binlogdata.VStreamTablesResponse> holdSnapshot(
      Binlogdata.VStreamTablesRequest request);
}
