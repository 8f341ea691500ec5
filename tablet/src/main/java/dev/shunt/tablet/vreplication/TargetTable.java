package dev.shunt.tablet.vreplication;

import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.TabletException;
import dev.shunt.tablet.vstreamer.ColumnSchema;
import dev.shunt.tablet.vstreamer.EnumElements;
import dev.shunt.tablet.vstreamer.SqlBuffer;
import dev.shunt.tablet.vstreamer.TableSchema;
import dev.shunt.tablet.vstreamer.ValueKind;
import io.grpc.Status;
import io.vitess.proto.Query;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * How rows of a stream are written to one table: which field goes to which column, and the
 * statements for rows that came, changed and went. Built from the fields that the source announced;
 * a new one is built when it announces others.
 */
final class TargetTable {
  private final String name;
  private final boolean unique;
  private final boolean standsAlone;
  private final boolean independentRows;
  private final List<Target> written = new ArrayList<>();
  private final List<Target> key = new ArrayList<>();
  private final int[] writtenFields;
  private final int[] enumFields;
  private final byte[] insertHead;

  /** A column of the target and the place of its value among the fields. */
  private record Target(ColumnSchema column, ValueKind kind, int field, boolean inKey) {
    /** Whether an UPDATE of a row with the same key has to set it. */
    boolean isSet() {
      return !inKey || column.updatesItself();
    }
  }

  /**
   * @param standsAlone whether it has neither triggers nor foreign keys to or from it
   * @throws TabletException FAILED_PRECONDITION when the target lacks a column, or the fields lack
   *     one of the key's
   */
  TargetTable(TableSchema schema, boolean standsAlone, List<Query.Field> fields) {
    this.name = schema.name();
    this.unique = schema.uniqueKey();
    this.standsAlone = standsAlone;
    for (int i = 0; i < fields.size(); i++) {
      int at = schema.column(fields.get(i).getName());
      if (at < 0) {
        throw refuse("unknown column " + fields.get(i).getName() + " in table " + name);
      }
      ColumnSchema column = schema.columns().get(at);
      boolean inKey = schema.key().stream().anyMatch(column.name()::equalsIgnoreCase);
      Target target = new Target(column, ValueKind.of(column), i, inKey);
      if (!column.generated()) {
        written.add(target);
      }
    }
    for (ColumnSchema column : schema.keyColumns()) {
      int field = -1;
      for (int i = 0; i < fields.size(); i++) {
        field = fields.get(i).getName().equalsIgnoreCase(column.name()) ? i : field;
      }
      if (field < 0) {
        throw refuse("primary key column " + column.name() + " of " + name + " is not streamed");
      }
      key.add(new Target(column, ValueKind.of(column), field, true));
    }
    this.writtenFields = written.stream().mapToInt(Target::field).toArray();
    this.enumFields =
        written.stream()
            .filter(target -> hasEmptyError(target.column()))
            .mapToInt(Target::field)
            .toArray();
    this.independentRows =
        standsAlone
            && unique
            && schema.uniqueIndexes() == 1
            && key.stream().allMatch(TargetTable::equalByBytes);
    SqlBuffer head = new SqlBuffer().append(" INTO ").name(name).append(" (");
    for (int i = 0; i < written.size(); i++) {
      head.append(i == 0 ? "" : ",").name(written.get(i).column().name());
    }
    this.insertHead = head.append(") VALUES ").toByteArray();
  }

  /** Whether an empty string stands for what is no element of an ENUM. */
  private static boolean hasEmptyError(ColumnSchema column) {
    return column.dataType().equals("enum") && !EnumElements.of(column.columnType()).contains("");
  }

  private static boolean equalByBytes(Target target) {
    return switch (target.kind()) {
      case NUMBER, BIT, FIXED_TEXT -> true;
      case BYTES -> !target.column().enumerated();
      case FLOATING, JSON, TEXT -> false;
    };
  }

  private static TabletException refuse(String message) {
    return new TabletException(Status.Code.FAILED_PRECONDITION, message);
  }

  String name() {
    return name;
  }

  /** Whether its key tells rows apart. */
  boolean unique() {
    return unique;
  }

  /**
   * Whether changes of different keys can be applied in any order: the key is the only unique one
   * and equal to the byte when it is equal, and no trigger or foreign key looks at the rows.
   */
  boolean independentRows() {
    return independentRows;
  }

  /** Whether neither a trigger nor a foreign key looks at its rows. */
  boolean standsAlone() {
    return standsAlone;
  }

  /** The cells of a row's key. */
  byte @Nullable [][] key(byte @Nullable [][] row) {
    byte @Nullable [][] cells = new byte @Nullable [key.size()][];
    for (int i = 0; i < cells.length; i++) {
      cells[i] = row[key.get(i).field()];
    }
    return cells;
  }

  /** End of an INSERT that changes the rows that are there already. */
  void appendOnDuplicate(SqlBuffer sql) {
    sql.append(" ON DUPLICATE KEY UPDATE ");
    boolean first = true;
    for (Target target : written) {
      if (target.isSet()) {
        String column = SqlText.identifier(target.column().name());
        sql.append(first ? "" : ",").append(column).append("=VALUES(").append(column).append(')');
        first = false;
      }
    }
    if (first) {
      String column = SqlText.identifier(key.getFirst().column().name());
      sql.append(column).append('=').append(column);
    }
  }

