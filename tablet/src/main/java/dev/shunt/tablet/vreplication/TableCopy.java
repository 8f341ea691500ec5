package dev.shunt.tablet.vreplication;

import binlogdata.Binlogdata;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.Position;
import dev.shunt.tablet.TabletException;
import dev.shunt.tablet.vstreamer.ProtoRows;
import dev.shunt.tablet.vstreamer.SqlBuffer;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.tabletclient.TabletStream;
import io.grpc.Status;
import io.vitess.proto.Query;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Copies one table from a snapshot of the source, packet by packet: the rows of a packet and the
 * key of its last row are committed together, so that a copy that was cut off goes on behind it.
 */
final class TableCopy {
  private static final Duration CONFLICT_PAUSE = Duration.ofMillis(50);

  private final StreamContext stream;
  private final MysqlConnection connection;
  private final TargetTables tables;
  private final String table;
  private final boolean resumed;

  TableCopy(
      StreamContext stream,
      MysqlConnection connection,
      TargetTables tables,
      String table,
      boolean resumed) {
    this.stream = stream;
    this.connection = connection;
    this.tables = tables;
    this.table = table;
    this.resumed = resumed;
  }

  /** Brings the tables copied so far to the position of the snapshot; false to give up. */
  @FunctionalInterface
  interface FastForward {
    boolean to(Position snapshot) throws InterruptedException;
  }

  /**
   * Copies what is missing.
   *
   * @param lastPk where an earlier copy ended
   * @return whether the table is complete; false when the controller was asked to end
   */
  boolean copy(
      TabletClient source,
      String query,
      Optional<Query.QueryResult> lastPk,
      FastForward fastForward)
      throws InterruptedException {
    Binlogdata.VStreamRowsRequest.Builder request =
        Binlogdata.VStreamRowsRequest.newBuilder().setTarget(source.target()).setQuery(query);
    lastPk.ifPresent(request::setLastpk);
    try (TabletStream<Binlogdata.VStreamRowsResponse> rows = source.vStreamRows(request.build())) {
      Binlogdata.VStreamRowsResponse header = header(rows);
      if (header == null || !fastForward.to(Position.parse(header.getGtid()))) {
        return false;
      }
      connection.execute("SET SESSION foreign_key_checks = 0");
      TargetTable plan = tables.plan(table, header.getFieldsList());
      while (rows.hasNext()) {
        if (stream.asked().getAsBoolean()) {
          return false;
        }
        Binlogdata.VStreamRowsResponse packet = rows.next();
        if (packet.getRowsCount() > 0) {
          write(plan, packet, header);
        }
      }
    }
    stream.table().endTable(connection, stream.id(), table);
    stream.board().tell(stream.id());
    return true;
  }

  private Binlogdata.@Nullable VStreamRowsResponse header(
      TabletStream<Binlogdata.VStreamRowsResponse> rows) {
    while (rows.hasNext()) {
      Binlogdata.VStreamRowsResponse response = rows.next();
      if (!response.getGtid().isEmpty()) {
        return response;
      }
      if (stream.asked().getAsBoolean()) {
        return null;
      }
    }
    throw new TabletException(
        Status.Code.UNAVAILABLE, "the source ended its stream of rows of " + table + " at once");
  }

  private void write(
      TargetTable plan,
      Binlogdata.VStreamRowsResponse packet,
      Binlogdata.VStreamRowsResponse header)
      throws InterruptedException {
    SqlBuffer sql = new SqlBuffer().append("BEGIN;");
    plan.appendInsertHead(sql, resumed && plan.unique());
    for (int i = 0; i < packet.getRowsCount(); i++) {
      if (i > 0) {
        sql.append(',');
      }
      plan.appendRow(sql, ProtoRows.unpack(packet.getRows(i)));
    }
    Query.QueryResult lastPk =
        Query.QueryResult.newBuilder()
            .addAllFields(header.getPkfieldsList())
            .addRows(packet.getLastpk())
            .build();
    sql.append(';')
        .append(stream.table().saveLastPk(stream.id(), table, lastPk, packet.getRowsCount()))
        .append(";COMMIT".getBytes(StandardCharsets.US_ASCII));
    byte[] statements = sql.toByteArray();
    while (true) {
      try {
        connection.executeMulti(statements);
        break;
      } catch (MysqlException e) {
        if (!TerminalErrors.isLockConflict(e)) {
          throw e;
        }
        connection.execute("ROLLBACK");
        Thread.sleep(CONFLICT_PAUSE);
      }
    }
    stream.board().tell(stream.id());
  }
}
