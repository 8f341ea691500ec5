package dev.shunt.tablet.vstreamer;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.schema.ColumnSchema;
import dev.shunt.tablet.schema.TableSchema;
import dev.shunt.workflow.sql.Condition;
import dev.shunt.workflow.sql.Condition.Operator;
import dev.shunt.workflow.sql.SqlValue;
import io.grpc.Status;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Comparisons of columns with literals, for rows of the binary log, which no server filters; they
 * come out as the server's own do.
 */
final class Comparisons {
  private static final Pattern YEAR = Pattern.compile("0000|19\\d\\d|20\\d\\d|21\\d\\d");
  private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

  /** Dates that the session of a copy takes as well: months and days up to 12 and 31. */
  private static final Pattern MOMENT =
      Pattern.compile(
          "\\d{4}-(0\\d|1[0-2])-([0-2]\\d|3[01])"
              + "([ T]([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d{1,6})?)?");

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
    Order order = order(table, column, operator, value);
    return row -> {
      byte[] cell = row[place];
      return cell != null && holds(operator, order.of(cell));
    };
  }

  /**
   * How the server compares the two. What it would compare in more than one way, depending on
   * indexes or its version, is refused.
   */
  private Order order(TableSchema table, ColumnSchema column, Operator operator, SqlValue value) {
    String literal = literal(table, column, value);
    boolean number = value instanceof SqlValue.NumberLiteral;
    return switch (column.dataType()) {
      case "tinyint", "smallint", "mediumint", "int", "bigint", "decimal" -> {
        BigDecimal wanted = number(table, column, literal);
        yield cell -> new BigDecimal(new String(cell, UTF_8)).compareTo(wanted);
      }
      case "float", "double" -> {
        // A zero below zero is zero.
        double wanted = number(table, column, literal).doubleValue() + 0.0;
        yield cell -> Double.compare(Double.parseDouble(new String(cell, UTF_8)) + 0.0, wanted);
      }
      case "year" -> {
        demand(YEAR.matcher(literal).matches(), table, column, "a year of four digits");
        yield cell -> new String(cell, UTF_8).compareTo(literal);
      }
      case "date", "datetime", "timestamp" -> {
        demand(
            !number && MOMENT.matcher(literal).matches(),
            table,
            column,
            "a string like '2024-01-31' or '2024-01-31 23:59:59.5'");
        String wanted = moment(literal);
        yield cell -> moment(new String(cell, UTF_8)).compareTo(wanted);
      }
      case "uuid" -> {
        boolean equality = operator == Operator.EQUAL || operator == Operator.NOT_EQUAL;
        demand(
            equality && UUID.matcher(literal).matches(),
            table,
            column,
            "a UUID in lower case, by = or !=");
        byte[] wanted = literal.getBytes(UTF_8);
        yield cell -> Arrays.compareUnsigned(cell, wanted);
      }
      case "time", "bit", "json", "inet4", "inet6" -> throw unsupported(table, column);
      case "" -> cell -> 0; // gone; the log's table refuses it, and knows the position
      default -> {
        if (column.opaque()) {
          throw unsupported(table, column);
        }
        demand(!number, table, column, "a string");
        yield strings(column, literal);
      }
    };
  }

  private Order strings(ColumnSchema column, String literal) {
    boolean collated = !column.charset().isEmpty() && !column.charset().equals("binary");
    if (collated && !column.collation().equals("utf8mb4_0900_bin")) {
      return cell -> collations.compare(column, cell, literal);
    }
    byte[] wanted = literal.getBytes(UTF_8);
    return cell -> Arrays.compareUnsigned(cell, wanted);
  }

  private static RpcException unsupported(TableSchema table, ColumnSchema column) {
    return new RpcException(
        Status.Code.INVALID_ARGUMENT,
        "the filter of table "
            + table.name()
            + " compares column "
            + column.name()
            + ", whose type "
            + column.dataType()
            + " is not supported in filters");
  }

  private static void demand(boolean holds, TableSchema table, ColumnSchema column, String wanted) {
    if (!holds) {
      throw new RpcException(
          Status.Code.INVALID_ARGUMENT,
          "the filter of table "
              + table.name()
              + " must compare column "
              + column.name()
              + ", whose type is "
              + column.dataType()
              + ", with "
              + wanted);
    }
  }

  private static BigDecimal number(TableSchema table, ColumnSchema column, String literal) {
    try {
      return new BigDecimal(literal.trim());
    } catch (NumberFormatException e) {
      throw new RpcException(
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
          throw new RpcException(
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
