package dev.shunt.tablet.manager;

import dev.shunt.mysql.Row;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.database.ConnectionPool;
import dev.shunt.tablet.rpc.Rpc;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import tabletmanagerdata.Tabletmanagerdata.*;
import tabletmanagerservice.TabletManagerGrpc;

/** The calls that say how the server is and who may use it. */
final class StatusCalls extends TabletManagerGrpc.TabletManagerImplBase {
  private final ConnectionPool pool;

  StatusCalls(ConnectionPool pool) {
    this.pool = pool;
  }

  @Override
  public void sleep(SleepRequest request, StreamObserver<SleepResponse> observer) {
    Rpc.answerWaiting(
        observer,
        () -> {
          TimeUnit.NANOSECONDS.sleep(request.getDuration());
          return SleepResponse.getDefaultInstance();
        });
  }

  @Override
  public void getPermissions(
      GetPermissionsRequest request, StreamObserver<GetPermissionsResponse> observer) {
    Rpc.answer(
        observer,
        () -> {
          try (ConnectionPool.Lease lease = pool.borrow()) {
            return GetPermissionsResponse.newBuilder()
                .setPermissions(Permissions.read(lease.connection()))
                .build();
          }
        });
  }

  @Override
  public void getGlobalStatusVars(
      GetGlobalStatusVarsRequest request, StreamObserver<GetGlobalStatusVarsResponse> observer) {
    Rpc.answer(
        observer,
        () -> {
          String names =
              request.getVariablesList().stream()
                  .map(SqlText::literal)
                  .collect(Collectors.joining(", "));
          String sql =
              "SHOW GLOBAL STATUS"
                  + (names.isEmpty() ? "" : " WHERE Variable_name IN (" + names + ")");
          GetGlobalStatusVarsResponse.Builder response = GetGlobalStatusVarsResponse.newBuilder();
          try (ConnectionPool.Lease lease = pool.borrow()) {
            for (Row row : lease.connection().execute(sql).rows()) {
              response.putStatusValues(row.text(0), row.text(1));
            }
          }
          return response.build();
        });
  }

  /** This tablet prepares no transactions, so none is unresolved. */
  @Override
  public void getUnresolvedTransactions(
      GetUnresolvedTransactionsRequest request,
      StreamObserver<GetUnresolvedTransactionsResponse> observer) {
    Rpc.answer(observer, GetUnresolvedTransactionsResponse::getDefaultInstance);
  }
}
