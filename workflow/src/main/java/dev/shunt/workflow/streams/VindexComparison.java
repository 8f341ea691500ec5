package dev.shunt.workflow.streams;

import dev.shunt.workflow.sharding.KeyspaceIds;
import java.util.List;
import java.util.Locale;
import vschema.Vschema;

/** Whether two keyspaces place the rows of the same tables differently. */
final class VindexComparison {
  private VindexComparison() {}

  /** False when only one of the keyspaces is sharded: then ranges decide. */
  static boolean primaryVindexesDiffer(
      Vschema.Keyspace source, Vschema.Keyspace target, List<String> tables) {
    return source.getSharded() == target.getSharded()
        && tables.stream().anyMatch(table -> differ(source, target, table));
  }

  private static boolean differ(Vschema.Keyspace source, Vschema.Keyspace target, String table) {
    List<Vschema.ColumnVindex> left = columnVindexes(source, table);
    List<Vschema.ColumnVindex> right = columnVindexes(target, table);
    if (left.isEmpty() || right.isEmpty()) {
      // Of two without vindexes, such as reference tables, Vitess says that they differ; every pair
      // of shards would then copy the same rows.
      return left.isEmpty() != right.isEmpty();
    }
    return !columns(left.getFirst()).equals(columns(right.getFirst()))
        || !type(source, left.getFirst()).equals(type(target, right.getFirst()));
  }

  private static List<Vschema.ColumnVindex> columnVindexes(Vschema.Keyspace vschema, String table) {
    return vschema
        .getTablesOrDefault(table, Vschema.Table.getDefaultInstance())
        .getColumnVindexesList();
  }

  private static List<String> columns(Vschema.ColumnVindex vindex) {
    return KeyspaceIds.columnsOf(vindex).stream()
        .map(column -> column.toLowerCase(Locale.ROOT))
        .toList();
  }

  /** Empty when the keyspace does not define it. */
  private static String type(Vschema.Keyspace vschema, Vschema.ColumnVindex vindex) {
    return vschema
        .getVindexesOrDefault(vindex.getName(), Vschema.Vindex.getDefaultInstance())
        .getType()
        .toLowerCase(Locale.ROOT);
  }
}
