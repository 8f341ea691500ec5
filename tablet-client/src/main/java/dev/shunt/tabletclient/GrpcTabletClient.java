package dev.shunt.tabletclient;

import binlogdata.Binlogdata;
import io.vitess.proto.Query;
import io.vitess.proto.Topodata;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import queryservice.QueryGrpc;
import tabletmanagerdata.Tabletmanagerdata;
import tabletmanagerservice.TabletManagerGrpc;

/** A client over gRPC. */
record GrpcTabletClient(Topodata.Tablet tablet, CallSender calls) implements TabletClient {
  @Override
  public TabletClient withFence(Fence fence) {
    return new GrpcTabletClient(tablet, calls.with(fence));
  }

  @Override
  public TabletClient withDeadline(Duration deadline) {
    return new GrpcTabletClient(tablet, calls.with(deadline));
  }

  @Override
  public TabletClient withSnapshot(String snapshot) {
    return new GrpcTabletClient(tablet, calls.withSnapshot(snapshot));
  }

  @Override
  public void ping() {
    var unused =
        calls.unary(
            TabletManagerGrpc.getPingMethod(),
            Tabletmanagerdata.PingRequest.newBuilder().setPayload("payload").build());
  }

  @Override
  public Tabletmanagerdata.SchemaDefinition getSchema(Tabletmanagerdata.GetSchemaRequest request) {
    return calls.unary(TabletManagerGrpc.getGetSchemaMethod(), request).getSchemaDefinition();
  }

  @Override
  public Tabletmanagerdata.ApplySchemaResponse applySchema(
      Tabletmanagerdata.ApplySchemaRequest request) {
    return calls.unary(TabletManagerGrpc.getApplySchemaMethod(), request);
  }

  @Override
  public Query.QueryResult executeFetchAsDba(Tabletmanagerdata.ExecuteFetchAsDbaRequest request) {
    return calls.unary(TabletManagerGrpc.getExecuteFetchAsDbaMethod(), request).getResult();
  }

  @Override
  public List<Query.QueryResult> executeMultiFetchAsDba(
      Tabletmanagerdata.ExecuteMultiFetchAsDbaRequest request) {
    return calls
        .unary(TabletManagerGrpc.getExecuteMultiFetchAsDbaMethod(), request)
        .getResultsList();
  }

  @Override
  public Query.QueryResult executeFetchAsAllPrivs(
      Tabletmanagerdata.ExecuteFetchAsAllPrivsRequest request) {
    return calls.unary(TabletManagerGrpc.getExecuteFetchAsAllPrivsMethod(), request).getResult();
  }

  @Override
  public Query.QueryResult executeFetchAsApp(Tabletmanagerdata.ExecuteFetchAsAppRequest request) {
    return calls.unary(TabletManagerGrpc.getExecuteFetchAsAppMethod(), request).getResult();
  }

  @Override
  public void refreshState() {
    var unused =
        calls.unary(
            TabletManagerGrpc.getRefreshStateMethod(),
            Tabletmanagerdata.RefreshStateRequest.getDefaultInstance());
  }

  @Override
  public void reloadSchema(String waitPosition) {
    var unused =
        calls.unary(
            TabletManagerGrpc.getReloadSchemaMethod(),
            Tabletmanagerdata.ReloadSchemaRequest.newBuilder()
                .setWaitPosition(waitPosition)
                .build());
  }

  @Override
  public String primaryPosition() {
    return calls
        .unary(
            TabletManagerGrpc.getPrimaryPositionMethod(),
            Tabletmanagerdata.PrimaryPositionRequest.getDefaultInstance())
        .getPosition();
  }

  @Override
  public void waitForPosition(String position) {
    var unused =
        calls.unary(
            TabletManagerGrpc.getWaitForPositionMethod(),
            Tabletmanagerdata.WaitForPositionRequest.newBuilder().setPosition(position).build());
  }

  @Override
  public Query.QueryResult createVReplicationWorkflow(
      Tabletmanagerdata.CreateVReplicationWorkflowRequest request) {
    return calls
        .unary(TabletManagerGrpc.getCreateVReplicationWorkflowMethod(), request)
        .getResult();
  }

  @Override
  public Optional<Tabletmanagerdata.ReadVReplicationWorkflowResponse> readVReplicationWorkflow(
      String workflow) {
    var answer =
        calls.unary(
            TabletManagerGrpc.getReadVReplicationWorkflowMethod(),
            Tabletmanagerdata.ReadVReplicationWorkflowRequest.newBuilder()
                .setWorkflow(workflow)
                .build());
    // A tablet without the workflow answers an empty message.
    return answer.getWorkflow().isEmpty() && answer.getStreamsCount() == 0
        ? Optional.empty()
        : Optional.of(answer);
  }

  @Override
  public List<Tabletmanagerdata.ReadVReplicationWorkflowResponse> readVReplicationWorkflows(
      Tabletmanagerdata.ReadVReplicationWorkflowsRequest request) {
    return calls
        .unary(TabletManagerGrpc.getReadVReplicationWorkflowsMethod(), request)
        .getWorkflowsList();
  }

  @Override
  public Query.QueryResult updateVReplicationWorkflow(
      Tabletmanagerdata.UpdateVReplicationWorkflowRequest request) {
    return calls
        .unary(TabletManagerGrpc.getUpdateVReplicationWorkflowMethod(), request)
        .getResult();
  }

