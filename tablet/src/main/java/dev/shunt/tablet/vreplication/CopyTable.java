package dev.shunt.tablet.vreplication;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.QueryResult;
import dev.shunt.mysql.Row;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.TabletException;
import dev.shunt.tablet.TabletIdentity;
import dev.shunt.tablet.database.TextProto;
import io.grpc.Status;
import io.vitess.proto.Query;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes how far the copies of streams have come: for a table that is copied in one piece
 * in Vitess's {@code copy_state}, for one that is cut in {@code shunt_copy_part}, while it stands
 * in {@code copy_state} as not begun. What is written is part of the connection's transaction.
 */
final class CopyTable {
  private final String streams;
  private final String copyState;
  private final String parts;
  private final String postCopy;
  private final String database;

  CopyTable(TabletIdentity tablet) {
    this.streams = SqlText.qualified(tablet.sidecar(), "vreplication");
    this.copyState = SqlText.qualified(tablet.sidecar(), "copy_state");
    this.parts = SqlText.qualified(tablet.sidecar(), "shunt_copy_part");
    this.postCopy = SqlText.qualified(tablet.sidecar(), "post_copy_action");
    this.database = tablet.database();
  }

  /** Tables whose copy has not ended, in the order of their names. */
  List<TableProgress> unfinished(MysqlConnection connection, int id) {
    Map<String, List<CopyPart>> cut = cut(connection, id);
    List<TableProgress> tables = new ArrayList<>();
    List<Row> rows =
        connection
            .execute(
                "SELECT table_name, lastpk FROM "
                    + copyState
                    + " WHERE id IN (SELECT MAX(id) FROM "
                    + copyState
                    + " WHERE vrepl_id = "
                    + id
                    + " GROUP BY table_name) ORDER BY table_name")
            .rows();
    for (Row row : rows) {
      @Nullable String lastPk = row.textOrNull(1);
      List<CopyPart> whole =
          List.of(CopyPart.whole(Optional.ofNullable(lastPk).map(CopyTable::key)));
      tables.add(new TableProgress(row.text(0), cut.getOrDefault(row.text(0), whole)));
    }
    return tables;
  }

  private Map<String, List<CopyPart>> cut(MysqlConnection connection, int id) {
    Map<String, List<CopyPart>> cut = new LinkedHashMap<>();
    for (Row row :
        connection
            .execute(
                "SELECT table_name, part, from_value, below_value, lastpk, done FROM "
                    + parts
                    + " WHERE vrepl_id = "
                    + id
                    + " ORDER BY table_name, part")
            .rows()) {
      cut.computeIfAbsent(row.text(0), table -> new ArrayList<>())
          .add(
              new CopyPart(
                  (int) row.number(1),
                  bound(row.textOrNull(2)),
                  bound(row.textOrNull(3)),
                  key(row.text(4)),
                  row.number(5) != 0));
    }
    return cut;
  }

  private static @Nullable BigInteger bound(@Nullable String value) {
    return value == null ? null : new BigInteger(value);
  }

  private static Query.QueryResult key(String text) {
    return TextProto.parse(text, Query.QueryResult.newBuilder()).build();
  }

  /** Notes the tables to be copied. */
  void begin(MysqlConnection connection, int id, List<String> tables) {
    List<String> rows = new ArrayList<>();
    tables.forEach(table -> rows.add("(" + id + ", " + SqlText.literal(table) + ", NULL)"));
    connection.execute(
        "INSERT INTO "
            + copyState
            + " (vrepl_id, table_name, lastpk) VALUES "
            + String.join(", ", rows));
  }

  /**
   * Cuts a table whose copy has not begun.
   *
   * @param keyFields the source's key
   * @param starts values of its first column with which the second part and each further one begins
   */
  TableProgress cut(
      MysqlConnection connection,
      int id,
      String table,
      List<Query.Field> keyFields,
      List<BigInteger> starts) {
    Query.QueryResult key = Query.QueryResult.newBuilder().addAllFields(keyFields).build();
    List<CopyPart> cut = new ArrayList<>();
    List<String> rows = new ArrayList<>();
    for (int i = 0; i <= starts.size(); i++) {
      BigInteger first = i == 0 ? null : starts.get(i - 1);
      BigInteger below = i == starts.size() ? null : starts.get(i);
      cut.add(new CopyPart(i + 1, first, below, key, false));
      rows.add(
          "(%d, %s, %d, %s, %s, %s)"
              .formatted(
                  id,
                  SqlText.literal(table),
                  i + 1,
                  first == null ? "NULL" : first,
                  below == null ? "NULL" : below,
                  SqlText.literal(TextProto.print(key))));
    }
    connection.execute(
        "INSERT INTO "
            + parts
            + " (vrepl_id, table_name, part, from_value, below_value, lastpk) VALUES "
            + String.join(", ", rows));
    return new TableProgress(table, cut);
  }

