package dev.shunt.schemas;

import java.util.List;

/**
 * A workflow and its streams exist.
 *
 * @param header Workflow, cause, time and teller.
 * @param workflowType MoveTables, for instance.
 * @param sourceKeyspace Where the tables come from.
 * @param sourceShards Source shards.
 * @param targetShards Target shards.
 * @param tables Tables, sorted.
 * @param createdTables Tables that did not exist on the target before.
 */
public record WorkflowCreated(
    EventHeader header,
    String workflowType,
    String sourceKeyspace,
    List<String> sourceShards,
    List<String> targetShards,
    List<String> tables,
    List<String> createdTables)
    implements Event {
  public WorkflowCreated {
    sourceShards = List.copyOf(sourceShards);
    targetShards = List.copyOf(targetShards);
    tables = List.copyOf(tables);
    createdTables = List.copyOf(createdTables);
  }
}
