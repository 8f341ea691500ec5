package dev.shunt.tablet.vreplication.stream;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.QueryResult;
import dev.shunt.mysql.Row;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.TabletIdentity;
import dev.shunt.tablet.database.StoredPosition;
import dev.shunt.tablet.database.StoredProto;
import dev.shunt.workflow.streams.TextProto;
import io.vitess.proto.Query;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes how far the copies of streams have come: for a table that is copied in one piece
 * in Vitess's {@code copy_state}, for one that is cut in {@code shunt_copy_part}, while it stands
 * in {@code copy_state} as not begun. What is written is part of the connection's transaction.
 */
public final class CopyTable {
  private final String streams;
  private final String copyState;
  private final String parts;
  private final String postCopy;
  private final String database;
  private final CopyClaims claims;

  /** Those of a tablet's sidecar database. */
  public CopyTable(TabletIdentity tablet) {
    this.claims = new CopyClaims(tablet);
    this.streams = SqlText.qualified(tablet.sidecar(), "vreplication");
    this.copyState = SqlText.qualified(tablet.sidecar(), "copy_state");
    this.parts = SqlText.qualified(tablet.sidecar(), "shunt_copy_part");
    this.postCopy = SqlText.qualified(tablet.sidecar(), "post_copy_action");
    this.database = tablet.database();
  }

  /** Attempts at copies, and what these stand on. */
  public CopyClaims claims() {
    return claims;
  }

  /** Whether the copy of a stream has not ended. */
  public boolean isUnfinished(MysqlConnection connection, int id) {
    return !connection
        .execute("SELECT 1 FROM " + copyState + " WHERE vrepl_id = " + id + " LIMIT 1")
        .rows()
        .isEmpty();
  }

  /**
   * Begins an attempt at what is left of a stream's copy. What earlier attempts have under way is
   * waited for.
   *
   * @throws RpcException ABORTED when the stream is gone
   */
  public StreamCopyState claim(MysqlConnection connection, int id) {
    connection.execute("BEGIN");
    // Nothing is read without a lock before this: what is read next is of the same moment.
    List<Row> stream =
        connection.execute("SELECT pos FROM " + streams + own(id) + " FOR UPDATE").rows();
    if (stream.isEmpty()) {
      throw StreamTable.gone(id);
    }
    String attempt = claims.take(connection, id);
    StreamCopyState state =
        new StreamCopyState(
            id,
            attempt,
            claims.presenting(id, attempt),
            StoredPosition.read(stream.getFirst().bytes(0)),
            remarked(connection, id),
            claims.bases(connection, id));
    connection.execute("COMMIT");
    return state;
  }

  private String own(int id) {
    return " WHERE id = " + id + " AND db_name = " + SqlText.literal(database);
  }

  /**
   * Tables whose copy has not ended, in the order of their names. Their notes get new marks: also a
   * process that knows nothing of attempts then finds the note gone that it would follow.
   */
  private List<TableProgress> remarked(MysqlConnection connection, int id) {
    Map<String, @Nullable String> lastKeys = new TreeMap<>();
    for (Row row :
        connection
            .execute(
                "SELECT table_name, lastpk FROM "
                    + copyState
                    + " WHERE vrepl_id = "
                    + id
                    + " ORDER BY id FOR UPDATE")
            .rows()) {
      lastKeys.put(row.text(0), row.textOrNull(1));
    }
    if (lastKeys.isEmpty()) {
      return List.of();
    }
    connection.execute("UPDATE " + parts + " SET notes = notes + 1 WHERE vrepl_id = " + id);
    connection.execute("DELETE FROM " + copyState + " WHERE vrepl_id = " + id);
    insert(connection, id, lastKeys);
    Map<String, List<CopyPart>> cut = cut(connection, id);
    List<TableProgress> tables = new ArrayList<>();
    for (Row row :
        connection
            .execute(
                "SELECT table_name, id FROM "
                    + copyState
                    + " WHERE vrepl_id = "
                    + id
                    + " ORDER BY table_name")
            .rows()) {
      Optional<Query.QueryResult> last =
          Optional.ofNullable(lastKeys.get(row.text(0))).map(CopyTable::key);
      List<CopyPart> whole = List.of(CopyPart.whole(last, row.number(1)));
      tables.add(new TableProgress(row.text(0), cut.getOrDefault(row.text(0), whole)));
    }
    return tables;
  }

  private void insert(MysqlConnection connection, int id, Map<String, @Nullable String> lastKeys) {
    List<String> rows = new ArrayList<>();
    lastKeys.forEach((table, last) ->
        rows.add(
            "("
                + id
                + ", "
                + SqlText.literal(table)
                + ", "
                + (last == null ? "NULL" : SqlText.literal(last))
                + ")"));
    connection.execute(
        "INSERT INTO "
            + copyState
            + " (vrepl_id, table_name, lastpk) VALUES "
            + String.join(", ", rows));
  }

