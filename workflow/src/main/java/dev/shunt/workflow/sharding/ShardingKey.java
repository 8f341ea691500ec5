package dev.shunt.workflow.sharding;

import java.util.List;

/**
 * What places the rows of one table: the columns and the vindex that maps them.
 *
 * @param vindexName name of the vindex in its keyspace's VSchema
 * @param columns columns of the table, in the order the vindex takes them
 * @param vindex the function
 */
public record ShardingKey(String vindexName, List<String> columns, Vindex vindex) {
  public ShardingKey {
    columns = List.copyOf(columns);
    if (columns.size() != vindex.columns()) {
      throw new IllegalArgumentException(
          "vindex "
              + vindexName
              + " takes "
              + vindex.columns()
              + " column(s), the table names "
              + columns);
    }
  }

  /**
   * The only column.
   *
   * @throws IllegalStateException when there are several
   */
  public String column() {
    if (columns.size() != 1) {
      throw new IllegalStateException("vindex " + vindexName + " takes columns " + columns);
    }
    return columns.getFirst();
  }
}
