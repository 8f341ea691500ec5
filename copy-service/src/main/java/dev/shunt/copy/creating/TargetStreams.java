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
import dev.shunt.schemas.ReshardCreate;
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
  private final Settings settings;
  private final List<ShardPrimary> targets;
  private final Map<String, List<Binlogdata.BinlogSource>> planned;

  /**
   * What all streams of a workflow share.
   *
   * @param keyspace keyspace that they write
   * @param workflow their workflow
   * @param type kind of workflow
   * @param cells cells of the tablets that they may read
   * @param tabletTypes types of these tablets
   * @param inOrder whether the types are tried in their order
   * @param deferSecondaryKeys whether secondary keys come behind the rows
   * @param autoStart whether they are to be started
   * @param stopAfterCopy whether they end with the copy
   * @param options JSON of the workflow's options
   */
  record Settings(
      String keyspace,
      String workflow,
      Binlogdata.VReplicationWorkflowType type,
      List<String> cells,
      List<String> tabletTypes,
      boolean inOrder,
      boolean deferSecondaryKeys,
      boolean autoStart,
      boolean stopAfterCopy,
      String options) {
    Settings {
      cells = List.copyOf(cells);
      tabletTypes = List.copyOf(tabletTypes);
    }

    static Settings of(MoveTablesCreate command) {
      return new Settings(
          command.header().keyspace(),
          command.header().workflow(),
          Binlogdata.VReplicationWorkflowType.MoveTables,
          command.cells(),
          command.tabletTypes(),
          command.tabletTypesInOrder(),
          command.deferSecondaryKeys(),
          command.autoStart(),
          command.stopAfterCopy(),
          WorkflowOptions.json(command));
    }

    static Settings of(ReshardCreate command) {
      return new Settings(
          command.header().keyspace(),
          command.header().workflow(),
          Binlogdata.VReplicationWorkflowType.Reshard,
          command.cells(),
          command.tabletTypes(),
          command.tabletTypesInOrder(),
          command.deferSecondaryKeys(),
          command.autoStart(),
          command.stopAfterCopy(),
          WorkflowOptions.json(command.configOverrides()));
    }
  }

  TargetStreams(
      Cluster cluster,
      Settings settings,
      List<ShardPrimary> targets,
      Map<String, List<Binlogdata.BinlogSource>> planned) {
    this.cluster = cluster;
    this.settings = settings;
    this.targets = targets;
    this.planned = planned;
  }

  private String workflow() {
    return settings.workflow();
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
        .addAllCells(settings.cells())
        .addAllTabletTypes(ServingTypes.all(settings.tabletTypes()))
        .setTabletSelectionPreference(StreamUpdates.preference(settings.inOrder()))
        .setWorkflowType(settings.type())
        .setWorkflowSubType(Binlogdata.VReplicationWorkflowSubType.None)
        .setDeferSecondaryKeys(settings.deferSecondaryKeys())
        .setAutoStart(settings.autoStart())
        .setStopAfterCopy(settings.stopAfterCopy())
        .setOptions(settings.options())
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
    WorkflowView view = cluster.requireWorkflow(settings.keyspace(), workflow());
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
    WorkflowView view = cluster.requireWorkflow(settings.keyspace(), workflow());
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
