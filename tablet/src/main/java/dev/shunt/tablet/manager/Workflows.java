package dev.shunt.tablet.manager;

import binlogdata.Binlogdata;
import binlogdata.Binlogdata.VReplicationWorkflowState;
import dev.shunt.mysql.QueryResult;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.TabletIdentity;
import dev.shunt.tablet.database.StoredPosition;
import dev.shunt.tabletclient.Fence;
import dev.shunt.workflow.streams.StreamMessages;
import dev.shunt.workflow.streams.TextProto;
import io.grpc.Status;
import io.vitess.proto.Topodata;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import tabletmanagerdata.Tabletmanagerdata.CreateVReplicationWorkflowRequest;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowsRequest;
import tabletmanagerdata.Tabletmanagerdata.TabletSelectionPreference;
import tabletmanagerdata.Tabletmanagerdata.UpdateVReplicationWorkflowRequest;
import tabletmanagerdata.Tabletmanagerdata.UpdateVReplicationWorkflowsRequest;

/** Creates, reads, updates and deletes workflows: the rows of one name and this database. */
public final class Workflows {
  private static final String NULL_MARKER = "NULL";

  /**
   * Messages of streams that a switch has written or stopped, which would apply rows twice if they
   * ran.
   */
  private static final List<String> HELD =
      List.of(
          StreamMessages.FROZEN,
          StreamMessages.DRAFT,
          StreamMessages.MIGRATION,
          StreamMessages.MIGRATION_CATCH_UP);

  /** Messages of streams that are somebody else's once that one has set their state. */
  private static final List<String> TAKEN_OVER =
      List.of(
          StreamMessages.DIFF,
          StreamMessages.DIFF_CATCH_UP,
          StreamMessages.MIGRATION,
          StreamMessages.MIGRATION_CATCH_UP);

  /** How often streams may change between reading and stopping them. */
  private static final int MOST_ATTEMPTS = 5;

  private final TabletIdentity identity;
  private final StreamStore store;
  private final WorkflowReader reader;

  /** The workflows of a tablet. */
  public Workflows(TabletIdentity identity, StreamStore store) {
    this.identity = identity;
    this.store = store;
    this.reader = new WorkflowReader(identity, store);
  }

  /** Makes a stopped stream a source, all or none. */
  public QueryResult create(CreateVReplicationWorkflowRequest request, Optional<Fence> fence)
      throws InterruptedException {
    requireName(request.getWorkflow());
    if (request.getBinlogSourceCount() == 0) {
      throw refuse("no binlog source given for workflow " + request.getWorkflow());
    }
    boolean ownCell = request.getCellsCount() == 0 || request.getCells(0).isBlank();
    String cells = ownCell ? identity.cell() : String.join(",", request.getCellsList());
    TabletTypes types =
        new TabletTypes(
            request.getTabletTypesList(),
            request.getTabletSelectionPreference() == TabletSelectionPreference.INORDER);
    String options = request.getOptions().isBlank() ? "{}" : request.getOptions();
    ConfigKeys.check(WorkflowOptionsJson.config(options));
    String rows =
        request.getBinlogSourceList().stream()
            .map(source ->
                "("
                    + String.join(
                        ", ",
                        SqlText.literal(request.getWorkflow()),
                        SqlText.literal(TextProto.print(sorted(source))),
                        "'', 0, 0",
                        SqlText.literal(cells),
                        SqlText.literal(types.toString()),
                        "UNIX_TIMESTAMP(), 0",
                        SqlText.literal(VReplicationWorkflowState.Stopped.name()),
                        SqlText.literal(identity.database()),
                        String.valueOf(request.getWorkflowTypeValue()),
                        String.valueOf(request.getWorkflowSubTypeValue()),
                        request.getDeferSecondaryKeys() ? "1" : "0",
                        SqlText.literal(options))
                    + ")")
            .collect(Collectors.joining(", "));
    return store.execute(
        "INSERT INTO "
            + table()
            + " (workflow, source, pos, max_tps, max_replication_lag, cell, tablet_types,"
            + " time_updated, transaction_timestamp, state, db_name, workflow_type,"
            + " workflow_sub_type, defer_secondary_keys, options) VALUES "
            + rows,
        fence,
        false);
  }

  private static Binlogdata.BinlogSource sorted(Binlogdata.BinlogSource source) {
    List<String> tables = source.getTablesList().stream().sorted().toList();
    return source.toBuilder().clearTables().addAllTables(tables).build();
  }

  /** Whether there is any workflow. */
  public boolean any() throws InterruptedException {
    return reader.any();
  }

  /** One workflow; an empty response when it is not there. */
  public ReadVReplicationWorkflowResponse read(String workflow) throws InterruptedException {
    requireName(workflow);
    return reader
        .read(ReadVReplicationWorkflowsRequest.newBuilder().addIncludeWorkflows(workflow).build())
        .stream()
        .findFirst()
        .orElse(ReadVReplicationWorkflowResponse.getDefaultInstance());
  }

