package dev.shunt.tablet.vstreamer;

import binlogdata.Binlogdata.VStreamRowsResponse;
import com.google.protobuf.ByteString;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.RowCursor;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.StreamSink;
import dev.shunt.tablet.schema.ColumnSchema;
import dev.shunt.tablet.schema.ProtoRows;
import dev.shunt.tablet.schema.SchemaReader;
import dev.shunt.tablet.schema.SqlBuffer;
import dev.shunt.tablet.schema.TableSchema;
import dev.shunt.tabletclient.RowPacket;
import dev.shunt.workflow.sql.FilterSelect;
import dev.shunt.workflow.sql.OrderedSelect;
import io.grpc.Status;
import io.vitess.proto.Query;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads one table in key order from a snapshot whose position is known exactly. First a header with
 * fields, key fields and position, then packets of rows, each with the key of its last row.
 */
final class RowStream implements AutoCloseable {
  private static final long HEARTBEAT = Duration.ofSeconds(10).toNanos();

  private final String database;
  private final MysqlEndpoint endpoint;
  private final StreamRules rules;
  private final int packetBytes;
  private final @Nullable HeldSnapshot held;
  private volatile @Nullable MysqlConnection connection;

  /**
   * @param held the snapshot to read from; null for one of its own
   */
  RowStream(
      String database,
      MysqlEndpoint endpoint,
      StreamRules rules,
      int packetBytes,
      @Nullable HeldSnapshot held) {
    this.packetBytes = packetBytes;
    this.database = database;
    this.endpoint = endpoint;
    this.rules = rules;
    this.held = held;
  }

  /**
   * @param until the last key to send a row of; empty for no bound
   */
  void run(
      String query,
      Query.@Nullable QueryResult lastPk,
      Optional<Query.Row> until,
      StreamSink<RowPacket> sink)
      throws InterruptedException {
    OrderedSelect ordered = rules.parseOrdered(query);
    FilterSelect select = ordered.select();
    TableSchema table = schema(select.table());
    RowPlan plan = rules.plan(table, database, select);
    KeyOrder order = new KeyOrder(table);
    order.require(ordered.order());
    byte[] sql = select(table, plan, order, lastPk, until);
    try (SnapshotSession session = session(table.name())) {
      connection = session.connection();
      if (!table.uniqueKey()) {
        session.connection().execute(KeyOrder.settings());
      }
      VStreamRowsResponse.Builder header =
          VStreamRowsResponse.newBuilder()
              .addAllFields(plan.fields())
              .addAllPkfields(order.fields(database))
              .setGtid(session.position().encoded());
      until.ifPresent(header::setLastpk);
      sink.accept(RowPacket.of(header.build()));
      try (RowCursor rows = session.connection().stream(sql)) {
        new Packets(plan, order, packetBytes, sink).send(rows);
      } finally {
        connection = null; // the session is somebody else's next
      }
    }
  }

  private SnapshotSession session(String table) throws InterruptedException {
    return held == null
        ? SnapshotSession.of(endpoint.withDatabase(database), table)
        : held.session();
  }

  private TableSchema schema(String table) {
    try (MysqlConnection reading = MysqlConnection.open(endpoint)) {
      return new SchemaReader(reading).demand(database, table);
    }
  }

  private byte[] select(
      TableSchema table,
      RowPlan plan,
      KeyOrder order,
      Query.@Nullable QueryResult lastPk,
      Optional<Query.Row> until) {
    SqlBuffer sql = new SqlBuffer().append("SELECT ");
    for (int i = 0; i < table.columns().size(); i++) {
      ColumnSchema column = table.columns().get(i);
      String name = SqlText.identifier(column.name());
      sql.append(i == 0 ? "" : ", ");
      sql.append(column.floating() ? "CAST(" + name + " AS DOUBLE)" : name);
    }
    sql.append(" FROM ").append(SqlText.qualified(database, table.name()));
    if (table.uniqueKey()) {
      sql.append(" FORCE INDEX (").name(table.keyName()).append(')');
    }
    String glue = " WHERE ";
    for (String term : plan.pushedDown()) {
      sql.append(glue).append(term);
      glue = " AND ";
    }
    if (lastPk != null && lastPk.getRowsCount() > 0) {
      byte[] @Nullable [] last = key(table, order, lastPk.getRows(0));
      sql.append(glue);
      order.appendBehind(sql, last);
      glue = " AND ";
    }
    if (until.isPresent()) {
      if (!table.uniqueKey()) {
        throw new RpcException(
            Status.Code.INVALID_ARGUMENT,
            "table " + table.name() + " has no unique key and so no parts by its keys");
      }
      sql.append(glue);
      order.appendUpTo(sql, key(table, order, until.get()));
    }
    return sql.append(" ORDER BY ").append(order.orderBy()).toByteArray();
  }

