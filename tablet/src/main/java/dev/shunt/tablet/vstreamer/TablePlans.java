package dev.shunt.tablet.vstreamer;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.Position;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.preflight.Preflight;
import dev.shunt.tablet.schema.SchemaReader;
import dev.shunt.tablet.schema.ServerCharsets;
import dev.shunt.tablet.schema.TableSchema;
import dev.shunt.tablet.vstreamer.binlog.RowsDecoder;
import dev.shunt.tablet.vstreamer.binlog.TableDefinition;
import io.grpc.Status;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * Makes, for a table of the binary log, the decoder of its rows and the plan by which they are
 * sent.
 */
final class TablePlans {
  /** Columns of MariaDB's sequences. */
  private static final List<String> SEQUENCE =
      List.of(
          "next_not_cached_value",
          "minimum_value",
          "maximum_value",
          "start_value",
          "increment",
          "cache_size",
          "cycle_option",
          "cycle_count");

  private static final int MOST_LOOKS = 10;
  private static final long BETWEEN_LOOKS_NANOS = 100_000_000;

  private final MysqlEndpoint endpoint;
  private final StreamRules rules;

  TablePlans(MysqlEndpoint endpoint, StreamRules rules) {
    this.endpoint = endpoint;
    this.rules = rules;
  }

  /** What rows of one table id need. */
  record TablePlan(TableDefinition definition, RowPlan rows, RowsDecoder decoder) {}

  /**
   * The plan for a table of the log, or empty when the stream has no use for it.
   *
   * @param before position that the rows follow
   * @throws RpcException FAILED_PRECONDITION when the rows were written to a table that was another
   *     one
   */
  Optional<TablePlan> plan(TableDefinition definition, Position before) {
    if (!rules.matches(definition.name())) {
      return Optional.empty();
    }
    boolean byPattern = !rules.names(definition.name());
    try (MysqlConnection connection = MysqlConnection.open(endpoint)) {
      if (byPattern && isNoTable(connection, definition)) {
        return Optional.empty();
      }
      // It may have been made another since the snapshot: this comes after each ALTER.
      Preflight.demandSourceTable(connection, definition.database(), definition.name());
      LoggedTable table = logged(connection, definition, before);
      return rules
          .plan(table.schema(), definition.database())
          .map(rows -> new TablePlan(definition, rows, table.decoder(rows)));
    }
  }

  /**
   * Whether rows are those of a sequence, which MariaDB logs as a table's. One that is gone is told
   * by its columns.
   */
  private static boolean isNoTable(MysqlConnection connection, TableDefinition definition) {
    return Preflight.isNoTable(connection, definition.database(), definition.name())
        || (definition.names().equals(SEQUENCE)
            && new SchemaReader(connection)
                .read(definition.database(), definition.name())
                .isEmpty());
  }

  /** A plan for a table that is not filtered by rules. */
  TablePlan plain(TableDefinition definition, Position before) {
    try (MysqlConnection connection = MysqlConnection.open(endpoint)) {
      LoggedTable table = logged(connection, definition, before);
      List<Integer> all = IntStream.range(0, table.schema().columns().size()).boxed().toList();
      RowPlan rows =
          new RowPlan(table.schema(), all, List.of(), RowFilter.ALL, List.of(), List.of());
      return new TablePlan(definition, rows, table.decoder(rows));
    }
  }

  /** While a table is altered there may be none of its name for a moment (seen on MariaDB). */
  private static Optional<TableSchema> today(
      MysqlConnection connection, TableDefinition definition) {
    SchemaReader reader = new SchemaReader(connection);
    Optional<TableSchema> today = reader.read(definition.database(), definition.name());
    for (int look = 1; today.isEmpty() && look < MOST_LOOKS; look++) {
      LockSupport.parkNanos(BETWEEN_LOOKS_NANOS);
      today = reader.read(definition.database(), definition.name());
    }
    return today;
  }

  private static LoggedTable logged(
      MysqlConnection connection, TableDefinition definition, Position before) {
    TableSchema today =
        today(connection, definition)
            .orElseThrow(() ->
                new RpcException(
                    Status.Code.FAILED_PRECONDITION,
                    "unknown table "
                        + definition.name()
                        + " in schema: the binary log has rows of it but it is gone"));
    return LoggedTable.of(
        definition, today, before, id -> ServerCharsets.ofCollation(connection, id));
  }
}
