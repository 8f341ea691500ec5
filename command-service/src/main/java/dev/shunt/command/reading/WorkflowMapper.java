package dev.shunt.command.reading;

import binlogdata.Binlogdata;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import dev.shunt.schemas.CopyState;
import dev.shunt.schemas.StreamStatus;
import dev.shunt.topo.Aliases;
import io.vitess.proto.Topodata;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import tabletmanagerdata.Tabletmanagerdata.TabletSelectionPreference;
import vtctldata.Vtctldata;
import vttime.Vttime;

/** Makes Vitess's description of a workflow from its streams. */
final class WorkflowMapper {
  private static final JsonFormat.Parser OPTIONS = JsonFormat.parser().ignoringUnknownFields();

  private WorkflowMapper() {}

  /** What a workflow's answer needs of a target shard. */
  interface Shards {
    /** Record of a target shard; the default instance when there is none. */
    Topodata.Shard get(String shard);
  }

  /** Describes a workflow by its streams, of which there is at least one; logs are left out. */
  static Vtctldata.Workflow map(
      String keyspace, String workflow, Collection<StreamAnswer> streams, Shards shards) {
    List<StreamAnswer> sorted =
        streams.stream()
            .sorted(
                Comparator.comparing((StreamAnswer view) -> view.status().shard())
                    .thenComparing(view -> view.status().tablet())
                    .thenComparing(view -> view.status().id()))
            .toList();
    StreamAnswer first = sorted.getFirst();
    Vtctldata.Workflow.Builder answer =
        Vtctldata.Workflow.newBuilder()
            .setName(workflow)
            .setSource(source(sorted))
            .setTarget(target(keyspace, sorted))
            .setWorkflowType(type(first.status().workflowType()))
            .setWorkflowSubType(subType(first.status().workflowSubType()))
            .setDeferSecondaryKeys(first.status().deferSecondaryKeys())
            .setOptions(options(first.status().options()))
            .setMaxVReplicationLag(sorted.stream().mapToLong(StreamAnswer::lag).max().orElse(0))
            .setMaxVReplicationTransactionLag(
                sorted.stream().mapToLong(StreamAnswer::transactionLag).max().orElse(0));
    for (StreamAnswer view : sorted) {
      String key = view.status().shard() + "/" + view.status().tablet();
      Vtctldata.Workflow.ShardStream.Builder shardStream =
          answer
              .getShardStreamsOrDefault(key, empty(shards.get(view.status().shard())))
              .toBuilder();
      answer.putShardStreams(key, shardStream.addStreams(stream(view)).build());
    }
    return answer.build();
  }

  private static Vtctldata.Workflow.ShardStream empty(Topodata.Shard shard) {
    return Vtctldata.Workflow.ShardStream.newBuilder()
        .addAllTabletControls(shard.getTabletControlsList())
        .setIsPrimaryServing(shard.getIsPrimaryServing())
        .build();
  }

  private static Vtctldata.Workflow.ReplicationLocation source(List<StreamAnswer> streams) {
    TreeSet<String> shards = new TreeSet<>();
    streams.forEach(view -> shards.add(view.source().getShard()));
    return Vtctldata.Workflow.ReplicationLocation.newBuilder()
        .setKeyspace(streams.getFirst().source().getKeyspace())
        .addAllShards(shards)
        .build();
  }

  private static Vtctldata.Workflow.ReplicationLocation target(
      String keyspace, List<StreamAnswer> streams) {
    TreeSet<String> shards = new TreeSet<>();
    streams.forEach(view -> shards.add(view.status().shard()));
    return Vtctldata.Workflow.ReplicationLocation.newBuilder()
        .setKeyspace(keyspace)
        .addAllShards(shards)
        .build();
  }

  private static Vtctldata.Workflow.Stream stream(StreamAnswer view) {
    StreamStatus status = view.status();
    Vtctldata.Workflow.Stream.Builder stream =
        Vtctldata.Workflow.Stream.newBuilder()
            .setId(status.id())
            .setShard(status.shard())
            .setTablet(Aliases.parse(status.tablet()))
            .setBinlogSource(view.source())
            .setPosition(view.position())
            .setStopPosition(status.stopPosition())
            .setState(view.stateText())
            .setDbName(status.dbName())
            .setTransactionTimestamp(seconds(status.transactionTimestamp()))
            .setTimeUpdated(seconds(status.timeUpdated()))
            .setMessage(status.message())
            .addAllTags(List.of(status.tags().split(",", -1)))
            .setRowsCopied(status.rowsCopied())
            .setThrottlerStatus(
                Vtctldata.Workflow.Stream.ThrottlerStatus.newBuilder()
                    .setComponentThrottled(status.componentThrottled())
                    .setTimeThrottled(seconds(status.timeThrottled())))
            .setTabletSelectionPreference(
                view.inOrder() ? TabletSelectionPreference.INORDER : TabletSelectionPreference.ANY)
            .addAllCells(view.cells());
    for (String type : view.tabletTypes()) {
      stream.addTabletTypes(Topodata.TabletType.valueOf(type));
    }
    for (CopyState copy : status.copyStates()) {
      stream.addCopyStates(
          Vtctldata.Workflow.Stream.CopyState.newBuilder()
              .setTable(copy.table())
              .setLastPk(copy.lastPk())
              .setStreamId(status.id()));
    }
    return stream.build();
  }

  private static String type(int number) {
    Binlogdata.VReplicationWorkflowType type =
        Binlogdata.VReplicationWorkflowType.forNumber(number);
    return type == null ? Integer.toString(number) : type.name();
  }

  private static String subType(int number) {
    Binlogdata.VReplicationWorkflowSubType type =
        Binlogdata.VReplicationWorkflowSubType.forNumber(number);
    return type == null ? Integer.toString(number) : type.name();
  }

  private static Vtctldata.WorkflowOptions options(String json) {
    Vtctldata.WorkflowOptions.Builder options = Vtctldata.WorkflowOptions.newBuilder();
    if (json.isBlank()) {
      return options.build();
    }
    try {
      OPTIONS.merge(json, options);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("malformed options of a workflow: " + json, e);
    }
    return options.build();
  }

  private static Vttime.Time seconds(long seconds) {
    return Vttime.Time.newBuilder().setSeconds(seconds).build();
  }
}