  /** The workflows that a request selects, sorted by name. */
  public List<ReadVReplicationWorkflowResponse> read(ReadVReplicationWorkflowsRequest request)
      throws InterruptedException {
    return reader.read(request);
  }

  /**
   * Updates each stream of a workflow, all or none. Who sets a state takes the streams over from a
   * diff: by message or stop position it would start them again, though they are to stay stopped.
   *
   * @return empty when there is no such workflow
   */
  public Optional<QueryResult> update(
      UpdateVReplicationWorkflowRequest request, Optional<Fence> fence)
      throws InterruptedException {
    requireName(request.getWorkflow());
    try (StreamStore.Hold _ = store.hold()) { // so only the streams themselves change meanwhile
      for (int attempt = 1; ; attempt++) {
        try {
          return updateAsRead(request, fence);
        } catch (RpcException e) {
          if (e.code() != Status.Code.ABORTED || attempt == MOST_ATTEMPTS) {
            throw e;
          }
        }
      }
    }
  }

  private Optional<QueryResult> updateAsRead(
      UpdateVReplicationWorkflowRequest request, Optional<Fence> fence)
      throws InterruptedException {
    List<WorkflowReader.StoredStream> streams = reader.stored(request.getWorkflow());
    if (streams.isEmpty()) {
      return Optional.empty();
    }
    boolean start = request.hasState() && request.getState() == VReplicationWorkflowState.Running;
    List<String> updates = new ArrayList<>();
    for (WorkflowReader.StoredStream stream : streams) {
      if (start && isHeld(stream)) {
        throw new RpcException(
            Status.Code.FAILED_PRECONDITION,
            "cannot start workflow "
                + request.getWorkflow()
                + (stream.message().equalsIgnoreCase(StreamMessages.FROZEN)
                    ? " when it is frozen: its writes are switched"
                    : " while a switch of the shards it writes has stopped it: finish that, or"
                        + " take it back"));
      }
      updates.add(update(request, stream));
    }
    return Optional.of(store.executeExactly(String.join("; ", updates), fence));
  }

  private String update(
      UpdateVReplicationWorkflowRequest request, WorkflowReader.StoredStream stream)
      throws InterruptedException {
    if (request.getConfigOverridesCount() > 0) {
      ConfigKeys.check(request.getConfigOverridesMap());
      if (changesNothingElse(request)) {
        return "UPDATE "
            + table()
            + " SET options = "
            + SqlText.literal(
                WorkflowOptionsJson.withConfig(stream.options(), request.getConfigOverridesMap()))
            + " WHERE id = "
            + stream.id();
      }
    }
    List<String> values = new ArrayList<>();
    values.add("state = " + SqlText.literal(newState(request, stream)));
    boolean ofOthers = setsState(request) && TAKEN_OVER.contains(stream.message());
    if (setsState(request)) {
      // Whatever a diff had stopped is its caller's from now on: it runs on, or stays stopped.
      values.add("stop_pos = ''");
    }
    Binlogdata.BinlogSource.Builder source = stream.source().toBuilder();
    if (request.hasOnDdl() && request.getOnDdlValue() >= 0) {
      source.setOnDdl(request.getOnDdl());
    }
    source.getFilterBuilder().addAllRules(request.getFilterRulesList());
    values.add("source = " + SqlText.literal(TextProto.print(source)));
    boolean keepCells = request.getCellsList().equals(List.of(NULL_MARKER));
    values.add(
        "cell = "
            + SqlText.literal(
                keepCells ? stream.cells() : String.join(",", request.getCellsList())));
    values.add("tablet_types = " + SqlText.literal(newTypes(request, stream).toString()));
    if (request.getConfigOverridesCount() > 0) {
      values.add(
          "options = "
              + SqlText.literal(
                  WorkflowOptionsJson.withConfig(
                      stream.options(), request.getConfigOverridesMap())));
    }
    if (request.hasMessage() || ofOthers) {
      values.add("message = " + SqlText.literal(request.getMessage()));
    }
    return "UPDATE "
        + table()
        + " SET "
        + String.join(", ", values)
        + " WHERE id = "
        + stream.id()
        + asRead(stream);
  }

  /** What a running stream may change: its state, and whether it may be started. */
  private static String asRead(WorkflowReader.StoredStream stream) {
    return " AND state = "
        + SqlText.literal(stream.state())
        + " AND (UPPER(COALESCE(CONVERT(message USING utf8mb4), '')) IN "
        + WorkflowReader.list(
            HELD.stream().map(message -> message.toUpperCase(Locale.ROOT)).toList())
        + ") = "
        + (isHeld(stream) ? 1 : 0);
  }

  /** Whether nobody may start it but who has stopped it. */
  private static boolean isHeld(WorkflowReader.StoredStream stream) {
    return HELD.stream().anyMatch(stream.message()::equalsIgnoreCase);
  }

