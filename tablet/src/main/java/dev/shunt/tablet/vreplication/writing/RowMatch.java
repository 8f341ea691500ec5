package dev.shunt.tablet.vreplication.writing;

import dev.shunt.tablet.schema.ColumnSchema;
import dev.shunt.tablet.schema.SqlBuffer;
import dev.shunt.tablet.schema.ValueKind;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The WHERE of a statement that finds a row of the target by the cells of one of the source. */
final class RowMatch {
  private RowMatch() {}

  /**
   * Appends it.
   *
   * @param unique whether the columns distinguish rows; otherwise one of the rows with just these
   *     bytes is found
   */
  static void append(
      SqlBuffer sql, boolean unique, List<TargetColumn> key, byte[] @Nullable [] cells) {
    sql.append(" WHERE ");
    for (int i = 0; i < key.size(); i++) {
      TargetColumn target = key.get(i);
      sql.append(i == 0 ? "" : " AND ");
      if (target.value() instanceof CellValue.Direct(_, int field)) {
        appendEquals(sql, unique, target, cells[field]);
      } else if (!unique
          && target.value() instanceof CellValue.Recoded(int field, _)
          && cells[field] != null) {
        // What a collation takes for equal is another row here.
        sql.append("CAST(").name(target.column().name()).append(" AS BINARY) = CAST(CONVERT(");
        target.value().append(sql, cells);
        sql.append(" USING ").append(target.column().charset()).append(") AS BINARY)");
      } else {
        sql.name(target.column().name()).append(unique ? " = " : " <=> ");
        target.value().append(sql, cells);
      }
    }
    if (!unique) {
      sql.append(" LIMIT 1");
    }
  }

  private static void appendEquals(
      SqlBuffer sql, boolean unique, TargetColumn target, byte @Nullable [] cell) {
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

  /** How large one of these keys can be in a WHERE, with all that is around it. */
  static int mostBytes(List<TargetColumn> key, List<byte[] @Nullable []> keys) {
    int names = key.stream().mapToInt(target -> target.column().name().length()).sum();
    int cells = 0;
    for (byte[] @Nullable [] one : keys) {
      int sum = 0;
      for (byte @Nullable [] cell : one) {
        sum += cell == null ? 0 : cell.length;
      }
      cells = Math.max(cells, sum);
    }
    return 2 * (names + cells) + 32 * key.size();
  }

  /** Appends one that finds all rows with some keys. */
  static void appendKeys(SqlBuffer sql, List<TargetColumn> key, List<byte[] @Nullable []> keys) {
    sql.append(" WHERE ");
    if (key.size() == 1) {
      TargetColumn only = key.getFirst();
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
}
