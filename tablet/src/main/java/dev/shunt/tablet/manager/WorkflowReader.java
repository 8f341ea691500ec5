package dev.shunt.tablet.manager;

import binlogdata.Binlogdata;
import binlogdata.Binlogdata.VReplicationWorkflowState;
import dev.shunt.mysql.QueryResult;
import dev.shunt.mysql.Row;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.TabletIdentity;
import dev.shunt.tablet.database.StoredPosition;
import dev.shunt.tablet.database.StoredProto;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowsRequest;
import vttime.Vttime;

/** Reads the rows of {@code _vt.vreplication} of this database. */
final class WorkflowReader {
  private static final String COLUMNS =
      "id, workflow, source, pos, stop_pos, max_tps, max_replication_lag, cell, tablet_types,"
          + " time_updated, transaction_timestamp, state, message, db_name, rows_copied, tags,"
          + " time_heartbeat, workflow_type, workflow_sub_type, time_throttled,"
          + " component_throttled, defer_secondary_keys, options";

  private final TabletIdentity identity;
  private final StreamStore store;

  WorkflowReader(TabletIdentity identity, StreamStore store) {
    this.identity = identity;
    this.store = store;
  }

  /** A stream as far as an update needs it. */
  record StoredStream(
      int id,
      Binlogdata.BinlogSource source,
      String cells,
      String tabletTypes,
      String state,
      String message,
      String options) {}

  boolean any() throws InterruptedException {
    return !query(
            "SELECT 1 FROM " + table(StreamRows.TABLE) + " WHERE " + ownDatabase() + " LIMIT 1")
        .rows()
        .isEmpty();
  }

  boolean hasCopyState(int id) throws InterruptedException {
    return !query("SELECT 1 FROM " + table("copy_state") + " WHERE vrepl_id = " + id + " LIMIT 1")
        .rows()
        .isEmpty();
  }

  /**
   * The streams of a workflow. A vttablet takes those of any database, for its server is its own;
   * beside a server of ours there may be another tablet's.
   */
  List<StoredStream> stored(String workflow) throws InterruptedException {
    return rows("workflow = " + SqlText.literal(workflow)).stream()
        .map(row ->
            new StoredStream(
                (int) row.number("id"),
                source(row),
                row.text("cell"),
                row.text("tablet_types"),
                row.text("state"),
                row.text("message"),
                row.text("options")))
        .toList();
  }

  List<ReadVReplicationWorkflowResponse> read(ReadVReplicationWorkflowsRequest request)
      throws InterruptedException {
    Map<String, ReadVReplicationWorkflowResponse.Builder> workflows = new LinkedHashMap<>();
    for (Stored row : rows(condition(request))) {
      workflows
          .computeIfAbsent(row.text("workflow"), name -> workflow(name, row))
          .addStreams(stream(row));
    }
    return workflows.values().stream()
        .map(ReadVReplicationWorkflowResponse.Builder::build)
        .toList();
  }

  private static String condition(ReadVReplicationWorkflowsRequest request) {
    List<String> all = new ArrayList<>();
    if (request.getIncludeIdsCount() > 0) {
      all.add(
          "id IN ("
              + request.getIncludeIdsList().stream()
                  .map(String::valueOf)
                  .collect(Collectors.joining(", "))
              + ")");
    }
    if (request.getIncludeWorkflowsCount() > 0) {
      all.add("workflow IN " + list(request.getIncludeWorkflowsList()));
    }
    if (request.getExcludeWorkflowsCount() > 0) {
      all.add("workflow NOT IN " + list(request.getExcludeWorkflowsList()));
    }
    if (request.getIncludeStatesCount() > 0) {
      all.add("state IN " + states(request.getIncludeStatesList()));
    }
    if (request.getExcludeStatesCount() > 0) {
      all.add("state NOT IN " + states(request.getExcludeStatesList()));
    }
    if (request.getExcludeFrozen()) {
      all.add("(message IS NULL OR message != 'FROZEN')");
    }
    return String.join(" AND ", all);
  }

