package dev.shunt.command;

import dev.shunt.command.cluster.CellCalls;
import dev.shunt.command.cluster.KeyspaceCalls;
import dev.shunt.command.cluster.ServingCalls;
import dev.shunt.command.cluster.ShardControlCalls;
import dev.shunt.command.cluster.TabletCalls;
import dev.shunt.command.reading.DiffCalls;
import dev.shunt.command.reading.LiveStatus;
import dev.shunt.command.reading.ReadCalls;
import dev.shunt.command.refusing.Refusals;
import dev.shunt.command.sending.WriteCalls;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import vtctldata.Vtctldata;
import vtctlservice.VtctldGrpc;

/**
 * {@code vtctlservice.Vtctld}: hands each RPC to those who answer it and turns failures into gRPC
 * statuses. What is not here answers UNIMPLEMENTED.
 */
final class VtctldService extends VtctldGrpc.VtctldImplBase {
  private static final Logger log = LoggerFactory.getLogger(VtctldService.class);

  private final WriteCalls writes;
  private final ReadCalls reads;
  private final LiveStatus live;
  private final DiffCalls diffs;
  private final CellCalls cells;
  private final KeyspaceCalls keyspaces;
  private final TabletCalls tablets;
  private final ServingCalls serving;
  private final ShardControlCalls controls;

  VtctldService(
      WriteCalls writes,
      ReadCalls reads,
      LiveStatus live,
      DiffCalls diffs,
      CellCalls cells,
      KeyspaceCalls keyspaces,
      TabletCalls tablets,
      ServingCalls serving,
      ShardControlCalls controls) {
    this.writes = writes;
    this.reads = reads;
    this.live = live;
    this.diffs = diffs;
    this.cells = cells;
    this.keyspaces = keyspaces;
    this.tablets = tablets;
    this.serving = serving;
    this.controls = controls;
  }

  @Override
  public void moveTablesCreate(
      Vtctldata.MoveTablesCreateRequest request,
      StreamObserver<Vtctldata.WorkflowStatusResponse> observer) {
    answer("MoveTablesCreate", observer, () -> writes.create(request));
  }

  @Override
  public void reshardCreate(
      Vtctldata.ReshardCreateRequest request,
      StreamObserver<Vtctldata.WorkflowStatusResponse> observer) {
    answer("ReshardCreate", observer, () -> writes.reshard(request));
  }

  @Override
  public void moveTablesComplete(
      Vtctldata.MoveTablesCompleteRequest request,
      StreamObserver<Vtctldata.MoveTablesCompleteResponse> observer) {
    answer("MoveTablesComplete", observer, () -> writes.complete(request));
  }

  @Override
  public void workflowSwitchTraffic(
      Vtctldata.WorkflowSwitchTrafficRequest request,
      StreamObserver<Vtctldata.WorkflowSwitchTrafficResponse> observer) {
    answer("WorkflowSwitchTraffic", observer, () -> writes.switchTraffic(request));
  }

  @Override
  public void workflowUpdate(
      Vtctldata.WorkflowUpdateRequest request,
      StreamObserver<Vtctldata.WorkflowUpdateResponse> observer) {
    answer("WorkflowUpdate", observer, () -> writes.update(request));
  }

  @Override
  public void workflowDelete(
      Vtctldata.WorkflowDeleteRequest request,
      StreamObserver<Vtctldata.WorkflowDeleteResponse> observer) {
    answer("WorkflowDelete", observer, () -> writes.delete(request));
  }

  @Override
  public void vDiffCreate(
      Vtctldata.VDiffCreateRequest request,
      StreamObserver<Vtctldata.VDiffCreateResponse> observer) {
    answer("VDiffCreate", observer, () -> writes.diff(request));
  }

  @Override
  public void vDiffShow(
      Vtctldata.VDiffShowRequest request, StreamObserver<Vtctldata.VDiffShowResponse> observer) {
    answer("VDiffShow", observer, () -> diffs.show(request));
  }

