package dev.shunt.tablet.vstreamer;

import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.schema.TableSchema;
import dev.shunt.workflow.RefusedException;
import dev.shunt.workflow.sharding.KeyRange;
import dev.shunt.workflow.sharding.KeyspaceIds;
import dev.shunt.workflow.sharding.ShardingKey;
import dev.shunt.workflow.sharding.UnmappableValueException;
import dev.shunt.workflow.sharding.Vindex;
import dev.shunt.workflow.sql.Condition;
import dev.shunt.workflow.sql.Condition.Operator;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import vschema.Vschema;

/** Makes row filters of a rule's conditions, and the part of them that MySQL can do in a SELECT. */
final class RowFilters {
  private final String keyspace;
  private final Supplier<Vschema.SrvVSchema> vschemas;
  private final RecentVSchemas recent;
  private final Comparisons comparisons;

  /**
   * @param keyspace keyspace of the rows, whose vschema the short form of in_keyrange uses
   * @param vschemas reads the vschemas at the time a filter is made
   * @param collations compares texts
   */
  RowFilters(String keyspace, Supplier<Vschema.SrvVSchema> vschemas, CollatedOrder collations) {
    this.keyspace = keyspace;
    this.vschemas = vschemas;
    this.recent = new RecentVSchemas(vschemas);
    this.comparisons = new Comparisons(collations);
  }

  /** For rows that nobody filtered yet. */
  RowFilter of(TableSchema table, List<Condition> conditions) {
    RowFilter filter = RowFilter.ALL;
    for (Condition condition : conditions) {
      filter = filter.and(of(table, condition));
    }
    return filter;
  }

  /** Positions of the columns that conditions look at. */
  List<Integer> columns(TableSchema table, List<Condition> conditions) {
    return conditions.stream()
        .flatMap(condition -> names(table, condition).stream())
        .map(name -> column(table, name))
        .distinct()
        .toList();
  }

  private List<String> names(TableSchema table, Condition condition) {
    return switch (condition) {
      case Condition.NotNull notNull -> List.of(notNull.column());
      case Condition.Compare compare -> List.of(compare.column());
      case Condition.In in -> List.of(in.column());
      case Condition.InKeyRange range ->
          range.vindex().isEmpty()
              ? ownKey(table).map(ShardingKey::columns).orElse(List.of())
              : range.columns();
      case Condition.Unhandled _ -> List.of();
    };
  }

  private Optional<ShardingKey> ownKey(TableSchema table) {
    return ownKey(vschemas.get(), table.name());
  }

  private Optional<ShardingKey> ownKey(Vschema.SrvVSchema all, String table) {
    Vschema.Keyspace own =
        all.getKeyspacesOrDefault(keyspace, Vschema.Keyspace.getDefaultInstance());
    return KeyspaceIds.best(keyspace, own, table);
  }

  /** By what the key ranges among some conditions place the rows of a table. */
  List<Optional<ShardingKey>> placement(String table, List<Condition> conditions) {
    boolean any = conditions.stream().anyMatch(Condition.InKeyRange.class::isInstance);
    return any ? placement(vschemas.get(), table, conditions) : List.of();
  }

  /**
   * As {@link #placement(String, List)}, by vschemas of a few seconds ago; empty when they can't be
   * read or say nothing, for instance while somebody edits them.
   */
  Optional<List<Optional<ShardingKey>>> recentPlacement(String table, List<Condition> conditions) {
    try {
      return Optional.ofNullable(recent.get())
          .filter(all -> all.containsKeyspaces(keyspace)) // a lost record says nothing
          .map(all -> placement(all, table, conditions));
    } catch (RefusedException _) {
      return Optional.empty();
    }
  }

  private List<Optional<ShardingKey>> placement(
      Vschema.SrvVSchema all, String table, List<Condition> conditions) {
    List<Optional<ShardingKey>> keys = new ArrayList<>();
    for (Condition condition : conditions) {
      if (condition instanceof Condition.InKeyRange range) {
        keys.add(
            range.vindex().isEmpty()
                ? ownKey(all, table)
                : range
                    .vindex()
                    .map(name ->
                        new ShardingKey(name, range.columns(), KeyspaceIds.resolve(all, name))));
      }
    }
    return keys;
  }

