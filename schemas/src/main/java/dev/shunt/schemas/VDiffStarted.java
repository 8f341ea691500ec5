package dev.shunt.schemas;

import java.util.List;

/**
 * A diff began.
 *
 * @param header Workflow, cause, time and teller.
 * @param uuid Id of the diff.
 * @param tables Tables it compares.
 * @param shards Target shards.
 */
public record VDiffStarted(
    EventHeader header, String uuid, List<String> tables, List<String> shards) implements Event {
  public VDiffStarted {
    tables = List.copyOf(tables);
    shards = List.copyOf(shards);
  }
}
