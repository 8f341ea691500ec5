package dev.shunt.tablet.vstreamer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.schema.ColumnSchema;
import dev.shunt.tablet.schema.SqlBuffer;
import dev.shunt.tablet.schema.TableSchema;
import dev.shunt.tablet.schema.ValueKind;
import io.grpc.Status;
import io.vitess.proto.Query;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The order in which a table's rows are read, and the condition by which a reader goes on behind a
 * row. A table without a unique key is ordered by the first bytes of all its columns: rows that
 * those don't distinguish have the same key, and stay together.
 */
final class KeyOrder {
  /** Bytes of a column without a unique key that count. */
  private static final int COUNTED = 1024;

  private final TableSchema table;
  private final List<ColumnSchema> columns;

  KeyOrder(TableSchema table) {
    this.table = table;
    this.columns = table.keyColumns();
  }

  /**
   * Checks an order that rows are asked for in: only this one is had, and a reader that merges rows
   * of several sources in another would be wrong without noticing.
   *
   * @param requested columns; none for whatever order there is
   * @throws RpcException INVALID_ARGUMENT when it is not exactly this order
   */
  void require(List<String> requested) {
    boolean same = requested.size() == columns.size() && table.uniqueKey();
    for (int i = 0; same && i < requested.size(); i++) {
      same = requested.get(i).equalsIgnoreCase(columns.get(i).name());
    }
    if (!requested.isEmpty() && !same) {
      throw new RpcException(
          Status.Code.INVALID_ARGUMENT,
          "rows of table %s come in the order of %s only, not of %s"
              .formatted(
                  table.name(),
                  table.uniqueKey()
                      ? columns.stream().map(ColumnSchema::name).toList()
                      : "no unique key",
                  requested));
    }
  }

  /** Settings of the session that reads in this order: longer values are to be sorted in full. */
  static String settings() {
    return "SET SESSION max_sort_length=" + 2 * COUNTED + ", sort_buffer_size=33554432";
  }

  /** How many columns order the rows. */
  int size() {
    return columns.size();
  }

  /** Positions of the ordering columns in the table. */
  int[] positions() {
    return columns.stream().mapToInt(column -> table.column(column.name())).toArray();
  }

  /** How many bytes of each ordering column count. */
  int[] counted() {
    return columns.stream()
        .mapToInt(column -> byBytes(column) ? COUNTED : Integer.MAX_VALUE)
        .toArray();
  }

  /** Which of the ordering columns are FLOAT or DOUBLE. */
  boolean[] floating() {
    boolean[] floating = new boolean[columns.size()];
    for (int i = 0; i < floating.length; i++) {
      floating[i] = columns.get(i).floating();
    }
    return floating;
  }

  /** Whether two rows of the table may be equal in this order. */
  boolean mayRepeat() {
    return !table.uniqueKey();
  }

  /** The ordering columns; those ordered by bytes are binary and as long as is counted. */
  List<Query.Field> fields(String database) {
    List<Query.Field> fields = new ArrayList<>();
    for (ColumnSchema column : columns) {
      Query.Field field = column.field(table.name(), database);
      fields.add(
          byBytes(column)
              ? field.toBuilder()
                  .setType(Query.Type.VARBINARY)
                  .setCharset(63)
                  .setColumnLength(COUNTED)
                  .build()
              : field);
    }
    return fields;
  }

  String orderBy() {
    return String.join(", ", columns.stream().map(this::expression).toList());
  }

  /** Rows behind {@code last}: an OR of ANDs, which MySQL reads as a range of the index. */
  void appendBehind(SqlBuffer sql, byte[] @Nullable [] last) {
    append(sql, last, " > ", " > ");
  }

  /** The other rows, in a table with a unique key: those up to {@code last}. */
  void appendUpTo(SqlBuffer sql, byte[] @Nullable [] last) {
    append(sql, last, " < ", " <= ");
  }

  /** Rows before a key. */
  void appendBefore(SqlBuffer sql, byte[] @Nullable [] key) {
    append(sql, key, " < ", " < ");
  }

