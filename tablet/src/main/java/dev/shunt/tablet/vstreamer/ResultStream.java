package dev.shunt.tablet.vstreamer;

import binlogdata.Binlogdata.VStreamResultsResponse;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.QueryResult;
import dev.shunt.mysql.Row;
import dev.shunt.mysql.RowCursor;
import dev.shunt.mysql.Snapshot;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.StreamSink;
import dev.shunt.tablet.query.QueryResults;
import dev.shunt.workflow.sql.SqlException;
import dev.shunt.workflow.sql.SqlParser;
import dev.shunt.workflow.sql.SqlStatement;
import dev.shunt.workflow.sql.StatementKind;
import dev.shunt.workflow.sql.TableName;
import io.grpc.Status;
import io.vitess.proto.Query;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The result of a query, read from a snapshot of its tables whose position is known exactly. */
final class ResultStream implements AutoCloseable {
  private final String database;
  private final MysqlEndpoint endpoint;
  private final SqlParser parser;
  private final int packetBytes;
  private volatile @Nullable MysqlConnection connection;

  ResultStream(String database, MysqlEndpoint endpoint, SqlParser parser, int packetBytes) {
    this.database = database;
    this.endpoint = endpoint;
    this.parser = parser;
    this.packetBytes = packetBytes;
  }

  void run(String query, StreamSink<VStreamResultsResponse> sink) throws InterruptedException {
    try (Snapshot snapshot = Snapshot.open(endpoint.withDatabase(database), tables(query))) {
      connection = snapshot.connection();
      try (RowCursor rows = snapshot.connection().stream(query)) {
        sink.accept(
            VStreamResultsResponse.newBuilder()
                .addAllFields(encode(rows, List.of()).getFieldsList())
                .setGtid(snapshot.position().encoded())
                .build());
        List<Row> packet = new ArrayList<>();
        long bytes = 0;
        while (rows.next()) {
          Row row = rows.row();
          packet.add(row);
          for (int i = 0; i < row.size(); i++) {
            byte[] cell = row.bytes(i);
            bytes += cell == null ? 1 : cell.length;
          }
          if (bytes >= packetBytes) {
            send(rows, packet, sink);
            bytes = 0;
          }
        }
        if (!packet.isEmpty()) {
          send(rows, packet, sink);
        }
      }
    }
  }

  private static void send(
      RowCursor rows, List<Row> packet, StreamSink<VStreamResultsResponse> sink)
      throws InterruptedException {
    sink.accept(
        VStreamResultsResponse.newBuilder().addAllRows(encode(rows, packet).getRowsList()).build());
    packet.clear();
  }

  private static Query.QueryResult encode(RowCursor rows, List<Row> packet) {
    return QueryResults.encode(new QueryResult(rows.columns(), packet, 0, 0, 0, ""));
  }

  private List<String> tables(String query) {
    try {
      if (parser.kind(query) == StatementKind.SELECT
          && parser.parse(query) instanceof SqlStatement.Select select) {
        return select.tables().stream().map(TableName::name).distinct().toList();
      }
    } catch (SqlException e) {
      throw new RpcException(Status.Code.INVALID_ARGUMENT, String.valueOf(e.getMessage()), e);
    }
    throw new RpcException(Status.Code.INVALID_ARGUMENT, "only a SELECT can be streamed");
  }

  @Override
  public void close() {
    MysqlConnection open = connection;
    if (open != null) {
      open.abort();
    }
  }
}
