package dev.shunt.tablet.vreplication.copying;

import binlogdata.Binlogdata;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.tablet.schema.ProtoRows;
import dev.shunt.tablet.schema.SqlBuffer;
import dev.shunt.tablet.vreplication.stream.CopyNotes;
import dev.shunt.tablet.vreplication.stream.LockConflictRetry;
import dev.shunt.tablet.vreplication.stream.StreamContext;
import dev.shunt.tablet.vreplication.writing.PacketLimit;
import dev.shunt.tablet.vreplication.writing.RowInserts;
import dev.shunt.tablet.vreplication.writing.TableStamp;
import dev.shunt.tablet.vreplication.writing.TargetTable;
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
  private final boolean replace;
  private final CopyNotes notes;
  private final PacketLimit limit;
  private long noted;

  /**
   * @param connection stays the caller's
   * @param replace whether rows may be there already
   * @param notes where it is noted how far this is
   */
  InsertingWriter(
      StreamContext stream,
      MysqlConnection connection,
      TargetTable plan,
      boolean replace,
      CopyNotes notes) {
    this.stream = stream;
    this.connection = connection;
    this.plan = plan;
    this.replace = replace;
    this.notes = notes;
    this.limit = PacketLimit.of(connection);
    this.noted = notes.first();
  }

  @Override
  public void write(RowPacket rows) throws InterruptedException {
    Binlogdata.VStreamRowsResponse packet = rows.toMessage();
    SqlBuffer sql = new SqlBuffer().append("BEGIN");
    List<TableStamp> stamps = TableStamp.of(List.of(plan));
    TableStamp.appendGuards(sql, stamps);
    RowInserts inserts =
        new RowInserts(
            sql, plan, replace ? RowInserts.Existing.REPLACED : RowInserts.Existing.REFUSED, limit);
    for (Query.Row row : packet.getRowsList()) {
      inserts.add(ProtoRows.unpack(row));
      if (stream.tuning().rowByRow()) {
        inserts.end();
      }
    }
    inserts.end();
    TableStamp.appendTo(sql, stamps);
    byte[] note = notes.statements(noted, packet.getLastpk(), packet.getRowsCount());
    LockConflictRetry conflicts =
        new LockConflictRetry(
            stream, connection, () -> "rows can't be copied into table " + plan.name());
    noted =
        conflicts.retry(() -> {
          TableStamp.demandSame(stamps, limit.run(connection, sql));
          long newest = notes.noted(noted, connection.executeMulti(note));
          connection.execute("COMMIT");
          return newest;
        });
    conflicts.clear();
    stream.board().notifyListeners(stream.id());
  }

  @Override
  public long finish() {
    return noted;
  }
}