  @Override
  public void getWorkflows(
      Vtctldata.GetWorkflowsRequest request,
      StreamObserver<Vtctldata.GetWorkflowsResponse> observer) {
    answer("GetWorkflows", observer, () -> reads.workflows(request));
  }

  @Override
  public void workflowStatus(
      Vtctldata.WorkflowStatusRequest request,
      StreamObserver<Vtctldata.WorkflowStatusResponse> observer) {
    answer("WorkflowStatus", observer, () -> live.status(request));
  }

  @Override
  public void addCellInfo(
      Vtctldata.AddCellInfoRequest request,
      StreamObserver<Vtctldata.AddCellInfoResponse> observer) {
    answer("AddCellInfo", observer, () -> cells.add(request));
  }

  @Override
  public void updateCellInfo(
      Vtctldata.UpdateCellInfoRequest request,
      StreamObserver<Vtctldata.UpdateCellInfoResponse> observer) {
    answer("UpdateCellInfo", observer, () -> cells.update(request));
  }

  @Override
  public void deleteCellInfo(
      Vtctldata.DeleteCellInfoRequest request,
      StreamObserver<Vtctldata.DeleteCellInfoResponse> observer) {
    answer("DeleteCellInfo", observer, () -> cells.delete(request));
  }

  @Override
  public void getCellInfoNames(
      Vtctldata.GetCellInfoNamesRequest request,
      StreamObserver<Vtctldata.GetCellInfoNamesResponse> observer) {
    answer("GetCellInfoNames", observer, () -> cells.names());
  }

  @Override
  public void getCellInfo(
      Vtctldata.GetCellInfoRequest request,
      StreamObserver<Vtctldata.GetCellInfoResponse> observer) {
    answer("GetCellInfo", observer, () -> cells.get(request));
  }

  @Override
  public void createKeyspace(
      Vtctldata.CreateKeyspaceRequest request,
      StreamObserver<Vtctldata.CreateKeyspaceResponse> observer) {
    answer("CreateKeyspace", observer, () -> keyspaces.create(request));
  }

  @Override
  public void getKeyspaces(
      Vtctldata.GetKeyspacesRequest request,
      StreamObserver<Vtctldata.GetKeyspacesResponse> observer) {
    answer("GetKeyspaces", observer, () -> keyspaces.all());
  }

  @Override
  public void getKeyspace(
      Vtctldata.GetKeyspaceRequest request,
      StreamObserver<Vtctldata.GetKeyspaceResponse> observer) {
    answer("GetKeyspace", observer, () -> keyspaces.get(request));
  }

  @Override
  public void createShard(
      Vtctldata.CreateShardRequest request,
      StreamObserver<Vtctldata.CreateShardResponse> observer) {
    answer("CreateShard", observer, () -> keyspaces.createShard(request));
  }

  @Override
  public void getShard(
      Vtctldata.GetShardRequest request, StreamObserver<Vtctldata.GetShardResponse> observer) {
    answer("GetShard", observer, () -> keyspaces.shard(request));
  }

  @Override
  public void setShardTabletControl(
      Vtctldata.SetShardTabletControlRequest request,
      StreamObserver<Vtctldata.SetShardTabletControlResponse> observer) {
    answer("SetShardTabletControl", observer, () -> controls.set(request));
  }

  @Override
  public void findAllShardsInKeyspace(
      Vtctldata.FindAllShardsInKeyspaceRequest request,
      StreamObserver<Vtctldata.FindAllShardsInKeyspaceResponse> observer) {
    answer("FindAllShardsInKeyspace", observer, () -> keyspaces.shards(request));
  }

  @Override
  public void getTablets(
      Vtctldata.GetTabletsRequest request, StreamObserver<Vtctldata.GetTabletsResponse> observer) {
    answer("GetTablets", observer, () -> tablets.list(request));
  }

  @Override
  public void getTablet(
      Vtctldata.GetTabletRequest request, StreamObserver<Vtctldata.GetTabletResponse> observer) {
    answer("GetTablet", observer, () -> tablets.get(request));
  }

