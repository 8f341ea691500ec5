package dev.shunt.schemas;

import java.util.Map;

/**
 * What the streams of a workflow read, by name, and how many of them read it.
 *
 * @param keyspaces Source keyspaces.
 * @param shards Source shards.
 * @param tables What the rules of the streams match.
 * @param types Types of workflow, as VReplicationWorkflowType names them.
 */
public record StreamSources(
    Map<String, Long> keyspaces,
    Map<String, Long> shards,
    Map<String, Long> tables,
    Map<String, Long> types) {
  /** Nothing is read. */
  public static final StreamSources NONE =
      new StreamSources(Map.of(), Map.of(), Map.of(), Map.of());

  public StreamSources {
    keyspaces = Map.copyOf(keyspaces);
    shards = Map.copyOf(shards);
    tables = Map.copyOf(tables);
    types = Map.copyOf(types);
  }
}
