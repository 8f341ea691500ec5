package dev.shunt.router;

import dev.shunt.workflow.RefusedException;
import dev.shunt.workflow.sharding.ShardingKey;
import dev.shunt.workflow.sharding.UnmappableValueException;
import dev.shunt.workflow.sharding.Vindex;
import dev.shunt.workflow.sql.Condition;
import dev.shunt.workflow.sql.SqlStatement;
import dev.shunt.workflow.sql.SqlValue;
import dev.shunt.workflow.sql.StatementKind;
import dev.shunt.workflow.sql.TableName;
import io.vitess.proto.Query;
import io.vitess.proto.Topodata;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Decides where a statement goes: a pure function of the statement, its bind variables and the
 * topology.
 */
final class StatementRouter {
  /** Of a number that may place a row; MySQL has fewer. */
  private static final int MOST_DIGITS = 100;

  /** Types of vindexes that go by a number, however it is spelled; others go by its text. */
  private static final Set<String> OF_NUMBERS =
      Set.of("hash", "numeric", "numeric_static_map", "reverse_bits", "null");

  private StatementRouter() {}

  /**
   * @throws RoutingException REFUSED when no shard, or several for a write, would have to take it,
   *     or nobody can tell which
   */
  static Route route(
      RoutingSnapshot topology,
      String keyspace,
      Topodata.TabletType type,
      SqlStatement statement,
      Map<String, Query.BindVariable> binds) {
    try {
      return decide(topology, keyspace, type, statement, binds);
    } catch (RefusedException | UnmappableValueException e) {
      throw new RoutingException(RoutingException.Kind.REFUSED, String.valueOf(e.getMessage()), e);
    }
  }

  private static Route decide(
      RoutingSnapshot topology,
      String keyspace,
      Topodata.TabletType type,
      SqlStatement statement,
      Map<String, Query.BindVariable> binds) {
    if (!topology.knowsVSchemas()) {
      return new Route.Held("the VSchemas of the cell are not known");
    }
    if (statement.tables().isEmpty()) {
      if (keyspace.isEmpty()) {
        throw refused("name a keyspace for a statement without a table");
      }
      return primaries(topology, keyspace, firstShard(topology, keyspace), List.of());
    }
    String home = home(topology, keyspace, type, statement.tables());
    List<String> tables = statement.tables().stream().map(TableName::name).toList();
    if (!topology.knowsVSchema(home)) {
      return new Route.Held("the VSchema of keyspace " + home + " is not known");
    }
    if (!topology.sharded(home)) {
      List<String> shards = topology.shardNames(home);
      return shards.size() > 1
          ? new Route.Held(
              "keyspace %s is not sharded and has the serving shards %s".formatted(home, shards))
          : primaries(topology, home, shards, tables);
    }
    if (readsReferenceTable(topology, home, statement)) {
      return primaries(topology, home, firstShard(topology, home), tables);
    }
    Set<String> shards = new LinkedHashSet<>();
    for (Optional<byte[]> value : shardingValues(topology, home, statement, binds)) {
      if (value.isEmpty()) {
        if (!topology.servesAll(home)) { // else rows of some of them would be missing unseen
          return new Route.Held("not all shards of keyspace " + home + " are known to serve");
        }
        shards.addAll(topology.shardNames(home));
        break;
      }
      Optional<String> shard = topology.shardOf(home, value.get());
      if (shard.isEmpty()) {
        return new Route.Held("no shard of keyspace " + home + " is known to serve a row of it");
      }
      shards.add(shard.get());
    }
    if (shards.size() > 1) {
      refuseUnlessMergeable(statement, home);
    }
    return primaries(topology, home, List.copyOf(shards), tables);
  }

  private static List<String> firstShard(RoutingSnapshot topology, String keyspace) {
    List<String> shards = topology.shardNames(keyspace);
    return shards.isEmpty() ? shards : shards.subList(0, 1);
  }

  /** Every shard has the same rows of it, so that one of them answers. */
  private static boolean readsReferenceTable(
      RoutingSnapshot topology, String keyspace, SqlStatement statement) {
    return statement instanceof SqlStatement.Select select
        && !select.locking()
        && select
            .table()
            .filter(table -> topology.shardingKey(keyspace, table.name()).isEmpty())
            .isPresent();
  }

