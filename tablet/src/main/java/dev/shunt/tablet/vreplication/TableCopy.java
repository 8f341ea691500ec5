package dev.shunt.tablet.vreplication;

import binlogdata.Binlogdata;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.Position;
import dev.shunt.tablet.TabletException;
import dev.shunt.tabletclient.RowPacket;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.tabletclient.TabletStream;
import io.grpc.Status;
import io.vitess.proto.Query;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Copies one table from a snapshot of the source: opens it, brings the tables copied so far to its
 * position, and has its rows written; see {@link CopyWriter}.
 */
final class TableCopy {
  /**
   * A snapshot held longer than this keeps too much history on the source; the copy then goes on
   * from a new one. Vitess's default as well.
   */
  private static final Duration CYCLE = Duration.ofHours(1);

  private final StreamContext stream;
  private final MysqlConnection connection;
  private final TargetTables tables;
  private final String table;
  private final boolean resumed;
  private final boolean deferKeys;
  private final SecondaryKeys keys;

  /**
   * @param resumed whether rows of the table were copied before
   * @param deferKeys whether secondary keys may be added after the rows
   */
  TableCopy(
      StreamContext stream,
      MysqlConnection connection,
      TargetTables tables,
      String table,
      boolean resumed,
      boolean deferKeys) {
    this.stream = stream;
    this.connection = connection;
    this.tables = tables;
    this.table = table;
    this.resumed = resumed;
    this.deferKeys = deferKeys;
    this.keys = new SecondaryKeys(stream, connection);
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
   * @return whether the table is complete; false when the controller was asked to end, or when the
   *     rest is to be copied from a new snapshot
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
    try (TabletStream<RowPacket> rows = source.vStreamRows(request.build())) {
      Binlogdata.VStreamRowsResponse header = header(rows);
      if (header == null || !fastForward.to(Position.parse(header.getGtid()))) {
        return false;
      }
      if (!write(rows, header)) {
        return false;
      }
    }
    keys.putBack(table);
    stream.table().endTable(connection, stream.id(), table);
    stream.board().tell(stream.id());
    return true;
  }

  /** Whether all rows are written; false when the controller was asked to end or time is up. */
  private boolean write(TabletStream<RowPacket> rows, Binlogdata.VStreamRowsResponse header)
      throws InterruptedException {
    long end = System.nanoTime() + CYCLE.toNanos();
    try (CopyWriter writer = writer(header)) {
      while (rows.hasNext()) {
        if (stream.asked().getAsBoolean()) {
          return false;
        }
        RowPacket packet = rows.next();
        if (packet.head().getThrottled()) {
          stream.pace().show("rowstreamer", packet.head().getThrottledReason());
        }
        if (packet.rows() > 0) {
          stream.pace().await("vcopier", stream.asked());
          writer.write(packet);
        }
        if (System.nanoTime() - end > 0) {
          writer.finish();
          return false;
        }
      }
      writer.finish();
      return true;
    }
  }

  private CopyWriter writer(Binlogdata.VStreamRowsResponse header) {
    TargetTable plan = tables.plan(table, header.getFieldsList());
    boolean replace = resumed && plan.unique() && !plan.merges();
    long noted = stream.table().newestNote(connection, stream.id(), table);
    if (!plan.loadable() || !ChunkLoader.isPossible(connection)) {
      connection.execute("SET SESSION foreign_key_checks = 0");
      return new InsertingWriter(
          stream, connection, plan, header.getPkfieldsList(), replace, noted);
    }
    // Rows that replace others lock more than themselves, so they are loaded one chunk at a time.
    ChunkLoader loader =
        new ChunkLoader(
            stream,
            connection.endpoint(),
            plan,
            replace,
            noted,
            replace ? () -> 1 : stream.tuning()::writers);
    Runnable takeOff =
        deferKeys && plan.unique() && !resumed ? () -> keys.takeOff(table) : () -> {};
    return new LoadingWriter(plan, header.getPkfieldsList(), loader, takeOff);
  }

  private Binlogdata.@Nullable VStreamRowsResponse header(TabletStream<RowPacket> rows) {
    while (rows.hasNext()) {
      Binlogdata.VStreamRowsResponse head = rows.next().head();
      if (!head.getGtid().isEmpty()) {
        return head;
      }
      if (stream.asked().getAsBoolean()) {
        return null;
      }
    }
    throw new TabletException(
        Status.Code.UNAVAILABLE, "the source ended its stream of rows of " + table + " at once");
  }
}