  /** A DELETE of rows by the cells of their keys. */
  void appendDeletes(SqlBuffer sql, List<byte @Nullable [][]> keys) {
    sql.append("DELETE FROM ").name(name).append(" WHERE ");
    if (key.size() == 1) {
      Target only = key.getFirst();
      sql.name(only.column().name()).append(" IN (");
      for (int i = 0; i < keys.size(); i++) {
        sql.append(i == 0 ? "" : ",").value(only.kind(), keys.get(i)[0]);
      }
      sql.append(')');
      return;
    }
    for (int i = 0; i < keys.size(); i++) {
      sql.append(i == 0 ? "(" : " OR (");
      for (int j = 0; j < key.size(); j++) {
        sql.append(j == 0 ? "" : " AND ").name(key.get(j).column().name()).append('=');
        sql.value(key.get(j).kind(), keys.get(i)[j]);
      }
      sql.append(')');
    }
  }

  /** Start of an INSERT or REPLACE up to the first row. */
  void appendInsertHead(SqlBuffer sql, boolean replace) {
    sql.append(replace ? "REPLACE" : "INSERT").append(insertHead);
  }

  /** The LOAD DATA LOCAL statement for rows in the form of {@link #appendLine}. */
  String loadStatement(boolean replace) {
    StringJoiner columns = new StringJoiner(", ", " (", ")");
    StringJoiner conversions = new StringJoiner(", ", " SET ", "").setEmptyValue("");
    boolean converts = written.stream().anyMatch(target -> !target.kind().takesBytes());
    for (int i = 0; i < written.size(); i++) {
      Target target = written.get(i);
      String column = SqlText.identifier(target.column().name());
      if (!target.kind().takesBytes()) {
        columns.add("@v" + i);
        conversions.add(column + " = CONVERT(@v" + i + " USING utf8mb4)");
      } else if (converts && target.column().autoIncrement()) {
        // MariaDB's SET would count a 0 of an AUTO_INCREMENT that it does not name itself.
        columns.add("@v" + i);
        conversions.add(column + " = @v" + i);
      } else {
        columns.add(column);
      }
    }
    return "LOAD DATA LOCAL INFILE 'rows'"
        + (replace ? " REPLACE" : "")
        + " INTO TABLE "
        + SqlText.identifier(name)
        + " CHARACTER SET binary"
        + LoadText.FORMAT
        + columns
        + conversions;
  }

  /**
   * Appends a row to be loaded.
   *
   * @param values the cells of all fields, one behind the other
   * @param offsets where each cell begins
   * @param lengths bytes of each cell, negative for NULL
   */
  void appendLine(LoadText text, byte[] values, int[] offsets, int[] lengths) {
    text.row(values, writtenFields, offsets, lengths);
    for (int field : enumFields) {
      if (lengths[field] == 0) {
        text.expectWarning();
      }
    }
  }

  void appendRow(SqlBuffer sql, byte @Nullable [][] cells) {
    sql.append('(');
    for (int i = 0; i < written.size(); i++) {
      if (i > 0) {
        sql.append(',');
      }
      Target target = written.get(i);
      sql.value(target.kind(), cells[target.field()]);
    }
    sql.append(')');
  }

  /** Whether two images have the same key, to the byte. */
  boolean sameKey(byte @Nullable [][] before, byte @Nullable [][] after) {
    return key.stream().allMatch(t -> Arrays.equals(before[t.field()], after[t.field()]));
  }

  /** Every column is set, also unchanged ones: ON UPDATE CURRENT_TIMESTAMP must not fire. */
  void appendUpdate(SqlBuffer sql, byte @Nullable [][] before, byte @Nullable [][] after) {
    sql.append("UPDATE ").name(name).append(" SET ");
    boolean first = true;
    boolean moves = unique && !sameKey(before, after);
    for (Target target : written) {
      if (target.isSet() || !unique || moves) {
        sql.append(first ? "" : ",").name(target.column().name()).append('=');
        sql.value(target.kind(), after[target.field()]);
        first = false;
      }
    }
    if (first) { // nothing but a key: what is equal stays
      Target only = key.getFirst();
      sql.name(only.column().name()).append('=').name(only.column().name());
    }
    appendWhere(sql, before);
  }

  void appendDelete(SqlBuffer sql, byte @Nullable [][] before) {
    sql.append("DELETE FROM ").name(name);
    appendWhere(sql, before);
  }

  private void appendWhere(SqlBuffer sql, byte @Nullable [][] cells) {
    sql.append(" WHERE ");
    for (int i = 0; i < key.size(); i++) {
      Target target = key.get(i);
      sql.append(i == 0 ? "" : " AND ");
      appendEquals(sql, target, cells[target.field()]);
    }
    if (!unique) {
      sql.append(" LIMIT 1");
    }
  }

  private void appendEquals(SqlBuffer sql, Target target, byte @Nullable [] cell) {
    ColumnSchema column = target.column();
    if (cell != null && target.kind() == ValueKind.JSON) {
      sql.append("CAST(").name(column.name()).append(" AS CHAR) = CAST(CAST(");
      sql.value(target.kind(), cell).append(" AS JSON) AS CHAR)");
      return;
    }
    if (cell != null && column.opaque()) {
      sql.append("UNHEX(HEX(").name(column.name()).append(")) = ");
      sql.value(ValueKind.BYTES, cell);
      return;
    }
    if (cell == null && !unique) {
      sql.name(column.name()).append(" IS NULL");
      return;
    }
    if (cell != null && !unique && (column.collated() || column.enumerated())) {
      // What a collation takes for equal is another row here.
      sql.append("CAST(").name(column.name()).append(" AS BINARY) = ");
      sql.value(ValueKind.BYTES, cell);
      return;
    }
    sql.name(column.name()).append(unique ? " = " : " <=> ");
    if (cell != null && column.collated()) {
      // In the column's own character set and collation, so that its index serves.
      sql.append("_").append(column.charset());
      sql.value(ValueKind.BYTES, cell);
      sql.append(" COLLATE ").append(column.collation());
    } else {
      sql.value(target.kind(), cell);
    }
  }
}
