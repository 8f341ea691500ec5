package dev.shunt.cluster;

import dev.shunt.workflow.RefusedException;
import dev.shunt.workflow.WorkflowNames;
import dev.shunt.workflow.migration.Migration;
import dev.shunt.workflow.migration.SwitchableMigration;
import dev.shunt.workflow.streams.MigrationId;
import java.util.List;
import tabletmanagerdata.Tabletmanagerdata;

/**
 * A workflow as its streams show.
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

  /** What it moves, as the streams go. */
  public Migration migration() {
    return MigrationReading.of(
        sourceKeyspace,
        keyspace,
        tables,
        streams.stream().map(StreamView::sourceShard).toList(),
        targets.stream().map(ShardPrimary::shard).toList(),
        head.getWorkflowTypeValue(),
        head.getWorkflowSubTypeValue(),
        head.getOptions());
  }

  /**
   * What it moves, as the streams go, where that is something behind which traffic is switched.
   *
   * @param command what is to be done to the workflow, for the refusal
   * @throws RefusedException UNIMPLEMENTED when it is something else
   */
  public SwitchableMigration switchable(String command) {
    return migration().switchable(command, workflow);
  }

  /** As {@link #switchable}, in the direction of the forward workflow, also of the reverse one. */
  public SwitchableMigration forwardMigration(String command) {
    SwitchableMigration migration = switchable(command);
    return WorkflowNames.isReverse(workflow) ? migration.reversed() : migration;
  }

  /** Name of the workflow in the other direction. */
  public String reverseName() {
    return WorkflowNames.reverse(workflow);
  }
}
