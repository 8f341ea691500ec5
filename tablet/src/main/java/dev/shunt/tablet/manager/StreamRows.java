package dev.shunt.tablet.manager;

import binlogdata.Binlogdata.BinlogSource;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.QueryResult;
import dev.shunt.mysql.Row;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.database.StoredProto;
import dev.shunt.tablet.database.StreamNotes;
import dev.shunt.tablet.database.VReplicationLog;
import dev.shunt.tablet.sql.SidecarStatement;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Changes rows of {@code _vt.vreplication} and writes that into the streams' log. */
final class StreamRows {
  static final String TABLE = "vreplication";

  private final String sidecar;
  private final String database;
  private final VReplicationLog log;
  private final StreamNotes notes;

  /**
   * @param database whose streams these are; others of the same sidecar are another tablet's
   */
  StreamRows(String sidecar, String database) {
    this.sidecar = sidecar;
    this.database = database;
    this.log = new VReplicationLog(sidecar);
    this.notes = new StreamNotes(sidecar, database);
  }

  private record StateAndMessage(String state, String message) {}

  /** Ids of the streams that an UPDATE or DELETE is about. */
  Set<Integer> matching(MysqlConnection connection, SidecarStatement statement) {
    if (!statement.table().equals(TABLE)) {
      return Set.of();
    }
    return switch (statement) {
      case SidecarStatement.Update update -> where(connection, update.where());
      case SidecarStatement.Delete delete -> where(connection, delete.where());
      case SidecarStatement.Select ignored -> Set.of();
      case SidecarStatement.Insert ignored -> Set.of();
    };
  }

  private Set<Integer> where(MysqlConnection connection, @Nullable String condition) {
    return ids(connection.execute("SELECT id FROM " + table(TABLE) + own(condition)));
  }

  private String own(@Nullable String condition) {
    String own = " WHERE db_name = " + SqlText.literal(database);
    return condition == null ? own : own + " AND (" + condition + ")";
  }

  /**
   * State and message of those of some streams that a condition still holds for, now that they
   * don't run; locked.
   *
   * @param all whether that must be all of them
   * @throws RpcException ABORTED when they are not
   */
  private Map<Integer, StateAndMessage> still(
      MysqlConnection connection, @Nullable String condition, Set<Integer> ids, boolean all) {
    Map<Integer, StateAndMessage> still = states(connection, own(condition) + " FOR UPDATE");
    still.keySet().retainAll(ids);
    if (all && still.size() < ids.size()) {
      throw changedMeanwhile();
    }
    return still;
  }

  private static RpcException changedMeanwhile() {
    return new RpcException(
        Status.Code.ABORTED, "a stream was changed by somebody else at the same time; try again");
  }

