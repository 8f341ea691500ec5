package dev.shunt.copy.creating;

import binlogdata.Binlogdata;
import binlogdata.Binlogdata.VReplicationWorkflowState;
import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.Parallel;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.cluster.StreamControl;
import dev.shunt.cluster.StreamUpdates;
import dev.shunt.cluster.StreamView;
import dev.shunt.cluster.WorkflowView;
import dev.shunt.saga.FailedException;
import dev.shunt.saga.Run;
import dev.shunt.schemas.MoveTablesCreate;
import dev.shunt.topo.Aliases;
import dev.shunt.workflow.ServingTypes;
import io.grpc.Status;
import java.util.List;
import java.util.Map;
import tabletmanagerdata.Tabletmanagerdata;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse;

/** Streams of a workflow that is being created. */
final class TargetStreams {
  private final Cluster cluster;
  private final MoveTablesCreate command;
  private final List<ShardPrimary> targets;
  private final Map<String, List<Binlogdata.BinlogSource>> planned;

  TargetStreams(
      Cluster cluster,
      MoveTablesCreate command,
      List<ShardPrimary> targets,
      Map<String, List<Binlogdata.BinlogSource>> planned) {
    this.cluster = cluster;
    this.command = command;
    this.targets = targets;
    this.planned = planned;
  }

  private String workflow() {
    return command.header().workflow();
  }

  /** Writes the planned streams, stopped, where they are not all there. */
  String create(Run run) throws Exception {
    Parallel.each(targets, target -> create(run, target));
    return planned.values().stream().mapToInt(List::size).sum() + " stream(s)";
  }

  private void create(Run run, ShardPrimary target) {
    List<Binlogdata.BinlogSource> sources = planned.getOrDefault(target.shard(), List.of());
    StreamControl control = cluster.streams(target, workflow(), run.fence());
    int present = control.read().map(ReadVReplicationWorkflowResponse::getStreamsCount).orElse(0);
    if (present == sources.size()) {
      return;
    }
    if (present > 0) {
      var unused = control.delete();
    }
    control.create(request(sources));
  }

  private Tabletmanagerdata.CreateVReplicationWorkflowRequest request(
      List<Binlogdata.BinlogSource> sources) {
    return Tabletmanagerdata.CreateVReplicationWorkflowRequest.newBuilder()
        .setWorkflow(workflow())
        .addAllBinlogSource(sources)
        .addAllCells(command.cells())
        .addAllTabletTypes(ServingTypes.all(command.tabletTypes()))
        .setTabletSelectionPreference(StreamUpdates.preference(command.tabletTypesInOrder()))
        .setWorkflowType(Binlogdata.VReplicationWorkflowType.MoveTables)
        .setWorkflowSubType(Binlogdata.VReplicationWorkflowSubType.None)
        .setDeferSecondaryKeys(command.deferSecondaryKeys())
        .setAutoStart(command.autoStart())
        .setStopAfterCopy(command.stopAfterCopy())
        .setOptions(WorkflowOptions.json(command))
        .build();
  }

  /** Removes the streams. */
  void delete(Run run) throws Exception {
    Parallel.each(
        cluster.current(targets),
        target -> cluster.streams(target, workflow(), run.fence()).delete());
  }

  /** Fails when a switch was made before under the id that these streams have. */
  String requireNoJournal(List<ShardPrimary> sources) throws Exception {
    WorkflowView view = cluster.requireWorkflow(command.header().keyspace(), workflow());
    long id = view.migrationId();
    for (ShardPrimary source : sources) {
      List<String> keys = cluster.control(source).journalKeys(id);
      if (!keys.isEmpty()) {
        throw new FailedException(
            Status.Code.INTERNAL,
            "found a previous journal of migration %d on %s: delete the rows of"
                    .formatted(id, Aliases.text(source.tablet().getAlias()))
                + " _vt.resharding_journal with id "
                + String.join(" and ", keys)
                + " and create the workflow again");
      }
    }
    return "migration " + id;
  }

  /** Starts the streams that are stopped. */
  String start(Run run) throws Exception {
    WorkflowView view = cluster.requireWorkflow(command.header().keyspace(), workflow());
    List<ShardPrimary> stopped =
        view.streams().stream()
            .filter(stream -> stream.stream().getState() == VReplicationWorkflowState.Stopped)
            .filter(stream -> stream.stream().getPos().isEmpty())
            .map(StreamView::target)
            .distinct()
            .toList();
    Parallel.each(
        stopped,
        target ->
            cluster
                .streams(target, workflow(), run.fence())
                .setState(VReplicationWorkflowState.Running));
    return "started on " + stopped.size() + " shard(s)";
  }
}
