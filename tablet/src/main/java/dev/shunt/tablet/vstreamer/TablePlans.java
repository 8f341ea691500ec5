package dev.shunt.tablet.vstreamer;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.tablet.TabletException;
import dev.shunt.tablet.vstreamer.binlog.CellReader;
import dev.shunt.tablet.vstreamer.binlog.ColumnFacts;
import dev.shunt.tablet.vstreamer.binlog.RowsDecoder;
import dev.shunt.tablet.vstreamer.binlog.TableDefinition;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Makes, for a table of the binary log, the decoder of its rows and the plan by which they are
 * sent. Column names come from the log itself where the source writes them
 * (binlog_row_metadata=FULL), everything else from information_schema as it stands now.
 */
final class TablePlans {
  private final MysqlEndpoint endpoint;
  private final StreamRules rules;

  TablePlans(MysqlEndpoint endpoint, StreamRules rules) {
    this.endpoint = endpoint;
    this.rules = rules;
  }

  /** What rows of one table id need. */
  record TablePlan(TableDefinition definition, RowPlan rows, RowsDecoder decoder) {}

  /** The plan for a table of the log, or empty when the stream has no use for it. */
  Optional<TablePlan> plan(TableDefinition definition) {
    if (!rules.matches(definition.name())) {
      return Optional.empty();
    }
    TableSchema schema = read(definition);
    TableSchema ordered = inLogOrder(definition, schema);
    return rules
        .plan(ordered, definition.database())
        .map(rows -> new TablePlan(definition, rows, decoder(definition, ordered)));
  }

  /** A decoder for a table that is not filtered by rules. */
  TablePlan plain(TableDefinition definition) {
    TableSchema ordered = inLogOrder(definition, read(definition));
    RowPlan rows = new RowPlan(ordered, List.of(), List.of(), RowFilter.ALL, List.of(), List.of());
    return new TablePlan(definition, rows, decoder(definition, ordered));
  }

  private TableSchema read(TableDefinition definition) {
    try (MysqlConnection connection = MysqlConnection.open(endpoint)) {
      return new SchemaReader(connection)
          .read(definition.database(), definition.name())
          .orElseThrow(() ->
              new TabletException(
                  Status.Code.FAILED_PRECONDITION,
                  "unknown table "
                      + definition.name()
                      + " in schema: the binary log has rows of it but it is gone"));
    }
  }

  /**
   * The table with exactly the columns of the log, in the log's order. A column that the table no
   * longer has is left out of the plan by a name that no table has.
   */
  private static TableSchema inLogOrder(TableDefinition definition, TableSchema schema) {
    if (definition.names().isEmpty()) {
      if (schema.columns().size() != definition.columns()) {
        throw new TabletException(
            Status.Code.FAILED_PRECONDITION,
            "table "
                + definition.name()
                + " has "
                + schema.columns().size()
                + " columns, its rows in the binary log have "
                + definition.columns()
                + ": set binlog_row_metadata=FULL on the source");
      }
      return schema;
    }
    List<ColumnSchema> columns = new ArrayList<>();
    for (String name : definition.names()) {
      int column = schema.column(name);
      columns.add(column >= 0 ? schema.columns().get(column) : gone(name));
    }
    return new TableSchema(
        schema.name(),
        columns,
        schema.key(),
        schema.uniqueKey(),
        schema.keyName(),
        schema.uniqueIndexes());
  }

  private static ColumnSchema gone(String name) {
    return new ColumnSchema(name, "", "", 0, "", "", 63, true, false, false, false);
  }

  private static RowsDecoder decoder(TableDefinition definition, TableSchema schema) {
    CellReader[] readers = new CellReader[definition.columns()];
    for (int i = 0; i < readers.length; i++) {
      ColumnSchema column = schema.columns().get(i);
      ColumnFacts facts = column.dataType().isEmpty() ? ColumnFacts.PLAIN : column.facts();
      readers[i] = CellReader.of(definition.types().get(i), definition.metadata().get(i), facts);
    }
    return new RowsDecoder(definition, readers);
  }
}
