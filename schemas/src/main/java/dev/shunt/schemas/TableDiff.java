package dev.shunt.schemas;

/**
 * What the comparison of one table on one target shard found.
 *
 * @param shard Target shard.
 * @param table Table.
 * @param state pending, started, completed, stopped or error.
 * @param processedRows Rows compared.
 * @param matchingRows Equal rows.
 * @param mismatchedRows Rows with equal key and other values.
 * @param extraRowsSource Rows only on the source.
 * @param extraRowsTarget Rows only on the target.
 * @param report Samples of differing rows as JSON, in the form of Vitess.
 */
public record TableDiff(
    String shard,
    String table,
    String state,
    long processedRows,
    long matchingRows,
    long mismatchedRows,
    long extraRowsSource,
    long extraRowsTarget,
    String report) {}
