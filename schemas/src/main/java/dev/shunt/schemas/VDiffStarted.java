package dev.shunt.schemas;

import java.util.List;

/**
 * A diff began.
 *
 * @param header Workflow, cause, time and teller.
 * @param uuid Id of the diff.
 * @param tables Tables it compares.
 * @param shards Target shards.
 * @param limit A table is compared no further than this many rows on a shard; 0 when it is compared
 *     whole, -1 when that is not known.
 * @param allTables Whether it compares all tables of the workflow.
 */
public record VDiffStarted(
    EventHeader header,
    String uuid,
    List<String> tables,
    List<String> shards,
    long limit,
    boolean allTables)
    implements Event {
  public VDiffStarted {
    tables = List.copyOf(tables);
    shards = List.copyOf(shards);
  }
}
