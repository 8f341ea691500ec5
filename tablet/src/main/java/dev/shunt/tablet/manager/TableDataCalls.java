package dev.shunt.tablet.manager;

import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.QueryResult;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.TabletIdentity;
import dev.shunt.tablet.Throttler;
import dev.shunt.tablet.rpc.CallHeaders;
import dev.shunt.tablet.rpc.Rpc;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import tabletmanagerdata.Tabletmanagerdata.*;
import tabletmanagerservice.TabletManagerGrpc;

/**
 * The calls that delete rows of a workflow's tables, and those that keep sequences ahead of them.
 */
final class TableDataCalls extends TabletManagerGrpc.TabletManagerImplBase {
  private static final int NO_SUCH_TABLE = 1146;
  private static final int DEFAULT_BATCH = 1000;
  private static final int SEQUENCE_CACHE = 1000;
  private static final long LOOK_AGAIN_MILLIS = 250;
  private static final Pattern ESCAPED = Pattern.compile("`([^`]|``)+`");
  private static final Pattern WHERE = Pattern.compile("(?i)^\\s*where\\s+");
  private static final Administration.Settings SETTINGS =
      new Administration.Settings("", -1, false, false);

  private final TabletIdentity identity;
  private final Administration administration;
  private final Throttler throttler;

  TableDataCalls(TabletIdentity identity, Administration administration, Throttler throttler) {
    this.identity = identity;
    this.administration = administration;
    this.throttler = throttler;
  }

  /** In batches, and only while the server is not too busy. */
  @Override
  public void deleteTableData(
      DeleteTableDataRequest request, StreamObserver<DeleteTableDataResponse> observer) {
    Rpc.answerWaiting(
        observer,
        () -> {
          if (request.getTableFiltersCount() == 0) {
            throw refuse("no tables to delete data from");
          }
          long batch = request.getBatchSize() > 0 ? request.getBatchSize() : DEFAULT_BATCH;
          for (Map.Entry<String, String> table :
              new TreeMap<>(request.getTableFiltersMap()).entrySet()) {
            delete(table.getKey(), table.getValue(), batch);
          }
          return DeleteTableDataResponse.getDefaultInstance();
        });
  }

  private void delete(String table, String filter, long batch) throws InterruptedException {
    String condition = WHERE.matcher(filter).replaceFirst("").trim();
    if (condition.isEmpty()) {
      throw refuse("no filter for table " + table + ": all of its rows would go");
    }
    String sql =
        "DELETE FROM "
            + SqlText.qualified(identity.database(), table)
            + " WHERE ("
            + condition
            + ") LIMIT "
            + batch;
    QueryResult result;
    do {
      while (throttler.reason().isPresent()) {
        TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN_MILLIS);
      }
      result = administration.fetch(sql, SETTINGS, CallHeaders.fence());
    } while (result.affectedRows() > 0);
  }

  @Override
  public void getMaxValueForSequences(
      GetMaxValueForSequencesRequest request,
      StreamObserver<GetMaxValueForSequencesResponse> observer) {
    Rpc.answer(
        observer,
        () -> {
          GetMaxValueForSequencesResponse.Builder response =
              GetMaxValueForSequencesResponse.newBuilder();
          for (var sequence : request.getSequencesList()) {
            String sql =
                "SELECT MAX("
                    + escaped(sequence.getUsingColEscaped())
                    + ") FROM "
                    + escaped(sequence.getUsingTableDbNameEscaped())
                    + "."
                    + escaped(sequence.getUsingTableNameEscaped());
            String most =
                administration.fetch(sql, SETTINGS, CallHeaders.fence()).only().textOrNull(0);
            response.putMaxValuesBySequenceTable(
                sequence.getBackingTableName(), most == null ? 0 : Long.parseLong(most));
          }
          return response.build();
        });
  }

  private static String escaped(String name) {
    if (!ESCAPED.matcher(name).matches()) {
      throw refuse("a name must stand in back quotes: " + name);
    }
    return name;
  }

  @Override
  public void updateSequenceTables(
      UpdateSequenceTablesRequest request, StreamObserver<UpdateSequenceTablesResponse> observer) {
    Rpc.answer(
        observer,
        () -> {
          for (var sequence : request.getSequencesList()) {
            String database =
                sequence.getBackingTableDbName().isEmpty()
                    ? identity.database()
                    : sequence.getBackingTableDbName();
            raise(
                SqlText.qualified(database, sequence.getBackingTableName()),
                Math.addExact(sequence.getMaxValue(), 1));
          }
          return UpdateSequenceTablesResponse.getDefaultInstance();
        });
  }

  /** The next value never goes back. */
  private void raise(String table, long next) throws InterruptedException {
    String sql =
        "INSERT INTO %s (id, next_id, cache) VALUES (0, %d, %d) ON DUPLICATE KEY UPDATE next_id = GREATEST(next_id, %d)"
            .formatted(table, next, SEQUENCE_CACHE, next);
    try {
      var unused = administration.fetch(sql, SETTINGS, CallHeaders.fence());
    } catch (MysqlException e) {
      if (e.errno() != NO_SUCH_TABLE) {
        throw e;
      }
      var unusedTable =
          administration.fetch(
              "CREATE TABLE IF NOT EXISTS "
                  + table
                  + " (id INT, next_id BIGINT, cache BIGINT, PRIMARY KEY (id))"
                  + " COMMENT 'vitess_sequence'",
              SETTINGS,
              CallHeaders.fence());
      var unused = administration.fetch(sql, SETTINGS, CallHeaders.fence());
    }
  }

  /** This tablet keeps no values of sequences in memory, so there is nothing to forget. */
  @Override
  public void resetSequences(
      ResetSequencesRequest request, StreamObserver<ResetSequencesResponse> observer) {
    Rpc.answer(observer, ResetSequencesResponse::getDefaultInstance);
  }

  private static RpcException refuse(String message) {
    return new RpcException(Status.Code.INVALID_ARGUMENT, message);
  }
}