  /** Streams go on meanwhile when it is only their options that change. */
  private static boolean changesNothingElse(UpdateVReplicationWorkflowRequest request) {
    boolean keepsTypes =
        request.getTabletTypesCount() == 0
            || (request.getTabletTypesCount() == 1 && request.getTabletTypesValue(0) < 0);
    return !setsState(request)
        && !request.hasMessage()
        && (!request.hasOnDdl() || request.getOnDdlValue() < 0)
        && request.getFilterRulesCount() == 0
        && request.getCellsList().equals(List.of(NULL_MARKER))
        && keepsTypes
        && (!request.hasTabletSelectionPreference()
            || request.getTabletSelectionPreference() == TabletSelectionPreference.UNKNOWN);
  }

  private static boolean setsState(UpdateVReplicationWorkflowRequest request) {
    return request.hasState() && request.getStateValue() >= 0;
  }

  private String newState(
      UpdateVReplicationWorkflowRequest request, WorkflowReader.StoredStream stream)
      throws InterruptedException {
    if (!setsState(request)) {
      return stream.state();
    }
    boolean stillCopying =
        request.getState() == VReplicationWorkflowState.Running && reader.hasCopyState(stream.id());
    return (stillCopying ? VReplicationWorkflowState.Copying : request.getState()).name();
  }

  private static TabletTypes newTypes(
      UpdateVReplicationWorkflowRequest request, WorkflowReader.StoredStream stream) {
    TabletTypes old = TabletTypes.parse(stream.tabletTypes());
    boolean keep = request.getTabletTypesCount() == 1 && request.getTabletTypesValue(0) < 0;
    List<Topodata.TabletType> types = keep ? old.types() : request.getTabletTypesList();
    boolean unknown =
        !request.hasTabletSelectionPreference()
            || request.getTabletSelectionPreference() == TabletSelectionPreference.UNKNOWN;
    boolean inOrder =
        unknown
            ? old.inOrder()
            : request.getTabletSelectionPreference() == TabletSelectionPreference.INORDER;
    return new TabletTypes(types, inOrder);
  }

  /** Updates many workflows of the database at once. */
  public QueryResult update(UpdateVReplicationWorkflowsRequest request, Optional<Fence> fence)
      throws InterruptedException {
    boolean named =
        request.getIncludeWorkflowsCount() > 0 || request.getExcludeWorkflowsCount() > 0;
    if (request.getAllWorkflows() == named) {
      throw refuse("give either all_workflows or workflows to include or exclude");
    }
    List<String> values = new ArrayList<>();
    if (request.hasState()) {
      if (request.getState() == VReplicationWorkflowState.UNRECOGNIZED) {
        throw refuse("invalid state value: " + request.getStateValue());
      }
      values.add("state = " + SqlText.literal(request.getState().name()));
      // As above.
      if (!request.hasStopPosition()) {
        values.add("stop_pos = ''");
      }
      if (!request.hasMessage()) {
        values.add(
            "message = CASE WHEN message IN "
                + WorkflowReader.list(TAKEN_OVER)
                + " THEN '' ELSE message END");
      }
    }
    if (request.hasMessage()) {
      values.add("message = " + SqlText.literal(request.getMessage()));
    }
    if (request.hasStopPosition()) {
      values.add("stop_pos = " + StoredPosition.literal(request.getStopPosition()));
    }
    if (values.isEmpty()) {
      throw refuse("no field values provided to update");
    }
    String condition = "db_name = " + SqlText.literal(identity.database());
    if (request.getIncludeWorkflowsCount() > 0) {
      condition += " AND workflow IN " + WorkflowReader.list(request.getIncludeWorkflowsList());
    }
    if (request.getExcludeWorkflowsCount() > 0) {
      condition += " AND workflow NOT IN " + WorkflowReader.list(request.getExcludeWorkflowsList());
    }
    return store.execute(
        "UPDATE /*vt+ ALLOW_UNSAFE_VREPLICATION_WRITE */ "
            + table()
            + " SET "
            + String.join(", ", values)
            + " WHERE "
            + condition,
        fence,
        false);
  }

  /** Deletes a workflow's streams with their copy state; none is no error. */
  public QueryResult delete(String workflow, Optional<Fence> fence) throws InterruptedException {
    requireName(workflow);
    return store.execute(
        "DELETE FROM "
            + table()
            + " WHERE workflow = "
            + SqlText.literal(workflow)
            + " AND db_name = "
            + SqlText.literal(identity.database()),
        fence,
        false);
  }

  private String table() {
    return SqlText.qualified(identity.sidecar(), StreamRows.TABLE);
  }

  private static void requireName(String workflow) {
    if (workflow.isEmpty()) {
      throw refuse("no workflow name given");
    }
  }

  private static RpcException refuse(String message) {
    return new RpcException(Status.Code.INVALID_ARGUMENT, message);
  }
}
