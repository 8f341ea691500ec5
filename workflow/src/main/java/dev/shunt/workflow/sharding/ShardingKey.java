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
    if (columns.size() != 1) {
      throw new IllegalArgumentException(
          "vindex " + vindexName + " takes one column, the table names " + columns);
    }
  }

  /** The only column. */
  public String column() {
    return columns.getFirst();
  }
}
