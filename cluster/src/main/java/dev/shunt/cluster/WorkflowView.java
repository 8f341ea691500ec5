package dev.shunt.cluster;

import dev.shunt.workflow.WorkflowNames;
import dev.shunt.workflow.routing.Move;
import dev.shunt.workflow.streams.MigrationId;
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

  /** Migration id: under it the switch of this workflow writes its journals. */
  public long migrationId() {
    return MigrationId.of(
        keyspace,
        streams.stream()
            .map(stream -> new MigrationId.StreamId(stream.target().shard(), stream.id()))
            .toList());
  }

  /** Source, target and tables, as the streams go. */
  public Move move() {
    return new Move(sourceKeyspace, keyspace, tables);
  }

  /** Source, target and tables of the forward workflow, whichever this one is. */
  public Move forwardMove() {
    return WorkflowNames.isReverse(workflow) ? move().reversed() : move();
  }

  /** Name of the workflow in the other direction. */
  public String reverseName() {
    return WorkflowNames.reverse(workflow);
  }
}