  @Override
  public Query.QueryResult deleteVReplicationWorkflow(String workflow) {
    return calls
        .unary(
            TabletManagerGrpc.getDeleteVReplicationWorkflowMethod(),
            Tabletmanagerdata.DeleteVReplicationWorkflowRequest.newBuilder()
                .setWorkflow(workflow)
                .build())
        .getResult();
  }

  @Override
  public boolean hasVReplicationWorkflows() {
    return calls
        .unary(
            TabletManagerGrpc.getHasVReplicationWorkflowsMethod(),
            Tabletmanagerdata.HasVReplicationWorkflowsRequest.getDefaultInstance())
        .getHas();
  }

  @Override
  public Query.QueryResult vReplicationExec(String sql) {
    return calls
        .unary(
            TabletManagerGrpc.getVReplicationExecMethod(),
            Tabletmanagerdata.VReplicationExecRequest.newBuilder().setQuery(sql).build())
        .getResult();
  }

  @Override
  public Query.QueryResult vReplicationTransaction(List<String> statements) {
    return calls
        .inTransaction()
        .unary(
            TabletManagerGrpc.getVReplicationExecMethod(),
            Tabletmanagerdata.VReplicationExecRequest.newBuilder()
                .setQuery(String.join("; ", statements))
                .build())
        .getResult();
  }

  @Override
  public void vReplicationWaitForPos(int id, String position) {
    var unused =
        calls.unary(
            TabletManagerGrpc.getVReplicationWaitForPosMethod(),
            Tabletmanagerdata.VReplicationWaitForPosRequest.newBuilder()
                .setId(id)
                .setPosition(position)
                .build());
  }

  @Override
  public Tabletmanagerdata.ValidateVReplicationPermissionsResponse
      validateVReplicationPermissions() {
    return calls.unary(
        TabletManagerGrpc.getValidateVReplicationPermissionsMethod(),
        Tabletmanagerdata.ValidateVReplicationPermissionsRequest.getDefaultInstance());
  }

  @Override
  public Tabletmanagerdata.VDiffResponse vDiff(Tabletmanagerdata.VDiffRequest request) {
    return calls.unary(TabletManagerGrpc.getVDiffMethod(), request);
  }

  @Override
  public Query.QueryResult execute(Query.ExecuteRequest request) {
    return calls.unary(QueryGrpc.getExecuteMethod(), request).getResult();
  }

  @Override
  public Query.BeginResponse begin(Query.BeginRequest request) {
    return calls.unary(QueryGrpc.getBeginMethod(), request);
  }

  @Override
  public void commit(long transactionId) {
    var unused =
        calls.unary(
            QueryGrpc.getCommitMethod(),
            Query.CommitRequest.newBuilder()
                .setTarget(target())
                .setTransactionId(transactionId)
                .build());
  }

  @Override
  public void rollback(long transactionId) {
    var unused =
        calls.unary(
            QueryGrpc.getRollbackMethod(),
            Query.RollbackRequest.newBuilder()
                .setTarget(target())
                .setTransactionId(transactionId)
                .build());
  }

  @Override
  public Query.BeginExecuteResponse beginExecute(Query.BeginExecuteRequest request) {
    return calls.unary(QueryGrpc.getBeginExecuteMethod(), request);
  }

  @Override
  public TabletStream<Query.QueryResult> streamExecute(Query.StreamExecuteRequest request) {
    return new MappedStream<>(
        calls.stream(QueryGrpc.getStreamExecuteMethod(), request),
        Query.StreamExecuteResponse::getResult);
  }

  @Override
  public TabletStream<EventPacket> vStream(Binlogdata.VStreamRequest request) {
    return calls.stream(VStreamChanges.METHOD, request);
  }

  @Override
  public TabletStream<RowPacket> vStreamRows(Binlogdata.VStreamRowsRequest request) {
    return calls.stream(VStreamRows.METHOD, request);
  }

  @Override
  public TabletStream<Tabletmanagerdata.ReadVReplicationWorkflowsResponse> watchStreams(
      Tabletmanagerdata.ReadVReplicationWorkflowsRequest request) {
    return calls.stream(WatchStreams.METHOD, request);
  }

  @Override
  public TabletStream<Binlogdata.VStreamTablesResponse> holdSnapshot(
      Binlogdata.VStreamTablesRequest request) {
    return calls.stream(HoldSnapshot.METHOD, request);
  }

  @Override
  public List<ServerFinding> checkSource(Tabletmanagerdata.GetSchemaRequest request) {
    return ServerFinding.of(calls.unary(CheckServer.SOURCE, request));
  }

  @Override
  public List<ServerFinding> checkTarget(Tabletmanagerdata.GetSchemaRequest request) {
    return ServerFinding.of(calls.unary(CheckServer.TARGET, request));
  }

  private record MappedStream<S, T>(TabletStream<S> inner, Function<S, T> change)
      implements TabletStream<T> {
    @Override
    public boolean hasNext() {
      return inner.hasNext();
    }

    @Override
    public T next() {
      return change.apply(inner.next());
    }

    @Override
    public void close() {
      inner.close();
    }
  }
}
