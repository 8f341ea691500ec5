package dev.shunt.copy.updating;

import binlogdata.Binlogdata.VReplicationWorkflowState;
import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.Parallel;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.cluster.StreamUpdates;
import dev.shunt.cluster.TabletChanges;
import dev.shunt.cluster.WorkflowView;
import dev.shunt.saga.Effect;
import dev.shunt.saga.Run;
import dev.shunt.saga.Saga;
import dev.shunt.saga.Success;
import dev.shunt.schemas.DesiredState;
import dev.shunt.schemas.WorkflowUpdate;
import dev.shunt.workflow.Refusal;
import dev.shunt.workflow.ServingTypes;
import dev.shunt.workflow.plan.UpdateAction;
import dev.shunt.workflow.streams.StreamPlanner;
import java.util.List;
import tabletmanagerdata.Tabletmanagerdata.UpdateVReplicationWorkflowRequest;

/** Plans changes of a workflow's streams. */
public final class UpdatePlanner {
  private final Cluster cluster;

  /** Looks at this cluster. */
  public UpdatePlanner(Cluster cluster) {
    this.cluster = cluster;
  }

  /** Checks the command and plans its one step. */
  public Saga plan(WorkflowUpdate command, Run run) throws Exception {
    String keyspace = command.header().keyspace();
    String workflow = command.header().workflow();
    cluster.vschema(keyspace);
    List<ShardPrimary> all = cluster.primaries(keyspace);
    for (String shard : command.shards()) {
      if (all.stream().noneMatch(primary -> primary.shard().equals(shard))) {
        throw Refusal.invalidArgument("there is no shard %s in keyspace %s", shard, keyspace)
            .exception();
      }
    }
    WorkflowView view =
        cluster
            .workflow(keyspace, workflow)
            .orElseThrow(() ->
                Refusal.failedPrecondition(
                        "the %s workflow does not exist in the %s keyspace", workflow, keyspace)
                    .exception());
    if (command.state() == DesiredState.RUNNING && view.frozen()) {
      throw Refusal.failedPrecondition(
              "the %s workflow in the %s keyspace is frozen: its writes are switched; complete it"
                  + " or reverse the traffic",
              workflow, keyspace)
          .exception();
    }
    List<ShardPrimary> targets =
        view.targets().stream()
            .filter(shard -> command.shards().isEmpty() || command.shards().contains(shard.shard()))
            .toList();
    if (targets.isEmpty()) {
      throw Refusal.failedPrecondition(
              "the %s workflow has no streams on the shards %s",
              workflow, String.join(",", command.shards()))
          .exception();
    }
    UpdateVReplicationWorkflowRequest request = request(command);
    return Saga.of(
        UpdateAction.PLAN,
        action ->
            switch (action) {
              case UPDATE_STREAMS -> Effect.of(workflow, r -> update(request, targets, r));
            },
        false,
        r ->
            Success.of(
                "Successfully updated the %s workflow on (%d) target primary tablets in the %s"
                        .formatted(workflow, targets.size(), keyspace)
                    + " keyspace",
                TabletChanges.attributes(targets, target -> true)));
  }

  private String update(
      UpdateVReplicationWorkflowRequest request, List<ShardPrimary> targets, Run run)
      throws Exception {
    Parallel.each(
        targets,
        target -> cluster.streams(target, request.getWorkflow(), run.fence()).update(request));
    return targets.size() + " shard(s)";
  }

  private UpdateVReplicationWorkflowRequest request(WorkflowUpdate command) {
    UpdateVReplicationWorkflowRequest.Builder request =
        StreamUpdates.update(command.header().workflow());
    List<String> cells = command.cells();
    if (cells != null) {
      request.clearCells().addAllCells(cells);
    }
    List<String> types = command.tabletTypes();
    if (types != null) {
      request.clearTabletTypes();
      request.addAllTabletTypes(ServingTypes.all(types));
    }
    Boolean inOrder = command.tabletTypesInOrder();
    if (inOrder != null) {
      request.setTabletSelectionPreference(StreamUpdates.preference(inOrder));
    }
    String onDdl = command.onDdl();
    if (onDdl != null) {
      request.setOnDdl(StreamPlanner.onDdl(onDdl));
    }
    DesiredState state = command.state();
    if (state != null) {
      request.setState(
          switch (state) {
            case RUNNING -> VReplicationWorkflowState.Running;
            case STOPPED -> VReplicationWorkflowState.Stopped;
          });
    }
    return request.putAllConfigOverrides(command.configOverrides()).build();
  }
}
