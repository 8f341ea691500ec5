package dev.shunt.schemas;

import java.util.List;

/**
 * What the summary of a workflow says of its streams: the fold of all that tablets reported of
 * them.
 *
 * @param keyspace Target keyspace.
 * @param workflow Workflow of the streams.
 * @param shards Target shards that have streams, sorted.
 * @param sources What the streams read.
 */
public record StreamSummary(
    String keyspace, String workflow, List<String> shards, StreamSources sources)
    implements Relayed {
  public StreamSummary {
    shards = List.copyOf(shards);
  }

  /** That of a workflow without streams. */
  public static StreamSummary none(String keyspace, String workflow) {
    return new StreamSummary(keyspace, workflow, List.of(), StreamSources.NONE);
  }
}
