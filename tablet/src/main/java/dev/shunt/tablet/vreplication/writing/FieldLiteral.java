package dev.shunt.tablet.vreplication.writing;

import dev.shunt.mysql.Flavor;
import dev.shunt.tablet.schema.SqlBuffer;
import dev.shunt.tablet.schema.ValueKind;
import io.vitess.proto.Query;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A cell of the source as a literal that an expression can work with as with the column itself:
 * numbers are numbers, and texts have the character set of the column.
 *
 * @param field its place among the fields
 * @param form how it is written
 * @param introducer what is before a text
 */
record FieldLiteral(int field, Form form, String introducer) {
  private static final int BINARY = 63;

  /** How it is written. */
  enum Form {
    NUMBER,
    FLOATING,
    HEXADECIMAL,
    JSON,
    TEXT
  }

  static FieldLiteral of(int place, Query.Field field, Collations collations, Flavor target) {
    return switch (field.getType()) {
      case INT8, INT16, INT24, INT32, INT64, UINT8, UINT16, UINT24, UINT32, UINT64, DECIMAL, YEAR ->
          new FieldLiteral(place, Form.NUMBER, "");
      case FLOAT32, FLOAT64 -> new FieldLiteral(place, Form.FLOATING, "");
      case BIT -> new FieldLiteral(place, Form.HEXADECIMAL, "");
      case JSON ->
          new FieldLiteral(
              place, target.statements().hasJsonValues() ? Form.JSON : Form.TEXT, "_utf8mb4");
      case BINARY, VARBINARY, BLOB, GEOMETRY, VECTOR ->
          new FieldLiteral(place, Form.TEXT, "_binary");
      case CHAR, VARCHAR, TEXT, ENUM, SET ->
          new FieldLiteral(
              place,
              Form.TEXT,
              "_"
                  + (field.getCharset() == BINARY
                      ? "binary"
                      : collations.charset(field.getCharset())));
      default -> new FieldLiteral(place, Form.TEXT, "_utf8mb4");
    };
  }

  void append(SqlBuffer sql, byte[] @Nullable [] cells) {
    byte[] cell = cells[field];
    if (cell == null) {
      sql.append("NULL");
      return;
    }
    switch (form) {
      case NUMBER -> number(sql, cell);
      case FLOATING -> sql.append('(').value(ValueKind.FLOATING, cell).append(')');
      case HEXADECIMAL -> sql.append("0x" + HexFormat.of().formatHex(cell));
      case JSON -> sql.append("CAST(").value(ValueKind.JSON, cell).append(" AS JSON)");
      case TEXT -> sql.append(introducer).value(ValueKind.BYTES, cell);
    }
  }

  /** In parentheses: a minus next to another begins a comment. */
  private static void number(SqlBuffer sql, byte[] cell) {
    if (cell.length > 0 && cell[0] == '-') {
      sql.append('(').append(cell).append(')');
    } else {
      sql.append(cell);
    }
  }
}
