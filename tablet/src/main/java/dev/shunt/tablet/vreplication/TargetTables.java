package dev.shunt.tablet.vreplication;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.tablet.TabletException;
import dev.shunt.tablet.vstreamer.SchemaReader;
import dev.shunt.tablet.vstreamer.TableSchema;
import io.grpc.Status;
import io.vitess.proto.Query;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The tables of the target's database as they are when first asked for. */
final class TargetTables {
  private final SchemaReader reader;
  private final String database;
  private final Map<String, TableSchema> known = new HashMap<>();

  TargetTables(MysqlConnection connection, String database) {
    this.reader = new SchemaReader(connection);
    this.database = database;
  }

  /**
   * How rows with these fields are written to a table.
   *
   * @throws TabletException FAILED_PRECONDITION when they can't be
   */
  TargetTable plan(String table, List<Query.Field> fields) {
    return new TargetTable(known.computeIfAbsent(table, this::read), fields);
  }

  /** Forgets what is known: tables may have changed. */
  void refresh() {
    known.clear();
  }

  private TableSchema read(String table) {
    return reader
        .read(database, table)
        .orElseThrow(() ->
            new TabletException(
                Status.Code.FAILED_PRECONDITION,
                "table " + table + " not found in database " + database));
  }
}
