package dev.shunt.tablet.manager;

import dev.shunt.mysql.Flavor;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.QueryResult;
import dev.shunt.mysql.Row;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.TabletException;
import dev.shunt.tablet.TabletIdentity;
import dev.shunt.tablet.Throttler;
import dev.shunt.tablet.database.ConnectionPool;
import dev.shunt.tablet.rpc.Rpc;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import replicationdata.Replicationdata;
import tabletmanagerdata.Tabletmanagerdata.*;
import tabletmanagerservice.TabletManagerGrpc;

/** The calls that tell how the server and its throttler are. */
final class StatusCalls extends TabletManagerGrpc.TabletManagerImplBase {
  private static final int SYNTAX_ERROR = 1064;

  private final TabletIdentity identity;
  private final ConnectionPool pool;
  private final Positions positions;
  private final Throttler throttler;

  StatusCalls(
      TabletIdentity identity, ConnectionPool pool, Positions positions, Throttler throttler) {
    this.identity = identity;
    this.pool = pool;
    this.positions = positions;
    this.throttler = throttler;
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

  @Override
  public void primaryStatus(
      PrimaryStatusRequest request, StreamObserver<PrimaryStatusResponse> observer) {
    Rpc.answer(
        observer,
        () -> {
          Replicationdata.PrimaryStatus.Builder status =
              Replicationdata.PrimaryStatus.newBuilder().setPosition(positions.current());
          try (ConnectionPool.Lease lease = pool.borrow()) {
            MysqlConnection connection = lease.connection();
            List<Row> logs = binaryLog(connection).rows();
            if (!logs.isEmpty()) {
              status.setFilePosition(
                  "FilePos/" + logs.getFirst().text(0) + ":" + logs.getFirst().text(1));
            }
            if (connection.flavor() == Flavor.MYSQL) {
              status.setServerUuid(connection.execute("SELECT @@server_uuid").only().text(0));
            }
          }
          return PrimaryStatusResponse.newBuilder().setStatus(status).build();
        });
  }

  private static QueryResult binaryLog(MysqlConnection connection) {
    if (connection.flavor() == Flavor.MYSQL) {
      try {
        return connection.execute("SHOW BINARY LOG STATUS");
      } catch (MysqlException e) {
        if (e.errno() != SYNTAX_ERROR) {
          throw e;
        }
      }
    }
    return connection.execute("SHOW MASTER STATUS");
  }

  @Override
  public void replicationStatus(
      ReplicationStatusRequest request, StreamObserver<ReplicationStatusResponse> observer) {
    Rpc.answer(
        observer,
        () -> {
          try (ConnectionPool.Lease lease = pool.borrow()) {
            MysqlConnection connection = lease.connection();
            QueryResult result =
                connection.execute(
                    connection.flavor() == Flavor.MYSQL
                        ? "SHOW REPLICA STATUS"
                        : "SHOW SLAVE STATUS");
            if (result.rows().isEmpty()) {
              throw new TabletException(
                  Status.Code.FAILED_PRECONDITION,
                  "no replication status: the server of tablet "
                      + identity.aliasText()
                      + " is no replica");
            }
            return ReplicationStatusResponse.newBuilder()
                .setStatus(ReplicaStatus.read(result).toBuilder().setPosition(positions.current()))
                .build();
          }
        });
  }

  // --- throttler ---------------------------------------------------------------------------

  @Override
  public void checkThrottler(
      CheckThrottlerRequest request, StreamObserver<CheckThrottlerResponse> observer) {
    Rpc.answer(
        observer,
        () -> {
          CheckThrottlerResponse.Builder response =
              CheckThrottlerResponse.newBuilder()
                  .setAppName(request.getAppName())
                  .setResponseCode(CheckThrottlerResponseCode.OK);
          for (Throttler.Measure measure : throttler.measures()) {
            CheckThrottlerResponseCode code =
                !measure.error().isEmpty()
                    ? CheckThrottlerResponseCode.INTERNAL_ERROR
                    : measure.exceeded()
                        ? CheckThrottlerResponseCode.THRESHOLD_EXCEEDED
                        : CheckThrottlerResponseCode.OK;
            response.putMetrics(
                measure.name(),
                CheckThrottlerResponse.Metric.newBuilder()
                    .setName(measure.name())
                    .setValue(measure.value())
                    .setThreshold(measure.threshold())
                    .setError(measure.error())
                    .setScope("self")
                    .setResponseCode(code)
                    .build());
            boolean first = response.getResponseCode() == CheckThrottlerResponseCode.OK;
            if (first) {
              response
                  .setValue(measure.value())
                  .setThreshold(measure.threshold())
                  .setError(measure.error())
                  .setResponseCode(code)
                  .setSummary(code == CheckThrottlerResponseCode.OK ? "" : measure.reason());
            }
          }
          return response.build();
        });
  }

  @Override
  public void getThrottlerStatus(
      GetThrottlerStatusRequest request, StreamObserver<GetThrottlerStatusResponse> observer) {
    Rpc.answer(
        observer,
        () -> {
          GetThrottlerStatusResponse.Builder response =
              GetThrottlerStatusResponse.newBuilder()
                  .setTabletAlias(identity.aliasText())
                  .setKeyspace(identity.keyspace())
                  .setShard(identity.shard())
                  .setIsOpen(true)
                  .setIsEnabled(throttler.enabled());
          for (Throttler.Measure measure : throttler.measures()) {
            response.putMetricThresholds(measure.name(), measure.threshold());
            response.putAggregatedMetrics(
                "self/" + measure.name(),
                GetThrottlerStatusResponse.MetricResult.newBuilder()
                    .setValue(measure.value())
                    .setError(measure.error())
                    .build());
          }
          return response.build();
        });
  }
}
