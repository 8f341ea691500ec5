package dev.shunt.topowatcher;

import dev.shunt.schemas.CopyState;
import dev.shunt.topo.TopoEvent;
import java.util.List;
import java.util.Map;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse;

/** What the relaying instance learns; handled one after another by one thread. */
sealed interface Inbound {
  /** A topology record is there or changed or is gone. */
  record TopoChanged(TopoEvent event) implements Inbound {}

  /** All present records of a cell have been delivered. */
  record TopoSynced(String cell) implements Inbound {}

  /**
   * All streams of a tablet.
   *
   * @param tablet the tablet and what it was at the time
   * @param workflows its streams by workflow
   * @param copyStates tables whose copy has not ended, by stream
   */
  record Snapshot(
      Primary tablet,
      List<ReadVReplicationWorkflowResponse> workflows,
      Map<Long, List<CopyState>> copyStates)
      implements Inbound {}
}
