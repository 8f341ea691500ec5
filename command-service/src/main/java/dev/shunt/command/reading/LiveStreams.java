package dev.shunt.command.reading;

import dev.shunt.cluster.StreamReading;
import dev.shunt.schemas.CopyState;
import dev.shunt.schemas.StreamStatus;
import io.vitess.proto.Topodata;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowsRequest;

/** Reads the streams of a workflow from a tablet, now. */
final class LiveStreams {
  private static final int MAX_ROWS = 10_000;

  private final TabletAccess tablets;

  LiveStreams(TabletAccess tablets) {
    this.tablets = tablets;
  }

  /**
   * Streams of a workflow on one tablet, with the tables they still copy.
   *
   * @param sidecar name of the keyspace's sidecar database
   */
  List<StreamStatus> read(String workflow, Topodata.Tablet tablet, String sidecar) {
    List<StreamStatus> streams = new ArrayList<>();
    for (ReadVReplicationWorkflowResponse found :
        tablets.workflows(
            tablet,
            ReadVReplicationWorkflowsRequest.newBuilder().addIncludeWorkflows(workflow).build())) {
      if (found.getStreamsCount() > 0) {
        Map<Long, List<CopyState>> copies = copyStates(tablet, sidecar, found);
        found
            .getStreamsList()
            .forEach(stream ->
                streams.add(
                    StreamReading.status(
                        tablet.getShard(), tablet.getAlias(), found, stream, copies)));
      }
    }
    return streams;
  }

  private Map<Long, List<CopyState>> copyStates(
      Topodata.Tablet tablet, String sidecar, ReadVReplicationWorkflowResponse workflow) {
    String query =
        StreamReading.copyStatesQuery(
            sidecar,
            workflow.getStreamsList().stream()
                .map(ReadVReplicationWorkflowResponse.Stream::getId)
                .toList());
    return StreamReading.copyStates(tablets.query(tablet, query, MAX_ROWS));
  }
}
