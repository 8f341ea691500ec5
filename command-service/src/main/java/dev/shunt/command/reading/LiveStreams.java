package dev.shunt.command.reading;

import binlogdata.Binlogdata;
import com.google.protobuf.TextFormat;
import dev.shunt.schemas.CopyState;
import dev.shunt.schemas.StreamStatus;
import dev.shunt.tabletclient.ResultRow;
import dev.shunt.topo.Aliases;
import io.vitess.proto.Topodata;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowsRequest;
import tabletmanagerdata.Tabletmanagerdata.TabletSelectionPreference;

/** Reads the streams of a workflow from a tablet, now. */
final class LiveStreams {
  private static final int MAX_ROWS = 10_000;

  private final Tablets tablets;

  LiveStreams(Tablets tablets) {
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
                    status(
                        tablet,
                        found,
                        stream,
                        copies.getOrDefault((long) stream.getId(), List.of()))));
      }
    }
    return streams;
  }

  private Map<Long, List<CopyState>> copyStates(
      Topodata.Tablet tablet, String sidecar, ReadVReplicationWorkflowResponse workflow) {
    String ids =
        workflow.getStreamsList().stream()
            .map(stream -> Integer.toString(stream.getId()))
            .collect(Collectors.joining(","));
    String sql =
        ("select vrepl_id, table_name, lastpk from `%1$s`.copy_state where id in"
                + " (select max(id) from `%1$s`.copy_state where vrepl_id in (%2$s)"
                + " group by vrepl_id, table_name) order by vrepl_id, table_name")
            .formatted(sidecar.replace("`", "``"), ids);
    Map<Long, List<CopyState>> states = new HashMap<>();
    for (ResultRow row : ResultRow.of(tablets.query(tablet, sql, MAX_ROWS))) {
      states
          .computeIfAbsent(row.number("vrepl_id"), id -> new ArrayList<>())
          .add(new CopyState(row.text("table_name"), row.text("lastpk")));
    }
    return states;
  }

  private static StreamStatus status(
      Topodata.Tablet tablet,
      ReadVReplicationWorkflowResponse workflow,
      ReadVReplicationWorkflowResponse.Stream stream,
      List<CopyState> copies) {
    Binlogdata.BinlogSource source = stream.getBls();
    return new StreamStatus(
        tablet.getShard(),
        Aliases.text(tablet.getAlias()),
        stream.getId(),
        TextFormat.printer().printToString(source),
        stream.getPos(),
        stream.getStopPos(),
        stream.getState().name(),
        stream.getMessage(),
        workflow.getDbName(),
        stream.getTransactionTimestamp().getSeconds(),
        stream.getTimeUpdated().getSeconds(),
        stream.getTimeHeartbeat().getSeconds(),
        stream.getTimeThrottled().getSeconds(),
        stream.getComponentThrottled(),
        stream.getRowsCopied(),
        workflow.getTags(),
        workflow.getCells(),
        tabletTypes(workflow),
        workflow.getWorkflowTypeValue(),
        workflow.getWorkflowSubTypeValue(),
        workflow.getDeferSecondaryKeys(),
        workflow.getOptions(),
        copies);
  }

  private static String tabletTypes(ReadVReplicationWorkflowResponse workflow) {
    String types =
        workflow.getTabletTypesList().stream()
            .map(type -> type.name().toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(","));
    return workflow.getTabletSelectionPreference() == TabletSelectionPreference.INORDER
        ? "in_order:" + types
        : types;
  }
}
