package dev.shunt.tablet.manager;

import com.google.protobuf.ByteString;
import dev.shunt.tablet.query.QueryExecutor;
import dev.shunt.tablet.query.QueryResults;
import dev.shunt.tablet.rpc.CallHeaders;
import dev.shunt.tablet.rpc.Rpc;
import io.grpc.stub.StreamObserver;
import io.vitess.proto.Query;
import tabletmanagerdata.Tabletmanagerdata.*;
import tabletmanagerservice.TabletManagerGrpc;

/** The calls that run statements, and those about the schema. */
final class StatementCalls extends TabletManagerGrpc.TabletManagerImplBase {
  private final Administration administration;
  private final QueryExecutor executor;
  private final ServerPosition position;

  StatementCalls(Administration administration, QueryExecutor executor, ServerPosition position) {
    this.administration = administration;
    this.executor = executor;
    this.position = position;
  }

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

  @Override
  public void preflightSchema(
      PreflightSchemaRequest request, StreamObserver<PreflightSchemaResponse> observer) {
    Rpc.answer(
        observer,
        () ->
            PreflightSchemaResponse.newBuilder()
                .addAllChangeResults(administration.preflight(request.getChangesList()))
                .build());
  }

  /** The schema is read when it is needed, so only the wait is left. */
  @Override
  public void reloadSchema(
      ReloadSchemaRequest request, StreamObserver<ReloadSchemaResponse> observer) {
    Rpc.answerWaiting(
        observer,
        () -> {
          if (!request.getWaitPosition().isEmpty()) {
            position.await(request.getWaitPosition(), CallTime.remaining());
          }
          return ReloadSchemaResponse.getDefaultInstance();
        });
  }

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

  private static String text(ByteString query) {
    return query.toStringUtf8();
  }
}
