package dev.shunt.schemas;

import java.util.List;

/**
 * A diff of the workflow.
 *
 * @param uuid Id.
 * @param state started, completed, stopped or error.
 * @param startedAt Milliseconds since the epoch.
 * @param completedAt Milliseconds since the epoch; 0 while it runs.
 * @param rowsCompared Rows compared.
 * @param hasMismatch Whether anything differs.
 * @param error Why it ended, when it did not complete.
 * @param tables Per table and target shard.
 * @param limit A table was compared no further than this many rows on a shard; 0 when it was
 *     compared whole, -1 when that is not known.
 * @param allTables Whether it compares all tables of the workflow.
 * @param parts How many entries tables would have, one a table and shard, if the status had room
 *     for all; -1 when that is not known.
 */
public record DiffStatus(
    String uuid,
    String state,
    long startedAt,
    long completedAt,
    long rowsCompared,
    boolean hasMismatch,
    String error,
    List<TableDiff> tables,
    long limit,
    boolean allTables,
    int parts) {
  public DiffStatus {
    tables = List.copyOf(tables);
  }
}
