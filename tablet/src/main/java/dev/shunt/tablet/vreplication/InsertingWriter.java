package dev.shunt.tablet.vreplication;

import binlogdata.Binlogdata;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.QueryResult;
import dev.shunt.tablet.vstreamer.ProtoRows;
import dev.shunt.tablet.vstreamer.SqlBuffer;
import dev.shunt.tabletclient.RowPacket;
import io.vitess.proto.Query;
import java.util.List;

/**
 * Inserts packet by packet; for servers that refuse LOAD DATA LOCAL, and for tables whose columns
 * are worked out or whose rows come together.
 */
final class InsertingWriter implements CopyWriter {
  private final StreamContext stream;
  private final MysqlConnection connection;
  private final TargetTable plan;
  private final List<Query.Field> keyFields;
  private final boolean replace;
  private long noted;

  /**
   * @param connection stays the caller's to close
   * @param keyFields fields of the keys that packets end with
   * @param replace whether rows may be there already
   * @param noted id of the newest note of where the copy of this table is
   */
  InsertingWriter(
      StreamContext stream,
      MysqlConnection connection,
      TargetTable plan,
      List<Query.Field> keyFields,
      boolean replace,
      long noted) {
    this.stream = stream;
    this.connection = connection;
    this.plan = plan;
    this.keyFields = List.copyOf(keyFields);
    this.replace = replace;
    this.noted = noted;
  }

  @Override
  public void write(RowPacket rows) throws InterruptedException {
    Binlogdata.VStreamRowsResponse packet = rows.toMessage();
    SqlBuffer sql = new SqlBuffer().append("BEGIN;");
    plan.appendInsertHead(sql, replace);
    for (int i = 0; i < packet.getRowsCount(); i++) {
      if (i > 0) {
        sql.append(',');
      }
      plan.appendRow(sql, ProtoRows.unpack(packet.getRows(i)));
    }
    plan.appendInsertTail(sql);
    Query.QueryResult lastPk =
        Query.QueryResult.newBuilder().addAllFields(keyFields).addRows(packet.getLastpk()).build();
    sql.append(';')
        .append(
            stream
                .table()
                .saveLastPk(stream.id(), plan.name(), noted, lastPk, packet.getRowsCount()));
    byte[] statements = sql.toByteArray();
    noted =
        LockConflicts.retry(
            connection,
            () -> {
              // BEGIN, the rows, and then what the note consists of.
              List<QueryResult> results = connection.executeMulti(statements);
              long note = StreamTable.noted(plan.name(), results.subList(2, results.size()));
              connection.execute("COMMIT");
              return note;
            });
    stream.board().tell(stream.id());
  }

  @Override
  public void finish() {}

  @Override
  public void close() {}
}
