package dev.shunt.workflow.sql;

import java.util.List;
import java.util.Optional;

/**
 * What a statement that defines something does to tables, as MySQL and MariaDB write it to their
 * logs. Views, triggers, routines, users and the like are no concern of tables.
 *
 * @param tables tables that come, go or change; of a rename both names
 * @param database a database that is dropped with all its tables; empty for none
 * @param rows what becomes of rows without a word of it in a log of rows
 * @param by the words of the statement that do that; empty when rows stay
 * @param addsForeignKeys whether it may add foreign keys
 * @param droppedConstraints names of foreign keys that it drops, and of other constraints
 */
public record TableDdl(
    List<TableName> tables,
    String database,
    Rows rows,
    String by,
    boolean addsForeignKeys,
    List<String> droppedConstraints) {
  public TableDdl {
    tables = List.copyOf(tables);
    droppedConstraints = List.copyOf(droppedConstraints);
  }

  TableDdl(List<TableName> tables, String database, Rows rows, String by) {
    this(tables, database, rows, by, false, List.of());
  }

  TableDdl withConstraints(boolean adds, List<String> dropped) {
    return new TableDdl(tables, database, rows, by, adds, dropped);
  }

  /** What becomes of the rows of the tables. */
  public enum Rows {
    /** They stay, be it with other columns. */
    STAY,
    /** They go; the same statement does the same to a table with the same rows. */
    GO,
    /** They come from elsewhere, or go there, or it is not known which ones go. */
    MOVE
  }

  /**
   * Reads a statement.
   *
   * @return empty when it defines no table
   * @throws SqlException when it seems to but can't be read
   */
  public static Optional<TableDdl> read(String sql) {
    return TableDdlReader.read(sql);
  }

  /** Whether rows go, come or are put in place of others. */
  public boolean changesRows() {
    return rows != Rows.STAY;
  }

  /** Whether it may add or drop foreign keys. */
  public boolean changesForeignKeys() {
    return addsForeignKeys || !droppedConstraints.isEmpty();
  }
}
