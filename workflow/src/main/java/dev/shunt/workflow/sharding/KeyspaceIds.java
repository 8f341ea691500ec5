package dev.shunt.workflow.sharding;

import dev.shunt.workflow.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import vschema.Vschema;

/** Finds, in VSchemas, the vindexes that place rows. Refuses with a sentence what it can't find. */
public final class KeyspaceIds {
  private static final Vschema.Table NO_TABLE = Vschema.Table.getDefaultInstance();
  private static final Vschema.Vindex NO_VINDEX = Vschema.Vindex.getDefaultInstance();

  private KeyspaceIds() {}

  /** Whether a table's rows are the same on every shard, so that no vindex places them. */
  public static boolean isReference(Vschema.Keyspace vschema, String table) {
    return "reference".equals(vschema.getTablesOrDefault(table, NO_TABLE).getType());
  }

  /**
   * The vindex that rows of a table are placed by: the first one. Empty when the keyspace is
   * unsharded or the table is a reference table.
   *
   * @throws dev.shunt.workflow.RefusedException when the table is missing or has no vindex
   */
  public static Optional<ShardingKey> primary(
      String keyspace, Vschema.Keyspace vschema, String table) {
    if (!vschema.getSharded() || isReference(vschema, table)) {
      return Optional.empty();
    }
    return Optional.of(key(keyspace, vschema, table, columnVindex(keyspace, vschema, table, 0)));
  }

  /**
   * The vindex that rows of a table are filtered by: of the unique ones that need no look-up the
   * cheapest, of equals the first. Empty as for {@link #primary}.
   */
  public static Optional<ShardingKey> best(
      String keyspace, Vschema.Keyspace vschema, String table) {
    if (!vschema.getSharded() || isReference(vschema, table)) {
      return Optional.empty();
    }
    ShardingKey best = null;
    for (int i = 0; i < table(keyspace, vschema, table).getColumnVindexesCount(); i++) {
      Vschema.ColumnVindex candidate = columnVindex(keyspace, vschema, table, i);
      String type = vschema.getVindexesOrDefault(candidate.getName(), NO_VINDEX).getType();
      if (VindexFactory.isLookup(type)) {
        continue;
      }
      ShardingKey key = key(keyspace, vschema, table, candidate);
      if (best == null || key.vindex().cost() < best.vindex().cost()) {
        best = key;
      }
    }
    if (best == null) {
      throw Refusal.failedPrecondition(
              "table %s.%s has no unique vindex that places a row without a look-up",
              keyspace, table)
          .exception();
    }
    return Optional.of(best);
  }

  /**
   * The vindex that {@code in_keyrange} names: {@code keyspace.vindex}, the name of a vindex in any
   * keyspace, or the name of a type.
   */
  public static Vindex resolve(Vschema.SrvVSchema vschemas, String name) {
    int dot = name.indexOf('.');
    if (dot >= 0) {
      String keyspace = name.substring(0, dot);
      String vindex = name.substring(dot + 1);
      Vschema.Keyspace vschema = vschemas.getKeyspacesMap().get(keyspace);
      if (vschema == null || !vschema.containsVindexes(vindex)) {
        throw Refusal.failedPrecondition("vindex %s not found in the vschema", name).exception();
      }
      return VindexFactory.create(vschema.getVindexesOrThrow(vindex));
    }
    List<Vschema.Vindex> found = new ArrayList<>();
    for (Vschema.Keyspace vschema : vschemas.getKeyspacesMap().values()) {
      if (vschema.containsVindexes(name)) {
        found.add(vschema.getVindexesOrThrow(name));
      }
    }
    if (found.stream().map(VindexFactory::create).distinct().count() > 1) {
      throw Refusal.failedPrecondition("ambiguous vindex reference: %s", name).exception();
    }
    return found.isEmpty() ? VindexFactory.create(name) : VindexFactory.create(found.getFirst());
  }

  private static Vschema.Table table(String keyspace, Vschema.Keyspace vschema, String table) {
    Vschema.Table found = vschema.getTablesMap().get(table);
    if (found == null) {
      throw Refusal.failedPrecondition(
              "table %s not found in vschema for keyspace %s", table, keyspace)
          .exception();
    }
    return found;
  }

  private static Vschema.ColumnVindex columnVindex(
      String keyspace, Vschema.Keyspace vschema, String table, int index) {
    Vschema.Table entry = table(keyspace, vschema, table);
    if (entry.getColumnVindexesCount() <= index) {
      throw Refusal.failedPrecondition("table %s.%s has no vindex in the vschema", keyspace, table)
          .exception();
    }
    return entry.getColumnVindexes(index);
  }

  private static ShardingKey key(
      String keyspace, Vschema.Keyspace vschema, String table, Vschema.ColumnVindex column) {
    Vschema.Vindex definition = vschema.getVindexesMap().get(column.getName());
    if (definition == null) {
      throw Refusal.failedPrecondition(
              "vindex %s of table %s.%s is not defined in the vschema",
              column.getName(), keyspace, table)
          .exception();
    }
    List<String> columns = columnsOf(column);
    Vindex vindex = VindexFactory.create(definition);
    if (columns.size() != vindex.columns()) {
      throw Refusal.failedPrecondition(
              "vindex %s of table %s.%s takes %d column(s), the vschema names %s",
              column.getName(), keyspace, table, vindex.columns(), columns)
          .exception();
    }
    return new ShardingKey(column.getName(), columns, vindex);
  }

  /** Columns of a column vindex, whichever of its two fields names them. */
  public static List<String> columnsOf(Vschema.ColumnVindex column) {
    return column.getColumnsCount() > 0
        ? List.copyOf(column.getColumnsList())
        : column.getColumn().isEmpty() ? List.of() : List.of(column.getColumn());
  }
}
