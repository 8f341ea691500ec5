package dev.shunt.tablet.vreplication.stream;

import binlogdata.Binlogdata.BinlogSource;
import dev.shunt.mysql.Column;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.Position;
import dev.shunt.mysql.QueryResult;
import dev.shunt.mysql.SqlText;
import dev.shunt.schemas.StreamState;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.TabletIdentity;
import dev.shunt.tablet.database.StoredPosition;
import dev.shunt.tablet.database.StreamNotes;
import dev.shunt.tablet.database.VReplicationLog;
import dev.shunt.workflow.streams.TextProto;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Puts streams from other shards in the place of some that are there. All of it is part of the
 * connection's transaction.
 */
public final class RedirectTable {
  private static final String ID = "id";

  private final String streams;
  private final String database;
  private final StreamTable table;
  private final StreamNotes notes;

  /** Changes rows of a tablet's streams. */
  public RedirectTable(TabletIdentity tablet, StreamTable table) {
    this.streams = SqlText.qualified(tablet.sidecar(), "vreplication");
    this.database = tablet.database();
    this.table = table;
    this.notes = new StreamNotes(tablet.sidecar(), tablet.database());
  }

  /** Where a stream is to begin. */
  public record Beginning(String keyspace, String shard, Position position) {}

  /**
   * Inserts a running stream for each beginning, like the first of those that it takes the place of
   * but for source and position, and deletes these. Rows that were copied count on for the first.
   *
   * @param old streams that are held, of one workflow
   * @param why for the streams' log
   * @return ids of the new streams
   * @throws RpcException ABORTED when an old one is not there, FAILED_PRECONDITION when one is
   *     still to copy rows
   */
  public List<Integer> replace(
      MysqlConnection connection, List<StreamRow> old, List<Beginning> beginnings, String why) {
    for (StreamRow one : old) {
      if (table.copies().isUnfinished(connection, one.id())) {
        throw new RpcException(
            Status.Code.FAILED_PRECONDITION, "the copy of stream " + one.id() + " is not finished");
      }
    }
    List<Integer> created = new ArrayList<>();
    long rowsCopied = old.stream().mapToLong(StreamRow::rowsCopied).sum();
    for (Beginning beginning : beginnings) {
      created.add(
          insert(connection, old.getFirst(), beginning, created.isEmpty() ? rowsCopied : 0));
    }
    List<Integer> before = old.stream().map(StreamRow::id).toList();
    String from = ids(before);
    created.forEach(id -> table.chosen().inherit(connection, before, id));
    created.forEach(id ->
        log(connection, id, VReplicationLog.Type.MESSAGE, why + ": goes on for stream(s) " + from));
    delete(connection, old, why + ": goes on as stream(s) " + ids(created));
    return created;
  }

  private int insert(
      MysqlConnection connection, StreamRow like, Beginning beginning, long rowsCopied) {
    BinlogSource source =
        like.source().toBuilder()
            .setKeyspace(beginning.keyspace())
            .setShard(beginning.shard())
            .build();
    Map<String, String> changed = new HashMap<>();
    changed.put("source", SqlText.literal(TextProto.print(source)));
    changed.put("pos", StoredPosition.literal(beginning.position().encoded()));
    changed.put("stop_pos", "''");
    changed.put("state", SqlText.literal(StreamState.RUNNING.text()));
    changed.put("message", "''");
    changed.put("time_updated", "UNIX_TIMESTAMP()");
    changed.put("rows_copied", String.valueOf(rowsCopied));
    List<String> columns =
        connection.execute("SELECT * FROM " + streams + own(like.id())).columns().stream()
            .map(Column::name)
            .filter(name -> !name.equalsIgnoreCase(ID))
            .toList();
    QueryResult inserted =
        connection.execute(
            "INSERT INTO "
                + streams
                + " ("
                + columns.stream().map(SqlText::identifier).collect(Collectors.joining(", "))
                + ") SELECT "
                + columns.stream()
                    .map(name ->
                        changed.getOrDefault(
                            name.toLowerCase(Locale.ROOT), SqlText.identifier(name)))
                    .collect(Collectors.joining(", "))
                + " FROM "
                + streams
                + own(like.id()));
    if (inserted.affectedRows() != 1) {
      throw StreamTable.gone(like.id());
    }
    int id = Math.toIntExact(inserted.insertId());
    log(
        connection,
        id,
        VReplicationLog.Type.STREAM_CREATED,
        VReplicationLog.describe(connection.execute("SELECT * FROM " + streams + own(id))));
    return id;
  }

  private void delete(MysqlConnection connection, List<StreamRow> old, String message) {
    List<Integer> ids = old.stream().map(StreamRow::id).toList();
    for (StreamRow one : old) {
      table.log(connection, one.id(), VReplicationLog.Type.STREAM_DELETED, one.state(), message);
      if (connection.execute("DELETE FROM " + streams + own(one.id())).affectedRows() != 1) {
        throw StreamTable.gone(one.id());
      }
    }
    notes.forget(connection, ids);
  }

  private void log(MysqlConnection connection, int id, VReplicationLog.Type type, String message) {
    table.log(connection, id, type, StreamState.RUNNING, message);
  }

  private String own(int id) {
    return " WHERE id = " + id + " AND db_name = " + SqlText.literal(database);
  }

  private static String ids(List<Integer> ids) {
    return ids.stream().map(String::valueOf).collect(Collectors.joining(", "));
  }
}