  private static byte[] @Nullable [] key(TableSchema table, KeyOrder order, Query.Row row) {
    byte[] @Nullable [] key = ProtoRows.unpack(row);
    if (key.length != order.positions().length) {
      throw new RpcException(
          Status.Code.INVALID_ARGUMENT,
          "lastpk of table "
              + table.name()
              + " has "
              + key.length
              + " values, its key has "
              + order.positions().length);
    }
    return key;
  }

  @Override
  public void close() {
    MysqlConnection open = connection;
    if (open != null) {
      open.abort();
    }
  }

  /** Packs rows into messages; rows with one and the same key stay together. */
  private static final class Packets {
    private final RowPlan plan;
    private final boolean mayRepeat;
    private final StreamSink<RowPacket> sink;
    private final int[] projection;
    private final RowPacket.Writer packet;
    private final LastKey lastKey;
    private long lastSent = System.nanoTime();

    Packets(RowPlan plan, KeyOrder order, int packetBytes, StreamSink<RowPacket> sink) {
      this.plan = plan;
      this.mayRepeat = order.mayRepeat();
      this.sink = sink;
      this.projection = plan.projection().stream().mapToInt(Integer::intValue).toArray();
      this.packet = new RowPacket.Writer(packetBytes);
      this.lastKey = new LastKey(order);
    }

    void send(RowCursor rows) throws InterruptedException {
      while (rows.next()) {
        if (packet.isFull() && !(mayRepeat && lastKey.isOf(rows))) {
          flush();
        }
        if (plan.filter() == RowFilter.ALL || plan.filter().test(rows.row().values())) {
          packet.row(rows.buffer(), projection, rows.offsets(), rows.lengths());
        }
        lastKey.take(rows);
        heartbeat();
      }
      flush();
    }

    private void flush() throws InterruptedException {
      if (packet.rows() > 0) {
        sink.accept(packet.packet(lastKey.row()));
        lastSent = System.nanoTime();
      }
    }

    private void heartbeat() throws InterruptedException {
      if (System.nanoTime() - lastSent > HEARTBEAT) {
        sink.accept(RowPacket.of(VStreamRowsResponse.newBuilder().setHeartbeat(true).build()));
        lastSent = System.nanoTime();
      }
    }
  }

  /** The key of the row that was read last, which the cursor has left already. */
  private static final class LastKey {
    private final int[] columns;
    private final int[] counted;
    private final boolean[] floating;
    private final int[] lengths;
    private byte[] bytes = new byte[64];

    LastKey(KeyOrder order) {
      this.columns = order.positions();
      this.counted = order.counted();
      this.floating = order.floating();
      this.lengths = new int[columns.length];
    }

    /** 1 for a zero below zero, which counts as zero; else 0. */
    private int sign(RowCursor rows, int i) {
      int from = rows.offset(columns[i]);
      boolean negativeZero =
          floating[i]
              && rows.length(columns[i]) == 2
              && rows.buffer()[from] == '-'
              && rows.buffer()[from + 1] == '0';
      return negativeZero ? 1 : 0;
    }

    void take(RowCursor rows) {
      int at = 0;
      for (int i = 0; i < columns.length; i++) {
        int sign = sign(rows, i);
        int length = Math.min(rows.length(columns[i]), counted[i]) - sign;
        lengths[i] = length;
        if (length > 0) {
          if (bytes.length - at < length) {
            bytes = Arrays.copyOf(bytes, 2 * (at + length));
          }
          System.arraycopy(rows.buffer(), rows.offset(columns[i]) + sign, bytes, at, length);
          at += length;
        }
      }
    }

    boolean isOf(RowCursor rows) {
      int at = 0;
      for (int i = 0; i < columns.length; i++) {
        int sign = sign(rows, i);
        int length = Math.min(rows.length(columns[i]), counted[i]) - sign;
        int from = rows.offset(columns[i]) + sign;
        int bytesOf = Math.max(length, 0);
        if (length != lengths[i]
            || !Arrays.equals(rows.buffer(), from, from + bytesOf, bytes, at, at + bytesOf)) {
          return false;
        }
        at += bytesOf;
      }
      return true;
    }

    Query.Row row() {
      Query.Row.Builder row = Query.Row.newBuilder();
      int size = 0;
      for (int length : lengths) {
        row.addLengths(length);
        size += Math.max(length, 0);
      }
      return row.setValues(ByteString.copyFrom(bytes, 0, size)).build();
    }
  }
}
