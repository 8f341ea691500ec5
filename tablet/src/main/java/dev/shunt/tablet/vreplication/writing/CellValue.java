package dev.shunt.tablet.vreplication.writing;

import dev.shunt.tablet.schema.SqlBuffer;
import dev.shunt.tablet.schema.ValueKind;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What goes into one column of a target table, from the cells of a streamed row. */
public sealed interface CellValue {
  /** Appends it as a piece of SQL. */
  void append(SqlBuffer sql, byte[] @Nullable [] cells);

  /** The fields that it depends on. */
  int[] fields();

  /** A cell as it is. */
  record Direct(ValueKind kind, int field) implements CellValue {
    @Override
    public void append(SqlBuffer sql, byte[] @Nullable [] cells) {
      sql.value(kind, cells[field]);
    }

    @Override
    public int[] fields() {
      return new int[] {field};
    }
  }

  /**
   * A DATETIME in another time zone. What no zone can convert, such as zero dates, stays.
   *
   * @param conversion end of the call that converts
   */
  record Zoned(int field, String conversion) implements CellValue {
    static Zoned of(int field, TimeZones zones) {
      return new Zoned(field, zones.conversion());
    }

    @Override
    public void append(SqlBuffer sql, byte[] @Nullable [] cells) {
      byte[] cell = cells[field];
      if (cell == null || !isDate(cell)) {
        sql.value(ValueKind.BYTES, cell);
        return;
      }
      sql.append("COALESCE(CONVERT_TZ(").value(ValueKind.BYTES, cell).append(conversion);
      sql.append(',').value(ValueKind.BYTES, cell).append(')');
    }

    /** Whether the server takes it for one also where it is strict. */
    private static boolean isDate(byte[] cell) {
      String date = new String(cell, 0, Math.min(10, cell.length), StandardCharsets.US_ASCII);
      try {
        var _ = LocalDate.parse(date);
        return true;
      } catch (DateTimeParseException _) {
        return false;
      }
    }

    @Override
    public int[] fields() {
      return new int[] {field};
    }
  }

  /**
   * A text of another character set. The server converts it, and refuses what the column's has no
   * character for.
   *
   * @param charset that of the cell
   */
  record Recoded(int field, String charset) implements CellValue {
    @Override
    public void append(SqlBuffer sql, byte[] @Nullable [] cells) {
      byte[] cell = cells[field];
      if (cell != null) {
        sql.append("_").append(charset);
      }
      sql.value(ValueKind.BYTES, cell);
    }

    @Override
    public int[] fields() {
      return new int[] {field};
    }
  }

  /**
   * An expression.
   *
   * @param texts its text between the literals
   * @param literals one less than texts
   */
  record Computed(List<String> texts, List<FieldLiteral> literals) implements CellValue {
    public Computed {
      texts = List.copyOf(texts);
      literals = List.copyOf(literals);
    }

    @Override
    public void append(SqlBuffer sql, byte[] @Nullable [] cells) {
      sql.append('(');
      for (int i = 0; i < literals.size(); i++) {
        sql.append(texts.get(i));
        literals.get(i).append(sql, cells);
      }
      sql.append(texts.getLast()).append(')');
    }

    @Override
    public int[] fields() {
      return literals.stream().mapToInt(FieldLiteral::field).toArray();
    }
  }

  /** One row, for counting. */
  record One() implements CellValue {
    @Override
    public void append(SqlBuffer sql, byte[] @Nullable [] cells) {
      sql.append('1');
    }

    @Override
    public int[] fields() {
      return new int[0];
    }
  }

  /** A cell to be added up, NULL as 0. */
  record Summand(FieldLiteral literal) implements CellValue {
    @Override
    public void append(SqlBuffer sql, byte[] @Nullable [] cells) {
      sql.append("IFNULL(");
      literal.append(sql, cells);
      sql.append(",0)");
    }

    @Override
    public int[] fields() {
      return new int[] {literal.field()};
    }
  }
}
