package dev.shunt.tablet.vstreamer;

import binlogdata.Binlogdata.VStreamRowsResponse;
import com.google.protobuf.UnsafeByteOperations;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.RowCursor;
import dev.shunt.mysql.Snapshot;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.StreamSink;
import dev.shunt.tablet.TabletException;
import dev.shunt.workflow.sql.FilterSelect;
import io.grpc.Status;
import io.vitess.proto.Query;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
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
  private volatile @Nullable MysqlConnection connection;

  RowStream(String database, MysqlEndpoint endpoint, StreamRules rules, int packetBytes) {
    this.packetBytes = packetBytes;
    this.database = database;
    this.endpoint = endpoint;
    this.rules = rules;
  }

  void run(String query, Query.@Nullable QueryResult lastPk, StreamSink<VStreamRowsResponse> sink)
      throws InterruptedException {
    FilterSelect select = rules.parse(query);
    TableSchema table = schema(select.table());
    RowPlan plan = rules.plan(table, database, select);
    KeyOrder order = new KeyOrder(table);
    byte[] sql = select(table, plan, order, lastPk);
    try (Snapshot snapshot =
        Snapshot.open(endpoint.withDatabase(database), List.of(table.name()))) {
      connection = snapshot.connection();
      if (!table.uniqueKey()) {
        // The usual 1024 bytes would leave longer values unordered.
        snapshot.connection().execute("SET SESSION max_sort_length=8388608");
      }
      sink.accept(
          VStreamRowsResponse.newBuilder()
              .addAllFields(plan.fields())
              .addAllPkfields(order.fields(database))
              .setGtid(snapshot.position().encoded())
              .build());
      try (RowCursor rows = snapshot.connection().stream(sql)) {
        new Packets(plan, order, packetBytes, sink).send(rows);
      }
    }
  }

  private TableSchema schema(String table) {
    try (MysqlConnection reading = MysqlConnection.open(endpoint)) {
      return new SchemaReader(reading)
          .read(database, table)
          .orElseThrow(() ->
              new TabletException(
                  Status.Code.FAILED_PRECONDITION,
                  "unknown table " + table + " in schema of database " + database));
    }
  }

  private byte[] select(
      TableSchema table, RowPlan plan, KeyOrder order, Query.@Nullable QueryResult lastPk) {
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
      byte @Nullable [][] last = ProtoRows.unpack(lastPk.getRows(0));
      if (last.length != order.positions().length) {
        throw new TabletException(
            Status.Code.INVALID_ARGUMENT,
            "lastpk of table "
                + table.name()
                + " has "
                + last.length
                + " values, its key has "
                + order.positions().length);
      }
      sql.append(glue);
      order.appendBehind(sql, last);
    }
    return sql.append(" ORDER BY ").append(order.orderBy()).toByteArray();
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
    private final int packetBytes;
    private final RowPlan plan;
    private final int[] key;
    private final boolean mayRepeat;
    private final StreamSink<VStreamRowsResponse> sink;
    private final int[] projection;
    private VStreamRowsResponse.Builder packet = VStreamRowsResponse.newBuilder();
    private int bytes;
    private byte @Nullable [][] lastKey = {};
    private long lastSent = System.nanoTime();

    Packets(RowPlan plan, KeyOrder order, int packetBytes, StreamSink<VStreamRowsResponse> sink) {
      this.packetBytes = packetBytes;
      this.plan = plan;
      this.key = order.positions();
      this.mayRepeat = order.mayRepeat();
      this.sink = sink;
      this.projection = plan.projection().stream().mapToInt(Integer::intValue).toArray();
    }

    void send(RowCursor rows) throws InterruptedException {
      while (rows.next()) {
        if (bytes >= packetBytes && !(mayRepeat && Arrays.deepEquals(lastKey, key(rows)))) {
          flush();
        }
        if (plan.filter() == RowFilter.ALL || plan.filter().test(rows.row().values())) {
          packet.addRows(row(rows));
          bytes += rows.rowBytes();
        }
        lastKey = key(rows);
        heartbeat();
      }
      flush();
    }

    private void flush() throws InterruptedException {
      if (packet.getRowsCount() > 0) {
        VStreamRowsResponse message = packet.setLastpk(ProtoRows.pack(lastKey)).build();
        packet = VStreamRowsResponse.newBuilder();
        bytes = 0;
        sink.accept(message);
        lastSent = System.nanoTime();
      }
    }

    private void heartbeat() throws InterruptedException {
      if (System.nanoTime() - lastSent > HEARTBEAT) {
        sink.accept(VStreamRowsResponse.newBuilder().setHeartbeat(true).build());
        lastSent = System.nanoTime();
      }
    }

    private byte @Nullable [][] key(RowCursor rows) {
      byte @Nullable [][] cells = new byte @Nullable [key.length][];
      for (int i = 0; i < key.length; i++) {
        cells[i] = rows.bytes(key[i]);
      }
      return cells;
    }

    private Query.Row row(RowCursor rows) {
      int size = 0;
      for (int column : projection) {
        size += Math.max(0, rows.length(column));
      }
      byte[] values = new byte[size];
      Query.Row.Builder row = Query.Row.newBuilder();
      int at = 0;
      for (int column : projection) {
        int length = rows.length(column);
        row.addLengths(length);
        if (length > 0) {
          System.arraycopy(rows.buffer(), rows.offset(column), values, at, length);
          at += length;
        }
      }
      return row.setValues(UnsafeByteOperations.unsafeWrap(values)).build();
    }
  }
}