  private Map<String, List<CopyPart>> cut(MysqlConnection connection, int id) {
    Map<String, List<CopyPart>> cut = new LinkedHashMap<>();
    for (Row row :
        connection
            .execute(
                "SELECT table_name, part, from_value, below_value, after_key, until_key, lastpk,"
                    + " done, notes FROM "
                    + parts
                    + " WHERE vrepl_id = "
                    + id
                    + " ORDER BY table_name, part")
            .rows()) {
      cut.computeIfAbsent(row.text(0), table -> new ArrayList<>())
          .add(
              new CopyPart(
                  (int) row.number(1),
                  bounds(row),
                  key(row.text(6)),
                  row.number(7) != 0,
                  row.number(8)));
    }
    return cut;
  }

  private static PartBounds bounds(Row row) {
    return row.isNull(4) && row.isNull(5)
        ? new PartBounds.Numbers(bound(row.textOrNull(2)), bound(row.textOrNull(3)))
        : new PartBounds.Keys(keyBound(row.textOrNull(4)), keyBound(row.textOrNull(5)));
  }

  private static Optional<Query.Row> keyBound(@Nullable String text) {
    return Optional.ofNullable(text).map(key -> key(key).getRows(0));
  }

  private static @Nullable BigInteger bound(@Nullable String value) {
    return value == null ? null : new BigInteger(value);
  }

  private static Query.QueryResult key(String text) {
    return StoredProto.parse(text, Query.QueryResult.getDefaultInstance());
  }

  /** Notes the tables to be copied. */
  void begin(MysqlConnection connection, int id, List<String> tables) {
    Map<String, @Nullable String> nothing = new LinkedHashMap<>();
    tables.forEach(table -> nothing.put(table, null));
    insert(connection, id, nothing);
  }

  /** Tables whose copy has not ended, as they are at the moment. */
  public List<String> unfinished(MysqlConnection connection, int id) {
    return connection
        .execute(
            "SELECT DISTINCT table_name FROM "
                + copyState
                + " WHERE vrepl_id = "
                + id
                + " ORDER BY table_name")
        .rows()
        .stream()
        .map(row -> row.text(0))
        .toList();
  }

  /** Forgets all about the copy of a table that has not begun. */
  void forget(MysqlConnection connection, int id, String table) {
    for (String from : List.of(copyState, parts, postCopy, claims.bases())) {
      connection.execute("DELETE FROM " + from + of(id, table));
    }
  }

  /**
   * Cuts a table whose copy has not begun.
   *
   * @param keyFields the source's key
   * @param bounds of all parts, in order
   */
  public TableProgress cut(
      MysqlConnection connection,
      StreamCopyState state,
      String table,
      List<Query.Field> keyFields,
      List<PartBounds> bounds) {
    Query.QueryResult key = Query.QueryResult.newBuilder().addAllFields(keyFields).build();
    List<CopyPart> cut = new ArrayList<>();
    List<String> rows = new ArrayList<>();
    for (int i = 0; i < bounds.size(); i++) {
      cut.add(new CopyPart(i + 1, bounds.get(i), key, false, 0));
      rows.add(
          "(%d, %s, %d, %s, %s)"
              .formatted(
                  state.stream(),
                  SqlText.literal(table),
                  i + 1,
                  literals(bounds.get(i)),
                  SqlText.literal(TextProto.print(key))));
    }
    presenting(
        connection,
        state,
        () ->
            connection.execute(
                "INSERT INTO "
                    + parts
                    + " (vrepl_id, table_name, part, from_value, below_value, after_key, until_key,"
                    + " lastpk) VALUES "
                    + String.join(", ", rows)));
    return new TableProgress(table, cut);
  }

  private static String literals(PartBounds bounds) {
    return switch (bounds) {
      case PartBounds.Numbers numbers ->
          "%s, %s, NULL, NULL".formatted(numbers.first(), numbers.below());
      case PartBounds.Keys keys ->
          "NULL, NULL, %s, %s".formatted(literal(keys.after()), literal(keys.until()));
    };
  }

  private static String literal(Optional<Query.Row> key) {
    return key.map(row -> literal(List.of(), row)).orElse("NULL");
  }

  /** Forgets how a table was cut none of whose rows is copied. */
  public void uncut(MysqlConnection connection, StreamCopyState state, TableProgress table) {
    presenting(
        connection,
        state,
        () ->
            demand(
                state,
                connection.execute("DELETE FROM " + parts + of(state.stream(), table.table())),
                table.parts().size()));
  }

  /** Writes something in a transaction of its own, if the attempt is the latest. */
  public void presenting(MysqlConnection connection, StreamCopyState state, Runnable write) {
    connection.execute("BEGIN");
    try {
      claims.demand(connection, state);
      write.run();
      connection.execute("COMMIT");
    } catch (RuntimeException | Error e) {
      if (!connection.isClosed()) {
        connection.execute("ROLLBACK");
      }
      throw e;
    }
  }

  private static void demand(StreamCopyState state, QueryResult result, int rows) {
    if (result.affectedRows() != rows) {
      throw CopyClaims.overtaken(state.stream());
    }
  }

  /** Notes for a part of a table. */
  public CopyNotes notes(
      StreamCopyState state, String table, CopyPart part, List<Query.Field> keyFields) {
    return part.number() == CopyPart.WHOLE
        ? new WholeNotes(state, table, part, keyFields)
        : new PartNotes(state, table, part, keyFields);
  }

