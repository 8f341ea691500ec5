package dev.shunt.tablet.vstreamer;

import dev.shunt.mysql.Position;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.schema.ColumnSchema;
import dev.shunt.tablet.schema.TableSchema;
import dev.shunt.tablet.vstreamer.binlog.CellReader;
import dev.shunt.tablet.vstreamer.binlog.ColumnFacts;
import dev.shunt.tablet.vstreamer.binlog.RowsDecoder;
import dev.shunt.tablet.vstreamer.binlog.TableDefinition;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * A table as the binary log has it, completed by what information_schema says now. The table may
 * have been changed since its rows were logged, so the log comes first, and what it contradicts is
 * refused rather than read as something else.
 *
 * <p>Where the log has the columns' names (binlog_row_metadata=FULL), a column is found by its name
 * and may have got another type of the same kind. Where it has none, columns are found by their
 * place only: then all types must be the same, and columns of today behind the last one of the log
 * are taken for newer.
 *
 * <p>For each unique key that MariaDB keeps by a hash, as it is too long for an index, its log has
 * a column behind all others that the table does not show. It is passed over.
 */
final class LoggedTable {
  private static final String HASH_COLUMN = "DB_ROW_HASH_";

  private final TableDefinition definition;
  private final TableSchema schema;
  private final Position before;
  private final IntFunction<String> charsets;

  private LoggedTable(
      TableDefinition definition,
      TableSchema schema,
      Position before,
      IntFunction<String> charsets) {
    this.definition = definition;
    this.schema = schema;
    this.before = before;
    this.charsets = charsets;
  }

  /**
   * Brings both together.
   *
   * @param before position that the rows follow, to name it
   * @param charsets name of the character set of a collation's number
   * @throws RpcException FAILED_PRECONDITION when it is not certain which columns there were
   */
  static LoggedTable of(
      TableDefinition definition,
      TableSchema today,
      Position before,
      IntFunction<String> charsets) {
    boolean named = !definition.names().isEmpty();
    List<ColumnSchema> columns =
        named ? byName(definition, today) : byPlace(definition, today, before);
    TableSchema schema =
        new TableSchema(
            today.name(),
            columns,
            today.key(),
            today.uniqueKey(),
            today.keyName(),
            today.uniqueIndexes(),
            today.hashedIndexes());
    LoggedTable table = new LoggedTable(definition, schema, before, charsets);
    if (!named) {
      for (int i = 0; i < columns.size(); i++) {
        table.demandSame(i);
        table.demandCharset(i);
      }
    }
    return table;
  }

  private static List<ColumnSchema> byName(TableDefinition definition, TableSchema today) {
    List<ColumnSchema> columns = new ArrayList<>();
    for (String name : shown(definition.names(), today)) {
      int column = today.column(name);
      columns.add(column >= 0 ? today.columns().get(column) : gone(name));
    }
    return columns;
  }

  /** A column that is called so and that the table shows is one like others. */
  private static List<String> shown(List<String> names, TableSchema today) {
    int end = names.size();
    while (end > 0
        && names.get(end - 1).startsWith(HASH_COLUMN)
        && today.column(names.get(end - 1)) < 0) {
      end--;
    }
    return names.subList(0, end);
  }

  /** A column that the table no longer has goes as bytes. */
  private static ColumnSchema gone(String name) {
    return new ColumnSchema(name, "", "", 0, "", "", 63, true, false, false, false);
  }

  private static boolean isGone(ColumnSchema column) {
    return column.dataType().isEmpty();
  }

  private static List<ColumnSchema> byPlace(
      TableDefinition definition, TableSchema today, Position before) {
    int columns = definition.columns();
    int hashes = today.hashedIndexes();
    if (hashes > 0 && mayBeHash(definition, columns - 1)) {
      int shown = columns - hashes;
      boolean same =
          shown == today.columns().size()
              && IntStream.range(shown, columns).allMatch(i -> mayBeHash(definition, i));
      if (same) {
        return today.columns();
      }
      throw refuse(
          "table "
              + today.name()
              + " has unique keys that are kept by a hash in a hidden column, and which columns of"
              + " its rows in the binary log behind position "
              + before.encoded()
              + " are such can't be told, as it was changed since");
    }
    if (columns > today.columns().size()) {
      throw refuse(
          "table "
              + today.name()
              + " has "
              + today.columns().size()
              + " columns, its rows in the binary log behind position "
              + before.encoded()
              + " have "
              + columns);
    }
    return today.columns().subList(0, columns);
  }