  /** For rows of a SELECT with the terms of {@link #pushedDown}. */
  RowFilter ofSelected(TableSchema table, List<Condition> conditions) {
    var unused = of(table, conditions); // what the log can't be filtered by is refused in time
    return of(table, conditions.stream().filter(Condition.InKeyRange.class::isInstance).toList());
  }

  /** SQL terms for a WHERE clause: all conditions but key ranges. */
  List<String> pushedDown(List<Condition> conditions) {
    List<String> terms = new ArrayList<>();
    for (Condition condition : conditions) {
      switch (condition) {
        case Condition.NotNull notNull ->
            terms.add(SqlText.identifier(notNull.column()) + " IS NOT NULL");
        case Condition.Compare compare -> terms.add(Comparisons.term(compare));
        case Condition.In in -> terms.add(Comparisons.term(in));
        case Condition.InKeyRange _, Condition.Unhandled _ -> {}
      }
    }
    return terms;
  }

  private RowFilter of(TableSchema table, Condition condition) {
    return switch (condition) {
      case Condition.NotNull notNull -> {
        int column = column(table, notNull.column());
        yield row -> row[column] != null;
      }
      case Condition.Compare compare -> {
        int column = column(table, compare.column());
        yield comparisons.filter(table, column, compare.operator(), compare.value());
      }
      case Condition.In in -> {
        int column = column(table, in.column());
        List<RowFilter> any =
            in.values().stream()
                .map(value -> comparisons.filter(table, column, Operator.EQUAL, value))
                .toList();
        yield row -> any.stream().anyMatch(filter -> filter.test(row));
      }
      case Condition.InKeyRange range -> keyRange(table, range);
      case Condition.Unhandled unhandled ->
          throw new RpcException(
              Status.Code.INVALID_ARGUMENT,
              "unsupported condition in the filter of table "
                  + table.name()
                  + ": "
                  + unhandled.text());
    };
  }

  private RowFilter keyRange(TableSchema table, Condition.InKeyRange condition) {
    KeyRange range = condition.range();
    Vindex vindex;
    List<String> names;
    if (condition.vindex().isEmpty()) {
      Optional<ShardingKey> key = ownKey(table);
      if (key.isEmpty()) {
        return RowFilter.ALL;
      }
      vindex = key.get().vindex();
      names = key.get().columns();
    } else {
      vindex = KeyspaceIds.resolve(vschemas.get(), condition.vindex().get());
      names = condition.columns();
      if (names.size() != vindex.columns()) {
        throw new RpcException(
            Status.Code.INVALID_ARGUMENT,
            "in_keyrange of table "
                + table.name()
                + " names columns "
                + names
                + ", vindex "
                + condition.vindex().get()
                + " takes "
                + vindex.columns());
      }
    }
    int[] columns = names.stream().mapToInt(name -> column(table, name)).toArray();
    return row -> range.contains(keyspaceId(table, vindex, names, columns, row));
  }

  private static byte[] keyspaceId(
      TableSchema table,
      Vindex vindex,
      List<String> names,
      int[] columns,
      byte[] @Nullable [] row) {
    try {
      if (columns.length == 1) {
        return vindex.map(row[columns[0]]);
      }
      List<byte @Nullable []> values = new ArrayList<>(columns.length);
      for (int column : columns) {
        values.add(row[column]);
      }
      return vindex.map(values);
    } catch (UnmappableValueException e) {
      throw new RpcException(
          Status.Code.FAILED_PRECONDITION,
          "could not map a row of table "
              + table.name()
              + " to a keyspace id by column "
              + String.join(", ", names)
              + ": "
              + e.getMessage(),
          e);
    }
  }

  private static int column(TableSchema table, String name) {
    int column = table.column(name);
    if (column < 0) {
      throw new RpcException(
          Status.Code.NOT_FOUND, "unknown column " + name + " in table " + table.name());
    }
    return column;
  }
}
