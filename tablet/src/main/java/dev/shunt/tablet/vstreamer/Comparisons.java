package dev.shunt.tablet.vstreamer;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.TabletException;
import dev.shunt.workflow.sql.Condition;
import dev.shunt.workflow.sql.Condition.Operator;
import dev.shunt.workflow.sql.SqlValue;
import io.grpc.Status;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Comparisons of columns with literals, for rows of the binary log, which no server filters; they
 * come out as the server's own do.
 */
final class Comparisons {
  private final CollatedOrder collations;

  Comparisons(CollatedOrder collations) {
    this.collations = collations;
  }

  /** Order of a cell and the literal. */
  @FunctionalInterface
  private interface Order {
    int of(byte[] cell);
  }

  /** Rows whose cell compares so; none for NULL on either side. */
  RowFilter filter(TableSchema table, int place, Operator operator, SqlValue value) {
    ColumnSchema column = table.columns().get(place);
    if (value instanceof SqlValue.NullLiteral) {
      return row -> false;
    }
    Order order = order(table, column, literal(table, column, value));
    return row -> {
      byte[] cell = row[place];
      return cell != null && holds(operator, order.of(cell));
    };
  }

  private Order order(TableSchema table, ColumnSchema column, String literal) {
    return switch (column.dataType()) {
      case "tinyint",
          "smallint",
          "mediumint",
          "int",
          "bigint",
          "decimal",
          "float",
          "double",
          "year" -> {
        BigDecimal wanted = number(table, column, literal);
        yield cell -> new BigDecimal(new String(cell, UTF_8)).compareTo(wanted);
      }
      case "date", "datetime", "timestamp" -> {
        String wanted = moment(literal);
        yield cell -> moment(new String(cell, UTF_8)).compareTo(wanted);
      }
      case "time", "bit", "json", "geometry", "point", "linestring", "polygon", "vector" ->
          throw new TabletException(
              Status.Code.INVALID_ARGUMENT,
              "the filter of table "
                  + table.name()
                  + " compares column "
                  + column.name()
                  + ", whose type "
                  + column.dataType()
                  + " is not supported in filters");
      default -> {
        byte[] wanted = literal.getBytes(UTF_8);
        yield column.collated() && !column.collation().equals("utf8mb4_0900_bin")
            ? cell -> collations.compare(column, cell, literal)
            : cell -> Arrays.compareUnsigned(cell, wanted);
      }
    };
  }

  private static BigDecimal number(TableSchema table, ColumnSchema column, String literal) {
    try {
      return new BigDecimal(literal.trim());
    } catch (NumberFormatException e) {
      throw new TabletException(
          Status.Code.INVALID_ARGUMENT,
          "the filter of table "
              + table.name()
              + " compares the number "
              + column.name()
              + " with what is none",
          e);
    }
  }

  /** A date is its midnight; fractions of all lengths compare. */
  private static String moment(String text) {
    String full = text.length() == 10 ? text + " 00:00:00" : text.replace('T', ' ');
    String fraction = full.indexOf('.') < 0 ? full + "." : full;
    return fraction + "0".repeat(Math.max(0, 26 - fraction.length()));
  }

  private static String literal(TableSchema table, ColumnSchema column, SqlValue value) {
    return switch (value) {
      case SqlValue.NumberLiteral number -> number.text();
      case SqlValue.StringLiteral string -> string.text();
      case SqlValue.NullLiteral _, SqlValue.Bind _, SqlValue.Default _, SqlValue.Expression _ ->
          throw new TabletException(
              Status.Code.INVALID_ARGUMENT,
              "the filter of table "
                  + table.name()
                  + " compares column "
                  + column.name()
                  + " with something else than a literal");
    };
  }

  private static boolean holds(Operator operator, int order) {
    return switch (operator) {
      case EQUAL -> order == 0;
      case NOT_EQUAL -> order != 0;
      case LESS -> order < 0;
      case LESS_OR_EQUAL -> order <= 0;
      case GREATER -> order > 0;
      case GREATER_OR_EQUAL -> order >= 0;
    };
  }

  /** A comparison as a term of a WHERE clause. */
  static String term(Condition.Compare compare) {
    String operator =
        switch (compare.operator()) {
          case EQUAL -> " = ";
          case NOT_EQUAL -> " <> ";
          case LESS -> " < ";
          case LESS_OR_EQUAL -> " <= ";
          case GREATER -> " > ";
          case GREATER_OR_EQUAL -> " >= ";
        };
    return SqlText.identifier(compare.column()) + operator + term(compare.value());
  }

  /** A list of values as a term of a WHERE clause. */
  static String term(Condition.In in) {
    List<SqlValue> values = in.values();
    return SqlText.identifier(in.column())
        + values.stream().map(Comparisons::term).collect(Collectors.joining(", ", " IN (", ")"));
  }

  private static String term(SqlValue value) {
    return switch (value) {
      case SqlValue.NumberLiteral number -> number.text();
      case SqlValue.StringLiteral string -> "_utf8mb4" + SqlText.literal(string.text());
      case SqlValue.NullLiteral _ -> "NULL";
      case SqlValue.Bind _, SqlValue.Default _, SqlValue.Expression _ ->
          throw new IllegalArgumentException("a filter compares with literals only");
    };
  }
}
