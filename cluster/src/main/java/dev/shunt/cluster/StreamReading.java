package dev.shunt.cluster;

import dev.shunt.schemas.CopyState;
import dev.shunt.schemas.StreamStatus;
import dev.shunt.tabletclient.ResultRow;
import dev.shunt.topo.Aliases;
import dev.shunt.workflow.sql.SqlNames;
import dev.shunt.workflow.streams.TextProto;
import io.vitess.proto.Query;
import io.vitess.proto.Topodata;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse;
import tabletmanagerdata.Tabletmanagerdata.TabletSelectionPreference;

/** What tablets say of their streams, in the terms of events and answers. */
public final class StreamReading {
  private StreamReading() {}

  /**
   * The status of a stream.
   *
   * @param shard shard of the tablet that runs it
   * @param tablet alias of the tablet
   * @param workflow fields that all streams of the workflow share there
   * @param copies tables that are still copied, by id of the stream
   */
  public static StreamStatus status(
      String shard,
      Topodata.TabletAlias tablet,
      ReadVReplicationWorkflowResponse workflow,
      ReadVReplicationWorkflowResponse.Stream stream,
      Map<Long, List<CopyState>> copies) {
    return new StreamStatus(
        shard,
        Aliases.text(tablet),
        stream.getId(),
        TextProto.print(stream.getBls()),
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
        copies.getOrDefault((long) stream.getId(), List.of()));
  }

  /**
   * Tablet types as the sidecar tables have them, for instance {@code in_order:replica,primary}.
   */
  public static String tabletTypes(ReadVReplicationWorkflowResponse workflow) {
    String types =
        workflow.getTabletTypesList().stream()
            .map(type -> type.name().toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(","));
    return workflow.getTabletSelectionPreference() == TabletSelectionPreference.INORDER
        ? "in_order:" + types
        : types;
  }

  /**
   * Query for the newest note of each table that streams still copy.
   *
   * @param sidecar name of the sidecar database; {@code _vt} where the tablet puts in its own
   * @param streams ids, at least one
   */
  public static String copyStatesQuery(String sidecar, Collection<Integer> streams) {
    String table = SqlNames.canonical(sidecar) + ".copy_state";
    String ids = streams.stream().map(String::valueOf).collect(Collectors.joining(", "));
    return ("select vrepl_id, table_name, lastpk from %1$s where vrepl_id in (%2$s) and id in"
            + " (select max(id) from %1$s where vrepl_id in (%2$s) group by vrepl_id, table_name)"
            + " order by vrepl_id, table_name")
        .formatted(table, ids);
  }

  /** What {@link #copyStatesQuery} found, by id of the stream. */
  public static Map<Long, List<CopyState>> copyStates(Query.QueryResult result) {
    Map<Long, List<CopyState>> states = new HashMap<>();
    for (ResultRow row : ResultRow.of(result)) {
      states
          .computeIfAbsent(row.number("vrepl_id"), id -> new ArrayList<>())
          .add(new CopyState(row.text("table_name"), row.text("lastpk")));
    }
    return states;
  }
}
