package dev.shunt.saga.world;

import java.util.List;
import tabletmanagerdata.Tabletmanagerdata;

/**
 * A workflow as its streams tell.
 *
 * @param keyspace target keyspace
 * @param workflow name
 * @param sourceKeyspace where the streams read
 * @param tables tables of the workflow, sorted
 * @param targets shards that have streams, in the order of their key ranges
 * @param sources shards that streams read, in the order of their key ranges
 * @param streams streams by target shard and id
 * @param head fields that all streams share: cells, tablet types, type, options
 */
public record WorkflowView(
    String keyspace,
    String workflow,
    String sourceKeyspace,
    List<String> tables,
    List<ShardPrimary> targets,
    List<ShardPrimary> sources,
    List<StreamView> streams,
    Tabletmanagerdata.ReadVReplicationWorkflowResponse head) {
  /** Suffix of the workflow that carries changes back. */
  public static final String REVERSE = "_reverse";

  public WorkflowView {
    tables = List.copyOf(tables);
    targets = List.copyOf(targets);
    sources = List.copyOf(sources);
    streams = List.copyOf(streams);
  }

  /** Whether any stream is frozen: writes were switched away through this workflow. */
  public boolean frozen() {
    return streams.stream().anyMatch(StreamView::frozen);
  }

  /** Streams that write to a shard. */
  public List<StreamView> streamsTo(ShardPrimary target) {
    return streams.stream()
        .filter(stream -> stream.target().shard().equals(target.shard()))
        .toList();
  }

  /** Streams that read a shard. */
  public List<StreamView> streamsFrom(ShardPrimary source) {
    return streams.stream().filter(stream -> stream.sourceShard().equals(source.shard())).toList();
  }

  /** {@code shard:id} of all streams. */
  public List<String> streamIds() {
    return streams.stream().map(StreamView::shardAndId).toList();
  }

  /** Name of the workflow in the other direction. */
  public String reverseName() {
    return reverseName(workflow);
  }

  /** Strips a trailing {@code _reverse}, or else appends it. */
  public static String reverseName(String workflow) {
    return workflow.endsWith(REVERSE)
        ? workflow.substring(0, workflow.length() - REVERSE.length())
        : workflow + REVERSE;
  }
}
