package dev.shunt.tablet.vstreamer;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.TabletException;
import dev.shunt.workflow.sharding.KeyRange;
import dev.shunt.workflow.sharding.KeyspaceIds;
import dev.shunt.workflow.sharding.ShardingKey;
import dev.shunt.workflow.sharding.UnmappableValueException;
import dev.shunt.workflow.sharding.Vindex;
import dev.shunt.workflow.sql.Condition;
import dev.shunt.workflow.sql.Condition.Operator;
import dev.shunt.workflow.sql.SqlValue;
import io.grpc.Status;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import vschema.Vschema;

/** Makes row filters of a rule's conditions, and the part of them that MySQL can do in a SELECT. */
final class RowFilters {
  private final String keyspace;
  private final Supplier<Vschema.SrvVSchema> vschemas;

  /**
   * @param keyspace keyspace of the rows, whose vschema the short form of in_keyrange uses
   * @param vschemas reads the vschemas at the time a filter is made
   */
  RowFilters(String keyspace, Supplier<Vschema.SrvVSchema> vschemas) {
    this.keyspace = keyspace;
    this.vschemas = vschemas;
  }

  RowFilter of(TableSchema table, List<Condition> conditions) {
    RowFilter filter = RowFilter.ALL;
    for (Condition condition : conditions) {
      filter = filter.and(of(table, condition));
    }
    return filter;
  }

  /** SQL terms for a WHERE clause that never drop a row the filter takes. */
  List<String> pushedDown(List<Condition> conditions) {
    return conditions.stream()
        .filter(Condition.NotNull.class::isInstance)
        .map(condition -> SqlText.identifier(((Condition.NotNull) condition).column()))
        .map(column -> column + " IS NOT NULL")
        .toList();
  }

  private RowFilter of(TableSchema table, Condition condition) {
    return switch (condition) {
      case Condition.NotNull notNull -> {
        int column = column(table, notNull.column());
        yield row -> row[column] != null;
      }
      case Condition.Compare compare -> {
        int column = column(table, compare.column());
        yield comparison(
            table, table.columns().get(column), column, compare.operator(), compare.value());
      }
      case Condition.In in -> {
        int column = column(table, in.column());
        List<RowFilter> any =
            in.values().stream()
                .map(value ->
                    comparison(table, table.columns().get(column), column, Operator.EQUAL, value))
                .toList();
        yield row -> any.stream().anyMatch(filter -> filter.test(row));
      }
      case Condition.InKeyRange range -> keyRange(table, range);
      case Condition.Unhandled unhandled ->
          throw new TabletException(
              Status.Code.INVALID_ARGUMENT,
              "unsupported condition in the filter of table "
                  + table.name()
                  + ": "
                  + unhandled.text());
    };
  }

  private RowFilter keyRange(TableSchema table, Condition.InKeyRange condition) {
    KeyRange range = condition.range();
    Vschema.SrvVSchema all = vschemas.get();
    Vindex vindex;
    String columnName;
    if (condition.vindex().isEmpty()) {
      Vschema.Keyspace own =
          all.getKeyspacesOrDefault(keyspace, Vschema.Keyspace.getDefaultInstance());
      Optional<ShardingKey> key = KeyspaceIds.best(keyspace, own, table.name());
      if (key.isEmpty()) {
        return RowFilter.ALL;
      }
      vindex = key.get().vindex();
      columnName = key.get().column();
    } else {
      vindex = KeyspaceIds.resolve(all, condition.vindex().get());
      if (condition.columns().size() != 1) {
        throw new TabletException(
            Status.Code.UNIMPLEMENTED,
            "in_keyrange of table " + table.name() + " must name one column");
      }
      columnName = condition.columns().getFirst();
    }
    int column = column(table, columnName);
    return row -> range.contains(keyspaceId(table, vindex, columnName, row[column]));
  }

  private static byte[] keyspaceId(
      TableSchema table, Vindex vindex, String column, byte @Nullable [] value) {
    try {
      return vindex.map(value);
    } catch (UnmappableValueException e) {
      throw new TabletException(
          Status.Code.FAILED_PRECONDITION,
          "could not map a row of table "
              + table.name()
              + " to a keyspace id by column "
              + column
              + ": "
              + e.getMessage(),
          e);
    }
  }

  private static RowFilter comparison(
      TableSchema table, ColumnSchema schema, int column, Operator operator, SqlValue value) {
    String literal =
        switch (value) {
          case SqlValue.NumberLiteral number -> number.text();
          case SqlValue.StringLiteral string -> string.text();
          case SqlValue.NullLiteral nothing -> null;
          case SqlValue.Bind bind -> throw notALiteral(table, schema);
          case SqlValue.Default unset -> throw notALiteral(table, schema);
          case SqlValue.Expression expression -> throw notALiteral(table, schema);
        };
    if (literal == null) {
      return row -> false;
    }
    if (numeric(schema)) {
      BigDecimal wanted = new BigDecimal(literal.trim());
      return row -> {
        byte[] cell = row[column];
        return cell != null
            && holds(operator, new BigDecimal(new String(cell, UTF_8)).compareTo(wanted));
      };
    }
    if (schema.collated() && !schema.collation().toLowerCase(Locale.ROOT).endsWith("_bin")) {
      throw new TabletException(
          Status.Code.UNIMPLEMENTED,
          "the filter of table "
              + table.name()
              + " compares column "
              + schema.name()
              + ", whose collation "
              + schema.collation()
              + " is not supported in filters");
    }
    byte[] wanted = literal.getBytes(UTF_8);
    return row -> {
      byte[] cell = row[column];
      return cell != null && holds(operator, Arrays.compareUnsigned(cell, wanted));
    };
  }

  private static TabletException notALiteral(TableSchema table, ColumnSchema schema) {
    return new TabletException(
        Status.Code.INVALID_ARGUMENT,
        "the filter of table "
            + table.name()
            + " compares column "
            + schema.name()
            + " with something else than a literal");
  }

  private static boolean numeric(ColumnSchema schema) {
    return switch (schema.dataType()) {
      case "tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "float", "double" ->
          true;
      default -> false;
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

  private static int column(TableSchema table, String name) {
    int column = table.column(name);
    if (column < 0) {
      throw new TabletException(
          Status.Code.INVALID_ARGUMENT, "unknown column " + name + " in table " + table.name());
    }
    return column;
  }
}