  /** A comparison of one of the ordering columns. */
  void append(SqlBuffer sql, int column, String operator, byte[] cell) {
    sql.append(comparable(columns.get(column))).append(operator);
    literal(sql, columns.get(column), cell);
  }

  /**
   * @param operator of all columns but the last
   */
  private void append(
      SqlBuffer sql, byte[] @Nullable [] last, String operator, String lastOperator) {
    sql.append('(');
    for (int i = columns.size() - 1; i >= 0; i--) {
      if (i < columns.size() - 1) {
        sql.append(" OR ");
      }
      sql.append('(');
      for (int j = 0; j < i; j++) {
        equal(sql, columns.get(j), last[j]);
        sql.append(" AND ");
      }
      beyond(sql, columns.get(i), i == columns.size() - 1 ? lastOperator : operator, last[i]);
      sql.append(')');
    }
    sql.append(')');
  }

  private void equal(SqlBuffer sql, ColumnSchema column, byte @Nullable [] cell) {
    sql.append(comparable(column)).append(column.nullable() ? " <=> " : " = ");
    literal(sql, column, cell);
  }

  private void beyond(SqlBuffer sql, ColumnSchema column, String operator, byte @Nullable [] cell) {
    if (cell == null) {
      if (!operator.equals(" > ")) {
        throw new RpcException(
            Status.Code.INVALID_ARGUMENT, "a last key of table " + table.name() + " has a NULL");
      }
      sql.name(column.name()).append(" IS NOT NULL");
      return;
    }
    sql.append(comparable(column)).append(operator);
    literal(sql, column, cell);
  }

  private boolean byBytes(ColumnSchema column) {
    return !table.uniqueKey()
        && switch (ValueKind.of(column)) {
          case NUMBER, FLOATING, BIT -> false;
          case TEXT, JSON, FIXED_TEXT -> true;
          case BYTES -> !temporal(column);
        };
  }

  private static boolean temporal(ColumnSchema column) {
    return switch (column.dataType()) {
      case "date", "time", "datetime", "timestamp", "year" -> true;
      default -> false;
    };
  }

  private String expression(ColumnSchema column) {
    String name = SqlText.identifier(column.name());
    if (!byBytes(column)) {
      return name;
    }
    String bytes =
        switch (ValueKind.of(column)) {
          case JSON -> "CAST(CONVERT(" + name + " USING utf8mb4) AS BINARY)";
          case FIXED_TEXT -> "CAST(CAST(" + name + " AS CHAR) AS BINARY)";
          case NUMBER, FLOATING, BIT, TEXT, BYTES ->
              column.opaque() ? "UNHEX(HEX(" + name + "))" : "CAST(" + name + " AS BINARY)";
        };
    return "LEFT(" + bytes + ", " + COUNTED + ")";
  }

  private String comparable(ColumnSchema column) {
    if (column.enumerated() && !byBytes(column)) {
      return "CAST(" + SqlText.identifier(column.name()) + " AS UNSIGNED)";
    }
    return expression(column);
  }

  private void literal(SqlBuffer sql, ColumnSchema column, byte @Nullable [] cell) {
    if (cell != null && column.enumerated() && !byBytes(column)) {
      sql.append(Long.toUnsignedString(number(column, cell)));
    } else {
      sql.value(byBytes(column) ? ValueKind.BYTES : ValueKind.of(column), cell);
    }
  }

  /** The number that MySQL orders an ENUM or SET value by. */
  private static long number(ColumnSchema column, byte[] cell) {
    List<String> elements = column.elements();
    String text = new String(cell, ISO_8859_1);
    if (column.dataType().equals("enum")) {
      return elements.indexOf(text) + 1L;
    }
    String separator = column.separator();
    long bits = 0;
    int at = 0; // members stand in the order of the elements
    for (int i = 0; i < elements.size(); i++) {
      String element = elements.get(i);
      int end = at + element.length();
      if (text.startsWith(element, at)
          && (end == text.length() || text.startsWith(separator, end))) {
        bits |= 1L << i;
        at = end + separator.length();
      }
    }
    return bits;
  }
}