  private static String states(List<VReplicationWorkflowState> states) {
    return list(states.stream().map(Enum::name).toList());
  }

  /** Texts as a list of literals in parentheses. */
  static String list(List<String> values) {
    return "(" + values.stream().map(SqlText::literal).collect(Collectors.joining(", ")) + ")";
  }

  private static ReadVReplicationWorkflowResponse.Builder workflow(String name, Stored row) {
    TabletTypes types = TabletTypes.parse(row.text("tablet_types"));
    String options = row.text("options");
    return ReadVReplicationWorkflowResponse.newBuilder()
        .setWorkflow(name)
        .setCells(row.text("cell"))
        .addAllTabletTypes(types.types())
        .setTabletSelectionPreference(types.preference())
        .setDbName(row.text("db_name"))
        .setTags(row.text("tags"))
        .setWorkflowTypeValue((int) row.number("workflow_type"))
        .setWorkflowSubTypeValue((int) row.number("workflow_sub_type"))
        .setDeferSecondaryKeys(row.number("defer_secondary_keys") != 0)
        .setOptions(options)
        .putAllConfigOverrides(WorkflowOptionsJson.config(options));
  }

  private static ReadVReplicationWorkflowResponse.Stream stream(Stored row) {
    return ReadVReplicationWorkflowResponse.Stream.newBuilder()
        .setId((int) row.number("id"))
        .setBls(source(row))
        .setPos(StoredPosition.read(row.bytes("pos")))
        .setStopPos(StoredPosition.read(row.bytes("stop_pos")))
        .setMaxTps(row.number("max_tps"))
        .setMaxReplicationLag(row.number("max_replication_lag"))
        .setTimeUpdated(row.time("time_updated"))
        .setTransactionTimestamp(row.time("transaction_timestamp"))
        .setState(state(row.text("state")))
        .setMessage(row.text("message"))
        .setRowsCopied(row.number("rows_copied"))
        .setTimeHeartbeat(row.time("time_heartbeat"))
        .setTimeThrottled(row.time("time_throttled"))
        .setComponentThrottled(row.text("component_throttled"))
        .build();
  }

  private static VReplicationWorkflowState state(String text) {
    try {
      return VReplicationWorkflowState.valueOf(text);
    } catch (IllegalArgumentException e) {
      return VReplicationWorkflowState.Unknown;
    }
  }

  private static Binlogdata.BinlogSource source(Stored row) {
    return StoredProto.parse(row.text("source"), Binlogdata.BinlogSource.getDefaultInstance());
  }

  private List<Stored> rows(String condition) throws InterruptedException {
    QueryResult result =
        query(
            "SELECT "
                + COLUMNS
                + " FROM "
                + table(StreamRows.TABLE)
                + " WHERE "
                + ownDatabase()
                + (condition.isEmpty() ? "" : " AND " + condition)
                + " ORDER BY workflow, id");
    return result.rows().stream().map(row -> new Stored(result, row)).toList();
  }

  private QueryResult query(String sql) throws InterruptedException {
    return store.execute(sql, Optional.empty(), false);
  }

  private String ownDatabase() {
    return "db_name = " + SqlText.literal(identity.database());
  }

  private String table(String name) {
    return SqlText.qualified(identity.sidecar(), name);
  }

  /** A row whose columns are asked for by name. */
  private record Stored(QueryResult result, Row row) {
    byte @Nullable [] bytes(String column) {
      return row.bytes(result.column(column));
    }

    String text(String column) {
      @Nullable String text = row.textOrNull(result.column(column));
      return text == null ? "" : text;
    }

    long number(String column) {
      return row.number(result.column(column));
    }

    Vttime.Time time(String column) {
      return Vttime.Time.newBuilder().setSeconds(number(column)).build();
    }
  }
}
