package dev.shunt.cluster;

import com.google.protobuf.ByteString;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.workflow.sql.SqlNames;
import dev.shunt.workflow.streams.Rules;
import java.util.SortedMap;
import java.util.TreeMap;
import tabletmanagerdata.Tabletmanagerdata;

/** Tables of a tablet's database. */
public final class Tables {
  private Tables() {}

  /** CREATE TABLE statement of each base table that is an application's, by name. */
  public static SortedMap<String, String> definitions(TabletClient client) {
    SortedMap<String, String> definitions = new TreeMap<>();
    client
        .getSchema(Tabletmanagerdata.GetSchemaRequest.newBuilder().setTableSchemaOnly(true).build())
        .getTableDefinitionsList()
        .forEach(table -> {
          if (!table.getType().equals("VIEW") && !Rules.isInternal(table.getName())) {
            definitions.put(table.getName(), table.getSchema());
          }
        });
    return definitions;
  }

  /** Drops a table without looking at foreign keys. */
  public static void drop(TabletClient client, String database, String table) {
    execute(
        client,
        database,
        "drop table %s.%s".formatted(SqlNames.quoted(database), SqlNames.quoted(table)));
  }

  /** Renames a table. */
  public static void rename(TabletClient client, String database, String table, String to) {
    execute(
        client,
        database,
        "rename table %s.%s TO %s.%s"
            .formatted(
                SqlNames.quoted(database),
                SqlNames.quoted(table),
                SqlNames.quoted(database),
                SqlNames.quoted(to)));
  }

  private static void execute(TabletClient client, String database, String sql) {
    var unused =
        client.executeFetchAsDba(
            Tabletmanagerdata.ExecuteFetchAsDbaRequest.newBuilder()
                .setQuery(ByteString.copyFromUtf8(sql))
                .setDbName(database)
                .setMaxRows(1)
                .setReloadSchema(true)
                .setDisableForeignKeyChecks(true)
                .build());
  }

  /** Whether the error says that a table is not there (MySQL 1146 and 1051). */
  public static boolean didNotExist(TabletException e) {
    return e.mysqlErrno() == 1146 || e.mysqlErrno() == 1051;
  }
}