  /** The one keyspace that all tables of a statement lie in. */
  private static String home(
      RoutingSnapshot topology, String keyspace, Topodata.TabletType type, List<TableName> tables) {
    Set<String> homes = new LinkedHashSet<>();
    for (TableName table : tables) {
      if (!table.qualifier().isEmpty()) {
        throw refused("name the table without a keyspace in front: " + table);
      }
      RoutingSnapshot.Destination to =
          topology
              .route(keyspace, table.name(), type)
              .orElseThrow(() -> refused("no keyspace and no routing rule for table " + table));
      if (!to.table().equals(table.name())) {
        throw refused("table " + table + " is routed to another name, " + to.table());
      }
      homes.add(to.keyspace());
    }
    if (homes.size() > 1) {
      throw refused("the tables of one statement lie in several keyspaces: " + homes);
    }
    return homes.iterator().next();
  }

  /** Keyspace ids of the rows concerned; an empty member means all of them. */
  private static List<Optional<byte[]>> shardingValues(
      RoutingSnapshot topology,
      String keyspace,
      SqlStatement statement,
      Map<String, Query.BindVariable> binds) {
    return switch (statement) {
      case SqlStatement.Select select ->
          whereValues(topology, keyspace, select.table(), select.where(), binds);
      case SqlStatement.Update update -> {
        update.table().ifPresent(t -> refuseKeyChange(topology, keyspace, t.name(), update));
        yield whereValues(topology, keyspace, update.table(), update.where(), binds);
      }
      case SqlStatement.Delete delete ->
          whereValues(topology, keyspace, delete.table(), delete.where(), binds);
      case SqlStatement.Insert insert -> insertValues(topology, keyspace, insert, binds);
      case SqlStatement.Other other ->
          throw refused("can't route " + other.kind() + " to the sharded keyspace " + keyspace);
    };
  }

  private static void refuseKeyChange(
      RoutingSnapshot topology, String keyspace, String table, SqlStatement.Update update) {
    topology
        .shardingKey(keyspace, table)
        .filter(key ->
            update.assignments().stream().anyMatch(a -> a.column().equalsIgnoreCase(key.column())))
        .ifPresent(key -> {
          throw keyChange(key, keyspace, table);
        });
  }

  private static RoutingException keyChange(ShardingKey key, String keyspace, String table) {
    return refused(
        "column %s places the rows of %s.%s and can't be updated"
            .formatted(key.column(), keyspace, table));
  }

  private static List<Optional<byte[]>> whereValues(
      RoutingSnapshot topology,
      String keyspace,
      Optional<TableName> table,
      List<Condition> where,
      Map<String, Query.BindVariable> binds) {
    if (table.isEmpty()) {
      throw refused("a join or sub-select can't be routed in the sharded keyspace " + keyspace);
    }
    Optional<ShardingKey> key = topology.shardingKey(keyspace, table.get().name());
    if (key.isEmpty()) { // a reference table, which every shard has whole
      return List.of(Optional.empty());
    }
    for (Condition condition : where) {
      if (condition instanceof Condition.Compare compare
          && compare.operator() == Condition.Operator.EQUAL
          && compare.column().equalsIgnoreCase(key.get().column())) {
        return keyspaceIds(key.get(), List.of(compare.value()), binds);
      }
      if (condition instanceof Condition.In in
          && in.column().equalsIgnoreCase(key.get().column())) {
        return keyspaceIds(key.get(), in.values(), binds);
      }
    }
    return List.of(Optional.empty());
  }

  private static List<Optional<byte[]>> insertValues(
      RoutingSnapshot topology,
      String keyspace,
      SqlStatement.Insert insert,
      Map<String, Query.BindVariable> binds) {
    String table = insert.table().name();
    ShardingKey key =
        topology
            .shardingKey(keyspace, table)
            .orElseThrow(
                () -> refused("insert into reference table " + table + " through its source"));
    if (insert.updatedColumns().stream().anyMatch(key.column()::equalsIgnoreCase)) {
      throw keyChange(key, keyspace, table);
    }
    int column = -1;
    for (int i = 0; i < insert.columns().size(); i++) {
      if (insert.columns().get(i).equalsIgnoreCase(key.column())) {
        column = i;
      }
    }
    if (column < 0 || insert.rows().isEmpty()) {
      throw refused(
          "an insert into the sharded table %s.%s must name column %s and give its values"
              .formatted(keyspace, table, key.column()));
    }
    List<SqlValue> values = new ArrayList<>();
    for (List<SqlValue> row : insert.rows()) {
      values.add(row.get(column));
    }
    return keyspaceIds(key, values, binds);
  }

