package dev.shunt.tablet.schema;

import java.util.List;

/**
 * A table as information_schema describes it.
 *
 * @param name its name
 * @param columns all columns in table order
 * @param key columns that order its rows: the primary key, else a unique key without NULLs, else
 *     every column
 * @param uniqueKey whether that key distinguishes rows
 * @param keyName name of the index that is the key, empty when every column is the key
 * @param uniqueIndexes how many unique indexes there are, the primary key among them
 * @param hashedIndexes how many of them are kept by a hash, in a hidden column (MariaDB)
 */
public record TableSchema(
    String name,
    List<ColumnSchema> columns,
    List<String> key,
    boolean uniqueKey,
    String keyName,
    int uniqueIndexes,
    int hashedIndexes) {
  public TableSchema {
    columns = List.copyOf(columns);
    key = List.copyOf(key);
  }

  /** A table without hidden columns. */
  public TableSchema(
      String name,
      List<ColumnSchema> columns,
      List<String> key,
      boolean uniqueKey,
      String keyName,
      int uniqueIndexes) {
    this(name, columns, key, uniqueKey, keyName, uniqueIndexes, 0);
  }

  /** Position of a column by name, case-insensitively as MySQL; -1 when there is none. */
  public int column(String column) {
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).name().equalsIgnoreCase(column)) {
        return i;
      }
    }
    return -1;
  }

  /** The key's columns in key order. */
  public List<ColumnSchema> keyColumns() {
    return key.stream().map(name -> columns.get(column(name))).toList();
  }
}
