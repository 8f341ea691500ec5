package dev.shunt.tablet.manager;

import dev.shunt.mysql.QueryResult;
import dev.shunt.tablet.VReplicationEngine;
import dev.shunt.tablet.query.QueryResults;
import dev.shunt.tablet.rpc.CallHeaders;
import dev.shunt.tablet.rpc.Rpc;
import io.grpc.stub.StreamObserver;
import io.vitess.proto.Query;
import java.util.Optional;
import tabletmanagerdata.Tabletmanagerdata.*;
import tabletmanagerservice.TabletManagerGrpc;

/** The calls about workflows and their streams. */
final class StreamCalls extends TabletManagerGrpc.TabletManagerImplBase {
  private final Workflows workflows;
  private final StreamStore store;
  private final VReplicationEngine engine;
  private final Administration administration;

  StreamCalls(
      Workflows workflows,
      StreamStore store,
      VReplicationEngine engine,
      Administration administration) {
    this.workflows = workflows;
    this.store = store;
    this.engine = engine;
    this.administration = administration;
  }

  @Override
  public void createVReplicationWorkflow(
      CreateVReplicationWorkflowRequest request,
      StreamObserver<CreateVReplicationWorkflowResponse> observer) {
    Rpc.answer(
        observer,
        () ->
            CreateVReplicationWorkflowResponse.newBuilder()
                .setResult(changed(workflows.create(request, CallHeaders.fence())))
                .build());
  }

  @Override
  public void hasVReplicationWorkflows(
      HasVReplicationWorkflowsRequest request,
      StreamObserver<HasVReplicationWorkflowsResponse> observer) {
    Rpc.answer(
        observer,
        () -> HasVReplicationWorkflowsResponse.newBuilder().setHas(workflows.any()).build());
  }

  @Override
  public void readVReplicationWorkflow(
      ReadVReplicationWorkflowRequest request,
      StreamObserver<ReadVReplicationWorkflowResponse> observer) {
    Rpc.answer(observer, () -> workflows.read(request.getWorkflow()));
  }

  @Override
  public void readVReplicationWorkflows(
      ReadVReplicationWorkflowsRequest request,
      StreamObserver<ReadVReplicationWorkflowsResponse> observer) {
    Rpc.answer(
        observer,
        () ->
            ReadVReplicationWorkflowsResponse.newBuilder()
                .addAllWorkflows(workflows.read(request))
                .build());
  }

  @Override
  public void updateVReplicationWorkflow(
      UpdateVReplicationWorkflowRequest request,
      StreamObserver<UpdateVReplicationWorkflowResponse> observer) {
    Rpc.answer(
        observer,
        () -> {
          UpdateVReplicationWorkflowResponse.Builder response =
              UpdateVReplicationWorkflowResponse.newBuilder();
          Optional<QueryResult> result = workflows.update(request, CallHeaders.fence());
          result.ifPresent(given -> response.setResult(changed(given)));
          return response.build();
        });
  }

  @Override
  public void updateVReplicationWorkflows(
      UpdateVReplicationWorkflowsRequest request,
      StreamObserver<UpdateVReplicationWorkflowsResponse> observer) {
    Rpc.answer(
        observer,
        () ->
            UpdateVReplicationWorkflowsResponse.newBuilder()
                .setResult(changed(workflows.update(request, CallHeaders.fence())))
                .build());
  }

  @Override
  public void deleteVReplicationWorkflow(
      DeleteVReplicationWorkflowRequest request,
      StreamObserver<DeleteVReplicationWorkflowResponse> observer) {
    Rpc.answer(
        observer,
        () ->
            DeleteVReplicationWorkflowResponse.newBuilder()
                .setResult(changed(workflows.delete(request.getWorkflow(), CallHeaders.fence())))
                .build());
  }

  @Override
  public void validateVReplicationPermissions(
      ValidateVReplicationPermissionsRequest request,
      StreamObserver<ValidateVReplicationPermissionsResponse> observer) {
    Rpc.answer(observer, administration::validateVReplicationPermissions);
  }

  @Override
  public void vReplicationExec(
      VReplicationExecRequest request, StreamObserver<VReplicationExecResponse> observer) {
    Rpc.answer(
        observer,
        () ->
            VReplicationExecResponse.newBuilder()
                .setResult(
                    QueryResults.encode(
                        store.execute(
                            request.getQuery(), CallHeaders.fence(), CallHeaders.inTransaction())))
                .build());
  }

  @Override
  public void vReplicationWaitForPos(
      VReplicationWaitForPosRequest request,
      StreamObserver<VReplicationWaitForPosResponse> observer) {
    Rpc.answerWaiting(
        observer,
        () -> {
          engine.waitForPosition(request.getId(), request.getPosition(), CallTime.remaining());
          return VReplicationWaitForPosResponse.getDefaultInstance();
        });
  }

  /** Vitess's answers to these calls have only the number of rows. */
  private static Query.QueryResult changed(QueryResult result) {
    return Query.QueryResult.newBuilder().setRowsAffected(result.affectedRows()).build();
  }
}
