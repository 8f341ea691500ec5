package dev.shunt.cli.workflows;

import binlogdata.Binlogdata.VReplicationWorkflowState;
import java.util.List;
import tabletmanagerdata.Tabletmanagerdata.TabletSelectionPreference;
import tabletmanagerdata.Tabletmanagerdata.UpdateVReplicationWorkflowRequest;
import vtctldata.Vtctldata;

/** Requests that change a workflow's streams, with the marks that say "leave this as it is". */
final class UpdateRequests {
  private UpdateRequests() {}

  /** Changes nothing yet. */
  static UpdateVReplicationWorkflowRequest.Builder nothing(String workflow, List<String> shards) {
    return UpdateVReplicationWorkflowRequest.newBuilder()
        .setWorkflow(workflow)
        .addCells("NULL")
        .addTabletTypesValue(-1)
        .setTabletSelectionPreference(TabletSelectionPreference.UNKNOWN)
        .addAllShards(shards);
  }

  /** Starts or stops. */
  static Vtctldata.WorkflowUpdateRequest state(
      String keyspace, String workflow, List<String> shards, VReplicationWorkflowState state) {
    return Vtctldata.WorkflowUpdateRequest.newBuilder()
        .setKeyspace(keyspace)
        .setTabletRequest(nothing(workflow, shards).setState(state))
        .build();
  }
}
