package dev.shunt.tablet.manager;

import com.google.protobuf.ByteString;
import dev.shunt.mysql.QueryResult;
import dev.shunt.tablet.TabletIdentity;
import dev.shunt.tablet.VReplicationEngine;
import dev.shunt.tablet.database.ConnectionPool;
import dev.shunt.tablet.query.QueryExecutor;
import dev.shunt.tablet.query.QueryResults;
import dev.shunt.tablet.rpc.CallHeaders;
import dev.shunt.tablet.rpc.Rpc;
import dev.shunt.tabletclient.WatchStreams;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.StreamObserver;
import io.vitess.proto.Query;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import tabletmanagerdata.Tabletmanagerdata.*;
import tabletmanagerservice.TabletManagerGrpc;

/**
 * Vitess's TabletManager service, as far as workflows on MySQL tables need it. Calls that are not
 * overridden here answer UNIMPLEMENTED.
 */
public final class TabletManagerService extends TabletManagerGrpc.TabletManagerImplBase
    implements AutoCloseable {
  private static final Duration LOCK_LIMIT = Duration.ofMinutes(1);
  private static final Duration LONGEST_WAIT = Duration.ofHours(1);

  private final TabletIdentity identity;
  private final Workflows workflows;
  private final StreamStore store;
  private final VReplicationEngine engine;
  private final Administration administration;
  private final QueryExecutor executor;
  private final Positions positions;
  private final TableLock tableLock;
  private final StreamWatch watch;
  private final Refresh refresh;

  /** Reads the tablet's state from the topology again. */
  @FunctionalInterface
  public interface Refresh {
    /** Returns when the state is in force for every statement. */
    void run(Duration wait) throws InterruptedException;
  }

  /**
   * Serves one tablet.
   *
   * @param pool gives fresh sessions to administrators
   */
  public TabletManagerService(
      TabletIdentity identity,
      ConnectionPool pool,
      StreamStore store,
      VReplicationEngine engine,
      QueryExecutor executor,
      StreamWatch watch,
      Refresh refresh) {
    this.identity = identity;
    this.store = store;
    this.workflows = new Workflows(identity, store);
    this.engine = engine;
    this.administration = new Administration(identity, pool);
    this.executor = executor;
    this.positions = new Positions(pool);
    this.tableLock = new TableLock(identity.database(), pool, LOCK_LIMIT);
    this.watch = watch;
    this.refresh = refresh;
  }

  /** The service {@code dev.shunt.Tablet} beside this one. */
  public ServerServiceDefinition watchService() {
    return WatchStreams.service((request, observer) ->
        Rpc.stream("watch-streams", observer, sink -> watch.watch(workflows, request, sink)));
  }

  @Override
  public void ping(PingRequest request, StreamObserver<PingResponse> observer) {
    Rpc.answer(observer, () -> PingResponse.newBuilder().setPayload(request.getPayload()).build());
  }

  @Override
  public void runHealthCheck(
      RunHealthCheckRequest request, StreamObserver<RunHealthCheckResponse> observer) {
    Rpc.answer(
        observer,
        () -> {
          var unused = positions.current();
          return RunHealthCheckResponse.getDefaultInstance();
        });
  }

  @Override
  public void refreshState(
      RefreshStateRequest request, StreamObserver<RefreshStateResponse> observer) {
    Rpc.answerWaiting(
        observer,
        () -> {
          refresh.run(remaining(Duration.ofSeconds(30)));
          return RefreshStateResponse.getDefaultInstance();
        });
  }

  // --- schema ------------------------------------------------------------------------------

  @Override
  public void getSchema(GetSchemaRequest request, StreamObserver<GetSchemaResponse> observer) {
    Rpc.answer(
        observer,
        () ->
            GetSchemaResponse.newBuilder()
                .setSchemaDefinition(administration.schema(request))
                .build());
  }

  @Override
  public void applySchema(
      ApplySchemaRequest request, StreamObserver<ApplySchemaResponse> observer) {
    Rpc.answer(observer, () -> administration.apply(request, CallHeaders.fence()));
  }

  /** The schema is read when it is needed, so only the wait is left. */
  @Override
  public void reloadSchema(
      ReloadSchemaRequest request, StreamObserver<ReloadSchemaResponse> observer) {
    Rpc.answerWaiting(
        observer,
        () -> {
          if (!request.getWaitPosition().isEmpty()) {
            positions.await(request.getWaitPosition(), remaining(LONGEST_WAIT));
          }
          return ReloadSchemaResponse.getDefaultInstance();
        });
  }

  // --- statements --------------------------------------------------------------------------

  @Override
  public void executeQuery(
      ExecuteQueryRequest request, StreamObserver<ExecuteQueryResponse> observer) {
    Rpc.answer(
        observer,
        () ->
            ExecuteQueryResponse.newBuilder()
                .setResult(
                    executor.execute(
                        Query.BoundQuery.newBuilder().setSql(text(request.getQuery())).build(),
                        0,
                        Query.ExecuteOptions.newBuilder()
                            .setIncludedFields(Query.ExecuteOptions.IncludedFields.ALL)
                            .build()))
                .build());
  }

  @Override
  public void executeFetchAsDba(
      ExecuteFetchAsDbaRequest request, StreamObserver<ExecuteFetchAsDbaResponse> observer) {
    Rpc.answer(
        observer,
        () ->
            ExecuteFetchAsDbaResponse.newBuilder()
                .setResult(
                    fetch(
                        request.getQuery(),
                        new Administration.Settings(
                            request.getDbName(),
                            request.getMaxRows(),
                            request.getDisableBinlogs(),
                            request.getDisableForeignKeyChecks())))
                .build());
  }

  @Override
  public void executeMultiFetchAsDba(
      ExecuteMultiFetchAsDbaRequest request,
      StreamObserver<ExecuteMultiFetchAsDbaResponse> observer) {
    Rpc.answer(
        observer,
        () -> {
          ExecuteMultiFetchAsDbaResponse.Builder response =
              ExecuteMultiFetchAsDbaResponse.newBuilder();
          administration
              .fetchMulti(
                  text(request.getSql()),
                  new Administration.Settings(
                      request.getDbName(),
                      request.getMaxRows(),
                      request.getDisableBinlogs(),
                      request.getDisableForeignKeyChecks()),
                  CallHeaders.fence())
              .forEach(result -> response.addResults(QueryResults.encode(result)));
          return response.build();
        });
  }

  @Override
  public void executeFetchAsAllPrivs(
      ExecuteFetchAsAllPrivsRequest request,
      StreamObserver<ExecuteFetchAsAllPrivsResponse> observer) {
    Rpc.answer(
        observer,
        () ->
            ExecuteFetchAsAllPrivsResponse.newBuilder()
                .setResult(
                    fetch(
                        request.getQuery(),
                        new Administration.Settings(
                            request.getDbName(), request.getMaxRows(), false, false)))
                .build());
  }

  @Override
  public void executeFetchAsApp(
      ExecuteFetchAsAppRequest request, StreamObserver<ExecuteFetchAsAppResponse> observer) {
    Rpc.answer(
        observer,
        () ->
            ExecuteFetchAsAppResponse.newBuilder()
                .setResult(
                    fetch(
                        request.getQuery(),
                        new Administration.Settings("", request.getMaxRows(), false, false)))
                .build());
  }

  private Query.QueryResult fetch(ByteString query, Administration.Settings settings)
      throws InterruptedException {
    return QueryResults.encode(administration.fetch(text(query), settings, CallHeaders.fence()));
  }

  // --- positions and locks -----------------------------------------------------------------

  @Override
  public void primaryPosition(
      PrimaryPositionRequest request, StreamObserver<PrimaryPositionResponse> observer) {
    Rpc.answer(
        observer,
        () -> PrimaryPositionResponse.newBuilder().setPosition(positions.current()).build());
  }

  @Override
  public void waitForPosition(
      WaitForPositionRequest request, StreamObserver<WaitForPositionResponse> observer) {
    Rpc.answerWaiting(
        observer,
        () -> {
          positions.await(request.getPosition(), remaining(LONGEST_WAIT));
          return WaitForPositionResponse.getDefaultInstance();
        });
  }

  @Override
  public void setReadOnly(
      SetReadOnlyRequest request, StreamObserver<SetReadOnlyResponse> observer) {
    Rpc.answer(
        observer,
        () -> {
          administration.setReadOnly(true);
          return SetReadOnlyResponse.getDefaultInstance();
        });
  }

  @Override
  public void setReadWrite(
      SetReadWriteRequest request, StreamObserver<SetReadWriteResponse> observer) {
    Rpc.answer(
        observer,
        () -> {
          administration.setReadOnly(false);
          return SetReadWriteResponse.getDefaultInstance();
        });
  }

  @Override
  public void lockTables(LockTablesRequest request, StreamObserver<LockTablesResponse> observer) {
    Rpc.answer(
        observer,
        () -> {
          tableLock.lock();
          return LockTablesResponse.getDefaultInstance();
        });
  }

  @Override
  public void unlockTables(
      UnlockTablesRequest request, StreamObserver<UnlockTablesResponse> observer) {
    Rpc.answer(
        observer,
        () -> {
          tableLock.unlock();
          return UnlockTablesResponse.getDefaultInstance();
        });
  }

  // --- streams -----------------------------------------------------------------------------

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
          engine.waitForPosition(request.getId(), request.getPosition(), remaining(LONGEST_WAIT));
          return VReplicationWaitForPosResponse.getDefaultInstance();
        });
  }

  /** Vitess's answers to these calls have only the number of rows. */
  private static Query.QueryResult changed(QueryResult result) {
    return Query.QueryResult.newBuilder().setRowsAffected(result.affectedRows()).build();
  }

  private static String text(ByteString query) {
    return query.toStringUtf8();
  }

  private static Duration remaining(Duration longest) {
    Deadline deadline = Context.current().getDeadline();
    if (deadline == null) {
      return longest;
    }
    Duration left = Duration.ofNanos(Math.max(0, deadline.timeRemaining(TimeUnit.NANOSECONDS)));
    return left.compareTo(longest) < 0 ? left : longest;
  }

  /** The tablet that is served. */
  public TabletIdentity identity() {
    return identity;
  }

  @Override
  public void close() {
    tableLock.close();
  }
}
