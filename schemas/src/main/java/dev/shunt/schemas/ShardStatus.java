package dev.shunt.schemas;

import java.util.List;

/**
 * Streams of one workflow into one target shard: the fold of what its tablets report.
 *
 * @param keyspace Target keyspace.
 * @param workflow Name of the workflow.
 * @param shard Target shard.
 * @param streams Its streams, sorted by tablet and id.
 */
public record ShardStatus(
    String keyspace, String workflow, String shard, List<StreamStatus> streams)
    implements Materialized {
  public ShardStatus {
    streams = List.copyOf(streams);
  }
}
