package dev.shunt.workflow.sql;

import java.util.List;

/**
 * The SELECT of a filter rule.
 *
 * @param table table it reads
 * @param columns columns it sends, in order; empty means {@code *}
 * @param where all of these must hold; none is {@link Condition.Unhandled}
 */
public record FilterSelect(String table, List<SelectedColumn> columns, List<Condition> where) {
  public FilterSelect {
    columns = List.copyOf(columns);
    where = List.copyOf(where);
  }

  /** Whether it sends every column of the table. */
  public boolean allColumns() {
    return columns.isEmpty();
  }

  /**
   * A column of the select list.
   *
   * @param column column of the table
   * @param alias name it is sent under; the column's own when no alias is written
   */
  public record SelectedColumn(String column, String alias) {}
}