  private static List<Optional<byte[]>> keyspaceIds(
      ShardingKey key, List<SqlValue> values, Map<String, Query.BindVariable> binds) {
    List<Optional<byte[]>> ids = new ArrayList<>();
    for (SqlValue value : values) {
      ids.add(text(key.vindex(), value, binds).map(bytes -> key.vindex().map(bytes)));
    }
    return ids;
  }

  private static Optional<byte[]> text(
      Vindex vindex, SqlValue value, Map<String, Query.BindVariable> binds) {
    return switch (value) {
      case SqlValue.NumberLiteral number ->
          Optional.of(wholeNumber(vindex, number.text()).getBytes(StandardCharsets.UTF_8));
      case SqlValue.StringLiteral string ->
          Optional.of(string.text().getBytes(StandardCharsets.UTF_8));
      case SqlValue.Bind bind -> {
        Query.BindVariable variable = binds.get(bind.name());
        if (variable == null) {
          throw refused("bind variable :" + bind.name() + " has no value");
        }
        if (variable.getType() == Query.Type.NULL_TYPE) {
          throw refused("NULL can't place a row");
        }
        yield Optional.of(
            isFraction(variable.getType())
                ? wholeNumber(vindex, variable.getValue().toStringUtf8())
                    .getBytes(StandardCharsets.UTF_8)
                : variable.getValue().toByteArray());
      }
      case SqlValue.NullLiteral ignored -> throw refused("NULL can't place a row");
      case SqlValue.Default ignored -> throw refused("DEFAULT can't place a row");
      case SqlValue.Expression ignored -> Optional.empty();
    };
  }

  private static boolean isOfDigits(int character) {
    return (character >= '0' && character <= '9') || character == '-' || character == '+';
  }

  private static boolean isFraction(Query.Type type) {
    return switch (type) {
      case DECIMAL, FLOAT32, FLOAT64 -> true;
      default -> false;
    };
  }

  /**
   * A number as MySQL sends it from a column of whole numbers, so that all spellings of it lead to
   * the same shard. Of a column of texts MySQL would keep a fraction as it is spelled: where a
   * vindex goes by the text, fractions are refused.
   */
  private static String wholeNumber(Vindex vindex, String text) {
    if (!OF_NUMBERS.contains(vindex.type())
        && !text.chars().allMatch(StatementRouter::isOfDigits)) {
      throw refused(
          text
              + " is spelled as a fraction and can't place a row by its text, which depends on the"
              + " column's type");
    }
    try {
      BigDecimal number = new BigDecimal(text);
      if (number.precision() > MOST_DIGITS || Math.abs((long) number.scale()) > MOST_DIGITS) {
        throw new ArithmeticException("more digits than MySQL has");
      }
      return number.toBigIntegerExact().toString();
    } catch (NumberFormatException | ArithmeticException e) {
      throw refused(text + " is no whole number and can't place a row");
    }
  }

  private static void refuseUnlessMergeable(SqlStatement statement, String keyspace) {
    if (statement instanceof SqlStatement.Select select && !select.locking()) {
      if (select.merging()) {
        throw refused(
            "a query that sorts, limits or aggregates must name one shard of " + keyspace);
      }
      return;
    }
    throw refused(
        "a %s must go to one shard of the keyspace %s: name the sharding column"
            .formatted(
                statement.kind() == StatementKind.SELECT ? "locking read" : "write", keyspace));
  }

  private static Route primaries(
      RoutingSnapshot topology, String keyspace, List<String> shards, List<String> tables) {
    if (shards.isEmpty()) {
      return new Route.Held("keyspace " + keyspace + " has no serving shard");
    }
    List<Topodata.Tablet> primaries = new ArrayList<>();
    for (String shard : shards) {
      for (String table : tables) {
        if (topology.denied(keyspace, shard, table)) {
          return new Route.Held("table " + table + " is denied on " + keyspace + "/" + shard);
        }
      }
      Optional<Topodata.Tablet> primary = topology.primary(keyspace, shard);
      if (primary.isEmpty()) {
        return new Route.Held("shard " + keyspace + "/" + shard + " has no primary");
      }
      primaries.add(primary.get());
    }
    return new Route.To(keyspace, primaries);
  }

  private static RoutingException refused(String message) {
    return new RoutingException(RoutingException.Kind.REFUSED, message);
  }
}
