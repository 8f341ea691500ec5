package dev.shunt.mysql;

import java.util.List;

/**
 * What a statement gave.
 *
 * @param columns empty for a statement without rows
 * @param rows all rows
 * @param affectedRows rows changed; 0 for a statement with rows
 * @param insertId last generated AUTO_INCREMENT value, 0 for none; above 2^63 it is negative
 * @param warnings how many warnings SHOW WARNINGS would list; at most 65535
 * @param info a text about the work, such as {@code Records: 3 Deleted: 0 Skipped: 0}
 */
public record QueryResult(
    List<Column> columns,
    List<Row> rows,
    long affectedRows,
    long insertId,
    int warnings,
    String info) {

  /**
   * The only row.
   *
   * @throws IllegalStateException when there is none, or more than one
   */
  public Row only() {
    if (rows.size() != 1) {
      throw new IllegalStateException("one row expected, got " + rows.size());
    }
    return rows.getFirst();
  }

  /** Position of the column with this name, case-insensitively; -1 when there is none. */
  public int column(String name) {
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).name().equalsIgnoreCase(name)) {
        return i;
      }
    }
    return -1;
  }
}
