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
 */
public record TableDdl(List<TableName> tables, String database, Rows rows, String by) {
  public TableDdl {
    tables = List.copyOf(tables);
  }

  /** What becomes of the rows of the tables. */
  public enum Rows {
    /** They stay, be it with other columns. */
    STAY,
    /** They go; the same statement does the same to a table with the same rows. */
    GO,
    /** They come from elsewhere, or go there, or which ones go can't be told. */
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
}