  private static boolean mayBeHash(TableDefinition definition, int column) {
    List<Boolean> unsigned = definition.optionalMetadata().unsigned();
    return definition.typeName(column).equals("bigint")
        && (unsigned.isEmpty() || unsigned.get(column));
  }

  /** The columns of the log, in its order. */
  TableSchema schema() {
    return schema;
  }

  /**
   * A decoder for what a plan sends and filters by; other columns are passed over.
   *
   * @throws RpcException FAILED_PRECONDITION when the plan needs what the log has in another way
   */
  RowsDecoder decoder(RowPlan plan) {
    for (int column : plan.filtered()) {
      if (isGone(schema.columns().get(column))) {
        throw refuse(
            describe(column) + ", by which the stream is filtered, is gone from the table");
      }
    }
    Set<Integer> needed = new HashSet<>(plan.projection());
    needed.addAll(plan.filtered());
    CellReader[] readers = new CellReader[definition.columns()];
    for (int i = 0; i < readers.length; i++) {
      readers[i] =
          needed.contains(i)
              ? reader(i)
              : CellReader.passing(definition.types().get(i), definition.metadata().get(i));
    }
    return new RowsDecoder(definition, readers);
  }

  private CellReader reader(int i) {
    ColumnSchema column = schema.columns().get(i);
    ColumnFacts facts = ColumnFacts.PLAIN;
    if (!isGone(column)) {
      demandKind(i);
      demandCharset(i);
      facts = LoggedColumn.facts(column);
    }
    return CellReader.of(
        definition.types().get(i), definition.metadata().get(i), definition.facts(i, facts));
  }

  private void demandSame(int i) {
    ColumnSchema column = schema.columns().get(i);
    if (!ColumnTypes.same(definition.typeName(i), column.dataType())) {
      throw otherType(i);
    }
    boolean signed = !definition.optionalMetadata().unsigned().isEmpty();
    if (signed
        && ColumnTypes.isNumber(definition.typeName(i))
        && definition.optionalMetadata().unsigned().get(i) != column.unsigned()) {
      throw otherType(i);
    }
  }

  private void demandKind(int i) {
    if (!ColumnTypes.sameKind(definition.typeName(i), schema.columns().get(i).dataType())) {
      throw otherType(i);
    }
  }

  /** Bytes of a text mean something else in another character set. */
  private void demandCharset(int i) {
    ColumnSchema column = schema.columns().get(i);
    int collation = definition.optionalMetadata().collations().get(i);
    if (collation == 0 || collation == column.collationId()) {
      return;
    }
    String logged = charsets.apply(collation);
    if (!ColumnTypes.sameBytes(definition.typeName(i), logged, column)) {
      throw refuse(
          describe(i)
              + " has character set "
              + (column.charset().isEmpty() ? "binary" : column.charset())
              + " now and had "
              + logged);
    }
  }

  private RpcException otherType(int i) {
    boolean unsigned =
        !definition.optionalMetadata().unsigned().isEmpty()
            && definition.optionalMetadata().unsigned().get(i);
    return refuse(
        describe(i)
            + " is "
            + schema.columns().get(i).columnType()
            + " now and was "
            + definition.typeName(i)
            + (unsigned ? " unsigned" : ""));
  }

  private String describe(int i) {
    return "the table was changed after rows were logged that follow position "
        + before.encoded()
        + ": column "
        + schema.columns().get(i).name()
        + " of table "
        + schema.name();
  }

  private static RpcException refuse(String message) {
    return new RpcException(
        Status.Code.FAILED_PRECONDITION,
        message + "; with binlog_row_metadata=FULL a source logs names and types of columns");
  }
}