  /** Notes for a part of a table. */
  CopyNotes notes(int id, String table, CopyPart part, List<Query.Field> keyFields) {
    return part.number() == CopyPart.WHOLE
        ? new WholeNotes(id, table, keyFields)
        : new PartNotes(id, table, part.number(), keyFields);
  }

  /** Notes that all rows of a part are copied. */
  void endPart(MysqlConnection connection, int id, String table, CopyPart part) {
    if (part.number() != CopyPart.WHOLE) {
      connection.execute(
          "UPDATE " + parts + " SET done = 1" + of(id, table) + " AND part = " + part.number());
    }
  }

  /** Forgets everything about the copy of a table: it has ended. */
  void endTable(MysqlConnection connection, int id, String table) {
    connection.execute("BEGIN");
    for (String from : List.of(postCopy, parts, copyState)) {
      connection.execute("DELETE FROM " + from + of(id, table));
    }
    connection.execute("COMMIT");
  }

  /** Whether another stream has still to copy into a table of this database. */
  boolean othersCopy(MysqlConnection connection, int id, String table) {
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
        + ", time_updated = UNIX_TIMESTAMP() WHERE id = "
        + id;
  }

  private static String literal(List<Query.Field> keyFields, Query.Row lastKey) {
    return SqlText.literal(
        TextProto.print(
            Query.QueryResult.newBuilder().addAllFields(keyFields).addRows(lastKey).build()));
  }

  private static TabletException overtaken(String table) {
    return new TabletException(
        Status.Code.ABORTED, "another process copies table " + table + " of this stream");
  }

  /** A note is a row, as Vitess's tablets write it; its mark is the row's id. */
  private final class WholeNotes implements CopyNotes {
    private final int id;
    private final String table;
    private final List<Query.Field> keyFields;

    WholeNotes(int id, String table, List<Query.Field> keyFields) {
      this.id = id;
      this.table = table;
      this.keyFields = keyFields;
    }

    @Override
    public long newest(MysqlConnection connection) {
      return connection
          .execute("SELECT COALESCE(MAX(id), 0) FROM " + copyState + of(id, table))
          .only()
          .number(0);
    }

    @Override
    public byte[] statements(long before, Query.Row lastKey, long addedRows) {
      return ("DELETE FROM "
              + copyState
              + " WHERE id = "
              + before
              + ";INSERT INTO "
              + copyState
              + " (vrepl_id, table_name, lastpk) VALUES ("
              + id
              + ", "
              + SqlText.literal(table)
              + ", "
              + literal(keyFields, lastKey)
              + ");"
              + counted(id, addedRows))
          .getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public long noted(long before, List<QueryResult> results) {
      if (results.getFirst().affectedRows() != 1) {
        throw overtaken(table);
      }
      return results.get(1).insertId();
    }
  }

  /** A part has one row, which counts its notes; a note's mark is its number. */
  private final class PartNotes implements CopyNotes {
    private final int id;
    private final String table;
    private final int part;
    private final List<Query.Field> keyFields;

    PartNotes(int id, String table, int part, List<Query.Field> keyFields) {
      this.id = id;
      this.table = table;
      this.part = part;
      this.keyFields = keyFields;
    }

    private String row() {
      return of(id, table) + " AND part = " + part;
    }

    @Override
    public long newest(MysqlConnection connection) {
      return connection.execute("SELECT notes FROM " + parts + row()).only().number(0);
    }

    @Override
    public byte[] statements(long before, Query.Row lastKey, long addedRows) {
      return ("UPDATE "
              + parts
              + " SET notes = notes + 1, lastpk = "
              + literal(keyFields, lastKey)
              + row()
              + " AND notes = "
              + before
              + ";"
              + counted(id, addedRows))
          .getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public long noted(long before, List<QueryResult> results) {
      if (results.getFirst().affectedRows() != 1) {
        throw overtaken(table);
      }
      return before + 1;
    }
  }
}