  private static Set<Integer> ids(QueryResult result) {
    return result.rows().stream()
        .map(row -> Math.toIntExact(row.number(0)))
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /**
   * @param touched gets the ids of the new streams
   * @param check refuses what streams are to read; not asked of those that can't be parsed, which
   *     fail when they run
   */
  QueryResult insert(
      MysqlConnection connection,
      SidecarStatement.Insert insert,
      Set<Integer> touched,
      Consumer<List<BinlogSource>> check) {
    QueryResult result = connection.execute(insert.sql());
    if (result.insertId() <= 0 || result.insertId() > Integer.MAX_VALUE) {
      throw new RpcException(
          Status.Code.INTERNAL, "insert failed to generate an id that fits: " + result.insertId());
    }
    // No other call inserts streams of this database, so what is of it from the first generated
    // id on is of this statement.
    QueryResult inserted =
        connection.execute(
            "SELECT t.id, t.state, t.source, t.* FROM "
                + table(TABLE)
                + " t"
                + own("id >= " + result.insertId())
                + " ORDER BY id");
    Set<Integer> created = ids(inserted);
    if (created.size() != result.affectedRows()) {
      throw new RpcException(
          Status.Code.INVALID_ARGUMENT,
          "streams of this tablet have db_name " + database + "; none was inserted");
    }
    log.write(
        connection,
        inserted.rows().stream()
            .map(row ->
                new VReplicationLog.Entry(
                    Math.toIntExact(row.number(0)),
                    VReplicationLog.Type.STREAM_CREATED,
                    row.text(1),
                    VReplicationLog.describe(inserted.columns(), row)))
            .toList());
    touched.addAll(created);
    check.accept(readable(inserted, 2));
    return result;
  }

  /**
   * @param matched the streams that it was about before they were stopped
   * @param all whether it must still be about all of them
   */
  QueryResult update(
      MysqlConnection connection,
      SidecarStatement.Update update,
      Set<Integer> matched,
      boolean all) {
    if (matched.isEmpty()) {
      if (all) { // what the caller read is not so any more
        throw changedMeanwhile();
      }
      return nothing();
    }
    Map<Integer, StateAndMessage> before = still(connection, update.where(), matched, all);
    if (before.isEmpty()) {
      return nothing();
    }
    Set<Integer> ids = before.keySet();
    QueryResult result = connection.execute(update.head() + " WHERE " + in("id", ids));
    List<VReplicationLog.Entry> entries = new ArrayList<>();
    states(connection, own(in("id", ids)))
        .forEach((id, now) -> entries.add(updated(id, before.getOrDefault(id, now), now)));
    log.write(connection, entries);
    return result;
  }

  private static VReplicationLog.Entry updated(int id, StateAndMessage old, StateAndMessage now) {
    if (!now.state.equals(old.state)) {
      return new VReplicationLog.Entry(
          id, VReplicationLog.Type.STATE_CHANGED, now.state, now.message);
    }
    if (!now.message.equals(old.message) && !now.message.isEmpty()) {
      return new VReplicationLog.Entry(id, VReplicationLog.Type.MESSAGE, now.state, now.message);
    }
    return new VReplicationLog.Entry(id, VReplicationLog.Type.STREAM_UPDATED, now.state, "");
  }

  /**
   * @param matched the streams that it was about before they were stopped
   */
  QueryResult delete(
      MysqlConnection connection, SidecarStatement.Delete delete, Set<Integer> matched) {
    if (matched.isEmpty()) {
      return nothing();
    }
    Map<Integer, StateAndMessage> last = still(connection, delete.where(), matched, false);
    if (last.isEmpty()) {
      return nothing();
    }
    Set<Integer> ids = last.keySet();
    List<VReplicationLog.Entry> entries = new ArrayList<>();
    last.forEach((id, now) ->
        entries.add(
            new VReplicationLog.Entry(id, VReplicationLog.Type.STREAM_DELETED, now.state, "")));
    log.write(connection, entries);
    List<String> statements = new ArrayList<>();
    statements.add("DELETE FROM " + table(TABLE) + " WHERE " + in("id", ids));
    statements.addAll(notes.forgetting(ids));
    return connection.executeMulti(String.join(";", statements)).getFirst();
  }

  /** What streams read, of each that can be parsed; others fail when they run. */
  List<BinlogSource> sources(MysqlConnection connection, Set<Integer> ids) {
    if (ids.isEmpty()) {
      return List.of();
    }
    String sql = "SELECT source FROM " + table(TABLE) + " WHERE " + in("id", ids);
    return readable(connection.execute(sql), 0);
  }

  private static List<BinlogSource> readable(QueryResult streams, int column) {
    return streams.rows().stream().flatMap(row -> readable(row.text(column)).stream()).toList();
  }

  private static Optional<BinlogSource> readable(String source) {
    try {
      return Optional.of(StoredProto.parse(source, BinlogSource.getDefaultInstance()));
    } catch (RpcException _) {
      return Optional.empty();
    }
  }

  /** State and message of streams that are there. */
  private Map<Integer, StateAndMessage> states(MysqlConnection connection, String which) {
    Map<Integer, StateAndMessage> states = new LinkedHashMap<>();
    String sql = "SELECT id, state, message FROM " + table(TABLE) + which;
    for (Row row : connection.execute(sql).rows()) {
      String message = row.textOrNull(2);
      states.put(
          Math.toIntExact(row.number(0)),
          new StateAndMessage(row.text(1), message == null ? "" : message));
    }
    return states;
  }

  private static QueryResult nothing() {
    return new QueryResult(List.of(), List.of(), 0, 0, 0, "");
  }

  private static String in(String column, Set<Integer> ids) {
    return column
        + " IN ("
        + ids.stream().sorted().map(String::valueOf).collect(Collectors.joining(", "))
        + ")";
  }

  private String table(String name) {
    return SqlText.qualified(sidecar, name);
  }
}