  @Override
  public void getSchema(
      Vtctldata.GetSchemaRequest request, StreamObserver<Vtctldata.GetSchemaResponse> observer) {
    answer("GetSchema", observer, () -> tablets.schema(request));
  }

  @Override
  public void refreshState(
      Vtctldata.RefreshStateRequest request,
      StreamObserver<Vtctldata.RefreshStateResponse> observer) {
    answer("RefreshState", observer, () -> tablets.refresh(request));
  }

  @Override
  public void applyVSchema(
      Vtctldata.ApplyVSchemaRequest request,
      StreamObserver<Vtctldata.ApplyVSchemaResponse> observer) {
    answer("ApplyVSchema", observer, () -> serving.apply(request));
  }

  @Override
  public void getVSchema(
      Vtctldata.GetVSchemaRequest request, StreamObserver<Vtctldata.GetVSchemaResponse> observer) {
    answer("GetVSchema", observer, () -> serving.vschema(request));
  }

  @Override
  public void getSrvVSchema(
      Vtctldata.GetSrvVSchemaRequest request,
      StreamObserver<Vtctldata.GetSrvVSchemaResponse> observer) {
    answer("GetSrvVSchema", observer, () -> serving.srvVSchema(request));
  }

  @Override
  public void getSrvVSchemas(
      Vtctldata.GetSrvVSchemasRequest request,
      StreamObserver<Vtctldata.GetSrvVSchemasResponse> observer) {
    answer("GetSrvVSchemas", observer, () -> serving.srvVSchemas(request));
  }

  @Override
  public void getSrvKeyspaces(
      Vtctldata.GetSrvKeyspacesRequest request,
      StreamObserver<Vtctldata.GetSrvKeyspacesResponse> observer) {
    answer("GetSrvKeyspaces", observer, () -> serving.srvKeyspaces(request));
  }

  @Override
  public void applyRoutingRules(
      Vtctldata.ApplyRoutingRulesRequest request,
      StreamObserver<Vtctldata.ApplyRoutingRulesResponse> observer) {
    answer("ApplyRoutingRules", observer, () -> serving.apply(request));
  }

  @Override
  public void getRoutingRules(
      Vtctldata.GetRoutingRulesRequest request,
      StreamObserver<Vtctldata.GetRoutingRulesResponse> observer) {
    answer("GetRoutingRules", observer, () -> serving.rules());
  }

  @Override
  public void applyShardRoutingRules(
      Vtctldata.ApplyShardRoutingRulesRequest request,
      StreamObserver<Vtctldata.ApplyShardRoutingRulesResponse> observer) {
    answer("ApplyShardRoutingRules", observer, () -> serving.apply(request));
  }

  @Override
  public void getShardRoutingRules(
      Vtctldata.GetShardRoutingRulesRequest request,
      StreamObserver<Vtctldata.GetShardRoutingRulesResponse> observer) {
    answer("GetShardRoutingRules", observer, () -> serving.shardRules());
  }

  @Override
  public void rebuildVSchemaGraph(
      Vtctldata.RebuildVSchemaGraphRequest request,
      StreamObserver<Vtctldata.RebuildVSchemaGraphResponse> observer) {
    answer("RebuildVSchemaGraph", observer, () -> serving.rebuild(request));
  }

  @Override
  public void rebuildKeyspaceGraph(
      Vtctldata.RebuildKeyspaceGraphRequest request,
      StreamObserver<Vtctldata.RebuildKeyspaceGraphResponse> observer) {
    answer("RebuildKeyspaceGraph", observer, () -> serving.rebuild(request));
  }

  private static <A> void answer(String method, StreamObserver<A> observer, Supplier<A> call) {
    A answer;
    try {
      answer = call.get();
    } catch (RuntimeException e) {
      StatusRuntimeException status = Refusals.from(e);
      log.atInfo()
          .addKeyValue("method", method)
          .addKeyValue("code", status.getStatus().getCode())
          .addKeyValue("reason", status.getStatus().getDescription())
          .log("call refused");
      observer.onError(status);
      return;
    }
    observer.onNext(answer);
    observer.onCompleted();
  }
}