  /**
   * Notes that all rows of a part are copied.
   *
   * @param mark of the part's last note
   */
  public void endPart(
      MysqlConnection connection, StreamCopyState state, String table, CopyPart part, long mark) {
    if (part.number() == CopyPart.WHOLE) {
      return;
    }
    presenting(
        connection,
        state,
        () ->
            demand(
                state,
                connection.execute(
                    "UPDATE "
                        + parts
                        + " SET done = 1"
                        + of(state.stream(), table)
                        + " AND part = "
                        + part.number()
                        + " AND notes = "
                        + mark),
                1));
  }

  /** Forgets everything about the copy of a table: it has ended. */
  public void endTable(MysqlConnection connection, StreamCopyState state, TableProgress table) {
    String all = of(state.stream(), table.table());
    presenting(
        connection,
        state,
        () -> {
          for (String from : List.of(postCopy, claims.bases())) {
            connection.execute("DELETE FROM " + from + all);
          }
          demand(
              state,
              connection.execute("DELETE FROM " + parts + all + " AND done = 1"),
              table.isCut() ? table.parts().size() : 0);
          if (connection.execute("DELETE FROM " + copyState + all).affectedRows() == 0) {
            throw CopyClaims.overtaken(state.stream());
          }
        });
  }

  /** Whether another stream has still to copy into a table of this database. */
  public boolean othersCopy(MysqlConnection connection, int id, String table) {
    return !connection
        .execute(
            "SELECT 1 FROM "
                + copyState
                + " WHERE table_name = "
                + SqlText.literal(table)
                + " AND vrepl_id IN (SELECT id FROM "
                + streams
                + " WHERE db_name = "
                + SqlText.literal(database)
                + " AND id <> "
                + id
                + ") LIMIT 1")
        .rows()
        .isEmpty();
  }

  private static String of(int id, String table) {
    return " WHERE vrepl_id = " + id + " AND table_name = " + SqlText.literal(table);
  }

  private String counted(int id, long addedRows) {
    return "UPDATE "
        + streams
        + " SET rows_copied = rows_copied + "
        + addedRows
        + ", time_updated = UNIX_TIMESTAMP()"
        + own(id);
  }

  private static String literal(List<Query.Field> keyFields, Query.Row lastKey) {
    return SqlText.literal(
        TextProto.print(
            Query.QueryResult.newBuilder().addAllFields(keyFields).addRows(lastKey).build()));
  }

  private static void demandOne(StreamCopyState state, QueryResult result) {
    demand(state, result, 1);
  }

  /** A note is a row, as Vitess's tablets write it; its mark is the row's id. */
  private final class WholeNotes implements CopyNotes {
    private final StreamCopyState state;
    private final String table;
    private final CopyPart part;
    private final List<Query.Field> keyFields;

    WholeNotes(StreamCopyState state, String table, CopyPart part, List<Query.Field> keyFields) {
      this.state = state;
      this.table = table;
      this.part = part;
      this.keyFields = keyFields;
    }

    @Override
    public long first() {
      return part.mark();
    }

    @Override
    public byte[] statements(long before, Query.Row lastKey, long addedRows) {
      return (state.presenting()
              + ";DELETE FROM "
              + copyState
              + " WHERE id = "
              + before
              + ";INSERT INTO "
              + copyState
              + " (vrepl_id, table_name, lastpk) VALUES ("
              + state.stream()
              + ", "
              + SqlText.literal(table)
              + ", "
              + literal(keyFields, lastKey)
              + ");"
              + counted(state.stream(), addedRows))
          .getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public long noted(long before, List<QueryResult> results) {
      demandOne(state, results.get(0));
      demandOne(state, results.get(1));
      if (results.get(3).affectedRows() != 1) {
        throw StreamTable.gone(state.stream());
      }
      return results.get(2).insertId();
    }
  }

  /** A part has one row, which counts its notes; a note's mark is its number. */
  private final class PartNotes implements CopyNotes {
    private final StreamCopyState state;
    private final String table;
    private final CopyPart part;
    private final List<Query.Field> keyFields;

    PartNotes(StreamCopyState state, String table, CopyPart part, List<Query.Field> keyFields) {
      this.state = state;
      this.table = table;
      this.part = part;
      this.keyFields = keyFields;
    }

    @Override
    public long first() {
      return part.mark();
    }

    @Override
    public byte[] statements(long before, Query.Row lastKey, long addedRows) {
      return (state.presenting()
              + ";UPDATE "
              + parts
              + " SET notes = notes + 1, lastpk = "
              + literal(keyFields, lastKey)
              + of(state.stream(), table)
              + " AND part = "
              + part.number()
              + " AND done = 0 AND notes = "
              + before
              + ";"
              + counted(state.stream(), addedRows))
          .getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public long noted(long before, List<QueryResult> results) {
      demandOne(state, results.get(0));
      demandOne(state, results.get(1));
      if (results.get(2).affectedRows() != 1) {
        throw StreamTable.gone(state.stream());
      }
      return before + 1;
    }
  }
}
