package dev.shunt.tablet.vreplication.writing;

import dev.shunt.mysql.Flavor;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.schema.TableSchema;
import dev.shunt.workflow.sql.RuleSelect.Grouping;
import io.grpc.Status;
import io.vitess.proto.Query;
import java.util.List;
import java.util.Optional;

/**
 * How rows of a stream are written to one table: which field goes to which column, the statements
 * for rows, and what may be done with them. Built from the fields that the source announced; a new
 * one is built when it announces others.
 */
public final class TargetTable {
  private final String name;
  private final TableFacts facts;
  private final ColumnMapping columns;
  private final RowStatements statements;
  private final boolean independentRows;
  private final boolean warned;
  private final boolean sure;
  private final int uniqueIndexes;

  /** Every field fills the column of its name. */
  public TargetTable(
      TableSchema schema, Flavor server, boolean standsAlone, List<Query.Field> fields) {
    this(
        schema,
        new TableFacts(server, standsAlone, false, false, Optional.empty()),
        ColumnPlan.all(fields, Optional.empty()));
  }

  /**
   * @throws RpcException NOT_FOUND when the target lacks a column, FAILED_PRECONDITION when nothing
   *     fills one of the key's
   */
  TargetTable(TableSchema schema, TableFacts facts, ColumnPlan plan) {
    this.name = schema.name();
    this.facts = facts;
    this.columns = new ColumnMapping(schema, plan);
    this.statements = new RowStatements(name, columns, facts.server());
    this.warned = plan.warned();
    this.sure = plan.sure() && !facts.refuses();
    this.uniqueIndexes = schema.uniqueIndexes();
    this.independentRows =
        facts.standsAlone()
            && !facts.withoutOverlaps()
            && unique()
            && !merges()
            && uniqueIndexes == 1
            && columns.keyIsEqualByBytes();
  }

  /** Its name in the target's database. */
  public String name() {
    return name;
  }

  /** Which field goes to which column. */
  public ColumnMapping columns() {
    return columns;
  }

  /** The statements for its rows. */
  public RowStatements statements() {
    return statements;
  }

  /** What it was when it was looked at. */
  Optional<TableStamp> stamp() {
    return facts.stamp();
  }

  /** Whether its key distinguishes rows. */
  public boolean unique() {
    return columns.unique();
  }

  /** Whether several rows of the source make one of this table. */
  public boolean merges() {
    return columns.grouping() != Grouping.NONE;
  }

  /**
   * Whether changes of different keys can be applied in any order: the key is the only unique one
   * and equal to the byte when it is equal, and no trigger or foreign key looks at the rows.
   */
  public boolean independentRows() {
    return independentRows;
  }

  /**
   * Whether the table takes every row that the source's can have. Of another the server must see
   * each row, also one that does not last: what it refuses ends the stream.
   */
  public boolean takesAllRows() {
    return sure;
  }

  /** Whether neither a trigger nor a foreign key looks at its rows. */
  public boolean standsAlone() {
    return facts.standsAlone();
  }

  /**
   * Whether the server warns of rows though all is well: they lose digits, which was allowed, or
   * have a deprecated character set. LOAD DATA does not distinguish that from errors.
   */
  public boolean warned() {
    return warned;
  }

  /**
   * Whether a row that is there already can be none but the same row of the source, so that it may
   * be replaced: the key is the only one by which rows are equal, and has all columns of the
   * source's.
   *
   * @param fields of the source's rows
   * @param sourceKey the fields by which the source distinguishes them
   */
  public boolean distinguishes(List<Query.Field> fields, List<Query.Field> sourceKey) {
    return unique()
        && uniqueIndexes == 1
        && !facts.withoutOverlaps()
        && sourceKey.stream().allMatch(field -> columns.hasInKey(fields, field.getName()));
  }

  /**
   * Makes sure that a change can be made of some of its columns alone.
   *
   * @throws RpcException FAILED_PRECONDITION when columns are worked out from others
   */
  public void demandPlainColumns() {
    if (!columns.loadable()) {
      throw new RpcException(
          Status.Code.FAILED_PRECONDITION,
          "rows of the source lack columns that those of table "
              + name
              + " are worked out from: set binlog_row_image=FULL on the source");
    }
  }
}
