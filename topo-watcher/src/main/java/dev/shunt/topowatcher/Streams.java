package dev.shunt.topowatcher;

import com.google.protobuf.TextFormat;
import dev.shunt.schemas.CopyState;
import dev.shunt.schemas.StreamStatus;
import io.vitess.proto.Topodata;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse;
import tabletmanagerdata.Tabletmanagerdata.TabletSelectionPreference;

/** Translates what a tablet says of its streams. */
final class Streams {
  private Streams() {}

  static StreamStatus status(
      Primary tablet,
      ReadVReplicationWorkflowResponse workflow,
      ReadVReplicationWorkflowResponse.Stream stream,
      Map<Long, List<CopyState>> copyStates) {
    return new StreamStatus(
        tablet.shard(),
        tablet.alias(),
        stream.getId(),
        TextFormat.printer().emittingSingleLine(true).printToString(stream.getBls()).strip(),
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
        copyStates.getOrDefault((long) stream.getId(), List.of()));
  }

  private static String tabletTypes(ReadVReplicationWorkflowResponse workflow) {
    String types =
        workflow.getTabletTypesList().stream()
            .map(Topodata.TabletType::name)
            .map(name -> name.toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(","));
    return workflow.getTabletSelectionPreference() == TabletSelectionPreference.INORDER
        ? "in_order:" + types
        : types;
  }

  /** The status without what changes while nothing happens. */
  static StreamStatus withoutTimes(StreamStatus status) {
    return with(status, status.position(), status.rowsCopied(), status.copyStates());
  }

  /** The status without what changes while the stream just goes on. */
  static StreamStatus withoutProgress(StreamStatus status) {
    return with(
        status,
        "",
        0,
        status.copyStates().stream().map(state -> new CopyState(state.table(), "")).toList());
  }

  private static StreamStatus with(
      StreamStatus status, String position, long rowsCopied, List<CopyState> copyStates) {
    return new StreamStatus(
        status.shard(),
        status.tablet(),
        status.id(),
        status.source(),
        position,
        status.stopPosition(),
        status.state(),
        status.message(),
        status.dbName(),
        0,
        0,
        0,
        0,
        "",
        rowsCopied,
        status.tags(),
        status.cells(),
        status.tabletTypes(),
        status.workflowType(),
        status.workflowSubType(),
        status.deferSecondaryKeys(),
        status.options(),
        copyStates);
  }
}
