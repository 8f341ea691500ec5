package dev.shunt.cluster;

import tabletmanagerdata.Tabletmanagerdata;

/** Requests that change streams of a workflow. */
public final class StreamUpdates {
  private static final String UNCHANGED = "NULL";
  private static final int UNCHANGED_TYPE = -1;

  private StreamUpdates() {}

  /** A request that changes nothing of the workflow's streams, to be filled in. */
  public static Tabletmanagerdata.UpdateVReplicationWorkflowRequest.Builder update(
      String workflow) {
    return Tabletmanagerdata.UpdateVReplicationWorkflowRequest.newBuilder()
        .setWorkflow(workflow)
        .addCells(UNCHANGED)
        .addTabletTypesValue(UNCHANGED_TYPE)
        .setTabletSelectionPreference(Tabletmanagerdata.TabletSelectionPreference.UNKNOWN);
  }

  /** INORDER where tablet types are tried in their order, else ANY. */
  public static Tabletmanagerdata.TabletSelectionPreference preference(boolean inOrder) {
    return inOrder
        ? Tabletmanagerdata.TabletSelectionPreference.INORDER
        : Tabletmanagerdata.TabletSelectionPreference.ANY;
  }
}
