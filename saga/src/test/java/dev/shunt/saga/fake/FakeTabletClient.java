package dev.shunt.saga.fake;

import binlogdata.Binlogdata;
import binlogdata.Binlogdata.VReplicationWorkflowState;
import dev.shunt.tabletclient.EventPacket;
import dev.shunt.tabletclient.Fence;
import dev.shunt.tabletclient.RowPacket;
import dev.shunt.tabletclient.ServerFinding;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.tabletclient.TabletStream;
import io.grpc.Status;
import io.vitess.proto.Query;
import io.vitess.proto.Topodata;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tabletmanagerdata.Tabletmanagerdata;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse;

/** Calls to a {@link FakeTablet}; each passes the cluster's gate first. */
record FakeTabletClient(FakeTablet fake, Topodata.Tablet tablet, @Nullable Fence fence)
    implements TabletClient {
  private void enter(String call) {
    fake.cluster.enter(call + " " + fake.name());
    if (fake.cluster.isRetired(tablet)) {
      throw new TabletException(
          Status.Code.FAILED_PRECONDITION, "engine is closed", new IllegalStateException());
    }
  }

  private void effect(String call) {
    enter(call);
    fake.fence(fence);
  }

  @Override
  public TabletClient withFence(Fence newFence) {
    return new FakeTabletClient(fake, tablet, newFence);
  }

  @Override
  public TabletClient withDeadline(Duration deadline) {
    return this;
  }

  @Override
  public TabletClient withSnapshot(String snapshot) {
    return this;
  }

  @Override
  public void ping() {}

  @Override
  public Tabletmanagerdata.SchemaDefinition getSchema(Tabletmanagerdata.GetSchemaRequest request) {
    Tabletmanagerdata.SchemaDefinition.Builder schema =
        Tabletmanagerdata.SchemaDefinition.newBuilder();
    fake.tables.forEach((name, ddl) ->
        schema.addTableDefinitions(
            Tabletmanagerdata.TableDefinition.newBuilder()
                .setName(name)
                .setSchema(ddl)
                .addPrimaryKeyColumns("id")
                .addColumns("id")
                .addColumns("v")
                .setType("BASE TABLE")));
    return schema.build();
  }

  @Override
  public List<ServerFinding> checkSource(Tabletmanagerdata.GetSchemaRequest request) {
    return findings("source", request);
  }

  @Override
  public List<ServerFinding> checkTarget(Tabletmanagerdata.GetSchemaRequest request) {
    return findings("target", request);
  }

  private List<ServerFinding> findings(String role, Tabletmanagerdata.GetSchemaRequest request) {
    fake.checks.add(role + " " + request.getTablesList() + " " + request.getExcludeTablesList());
    if (fake.stock) {
      throw new TabletException(
          Status.Code.UNIMPLEMENTED,
          "unknown service dev.shunt.Tablet",
          new IllegalStateException());
    }
    return List.copyOf(fake.findings);
  }

  @Override
  public Tabletmanagerdata.ApplySchemaResponse applySchema(
      Tabletmanagerdata.ApplySchemaRequest request) {
    effect("applySchema");
    String name = request.getSql().split("`", -1)[1];
    fake.tables.put(name, request.getSql());
    return Tabletmanagerdata.ApplySchemaResponse.getDefaultInstance();
  }

  @Override
  public Query.QueryResult executeFetchAsDba(Tabletmanagerdata.ExecuteFetchAsDbaRequest request) {
    String sql = request.getQuery().toStringUtf8();
    String verb = sql.split(" ", -1)[0].toLowerCase(Locale.ROOT);
    if (verb.equals("select")) {
      return select(sql);
    }
    if (verb.equals("show")) {
      return FakeTablet.table(
          List.of("Variable_name", "Value"),
          fake.logsCascades ? List.of(List.of("innodb_native_foreign_keys", "OFF")) : List.of());
    }
    effect("dba " + verb);
    if (fake.stock && request.getDbName().isEmpty()) {
      throw new TabletException(
          Status.Code.UNKNOWN,
          "No database selected (errno 1046) (sqlstate 3D000) during query: " + sql,
          new IllegalStateException());
    }
    String[] names = sql.split("`", -1);
    switch (verb) {
      case "lock" -> {}
      case "drop" -> removeTable(names[3]);
      case "rename" -> fake.tables.put(names[7], removeTable(names[3]));
      default -> throw new UnsupportedOperationException(sql);
    }
    return FakeTablet.changed(0);
  }

  private Query.QueryResult select(String sql) {
    if (sql.startsWith("select convert_tz")) {
      return FakeTablet.result("tz", "2021-01-01 00:00:00");
    }
    if (sql.startsWith("select table_name as name from information_schema.tables")) {
      return FakeTablet.result("name"); // it has no views
    }
    if (sql.startsWith("select 1 from")) {
      return fake.rows.getOrDefault(sql.split("`", -1)[3], List.of()).isEmpty()
          ? FakeTablet.result("1")
          : FakeTablet.result("1", "1");
    }
    if (sql.contains("information_schema.referential_constraints")) {
      return FakeTablet.table(
          List.of("child", "name", "parent", "on_delete", "on_update", "parent_schema"),
          fake.foreignKeys.stream()
              .map(key -> {
                List<String> row = new ArrayList<>(key);
                row.add(database());
                return row;
              })
              .toList());
    }
    return FakeTablet.result("name");
  }

  private String removeTable(String name) {
    String ddl = fake.tables.remove(name);
    if (ddl == null) {
      throw new TabletException(
          Status.Code.UNKNOWN,
          "Unknown table '" + name + "' (errno 1051) (sqlstate 42S02)",
          new IllegalStateException());
    }
    return ddl;
  }

  /** Only what reads and raises AUTO_INCREMENT. */
  @Override
  public List<Query.QueryResult> executeMultiFetchAsDba(
      Tabletmanagerdata.ExecuteMultiFetchAsDbaRequest request) {
    String sql = request.getSql().toStringUtf8();
    if (sql.contains("alter table")) {
      effect("dba alter");
      fake.autoIncrements.put(
          sql.split("`", -1)[1],
          Long.valueOf(sql.replaceAll("(?s).*auto_increment = (\\d+).*", "$1")));
      return List.of(FakeTablet.changed(0));
    }
    enter("autoIncrements");
    return List.of(
        FakeTablet.changed(0),
        FakeTablet.table(
            List.of("name", "next"),
            fake.autoIncrements.entrySet().stream()
                .map(entry -> List.of(entry.getKey(), entry.getValue().toString()))
                .toList()));
  }

  @Override
  public Query.QueryResult executeFetchAsAllPrivs(
      Tabletmanagerdata.ExecuteFetchAsAllPrivsRequest request) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Query.QueryResult executeFetchAsApp(Tabletmanagerdata.ExecuteFetchAsAppRequest request) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void refreshState() {
    enter("refreshState");
    fake.refresh(fake.cluster.topo);
  }

  @Override
  public void reloadSchema(String waitPosition) {}

  @Override
  public String primaryPosition() {
    enter("primaryPosition");
    return fake.positionText();
  }

  @Override
  public void waitForPosition(String position) {
    if (fake.behind) {
      throw new TabletException(
          Status.Code.DEADLINE_EXCEEDED, "not at " + position, new IllegalStateException());
    }
  }

  @Override
  public Query.QueryResult createVReplicationWorkflow(
      Tabletmanagerdata.CreateVReplicationWorkflowRequest request) {
    effect("createVReplicationWorkflow");
    for (Binlogdata.BinlogSource source : request.getBinlogSourceList()) {
      FakeRow row = fake.addStream(request.getWorkflow(), source);
      row.cells = String.join(",", request.getCellsList());
      row.options = request.getOptions();
    }
    return FakeTablet.changed(request.getBinlogSourceCount());
  }

  @Override
  public Optional<ReadVReplicationWorkflowResponse> readVReplicationWorkflow(String workflow) {
    enter("readVReplicationWorkflow");
    List<FakeRow> rows = fake.streams(workflow);
    return rows.isEmpty() ? Optional.empty() : Optional.of(response(workflow, rows));
  }

  private static ReadVReplicationWorkflowResponse response(String workflow, List<FakeRow> rows) {
    ReadVReplicationWorkflowResponse.Builder response =
        ReadVReplicationWorkflowResponse.newBuilder()
            .setWorkflow(workflow)
            .setCells(rows.getFirst().cells)
            .setOptions(rows.getFirst().options)
            .setWorkflowType(rows.getFirst().type)
            .setWorkflowSubType(rows.getFirst().subType);
    rows.forEach(row -> response.addStreams(row.stream()));
    return response.build();
  }

  @Override
  public List<ReadVReplicationWorkflowResponse> readVReplicationWorkflows(
      Tabletmanagerdata.ReadVReplicationWorkflowsRequest request) {
    enter("readVReplicationWorkflows");
    Map<String, List<FakeRow>> byName = new TreeMap<>();
    fake.streams
        .values()
        .forEach(row -> byName.computeIfAbsent(row.workflow, k -> new ArrayList<>()).add(row));
    List<ReadVReplicationWorkflowResponse> responses = new ArrayList<>();
    byName.forEach((name, rows) -> responses.add(response(name, rows)));
    return responses;
  }

  @Override
  public Query.QueryResult updateVReplicationWorkflow(
      Tabletmanagerdata.UpdateVReplicationWorkflowRequest request) {
    effect("updateVReplicationWorkflow");
    List<FakeRow> rows = fake.streams(request.getWorkflow());
    for (FakeRow row : rows) {
      if (request.hasState()) {
        row.state = request.getState();
        if (row.state == VReplicationWorkflowState.Running && row.position.isEmpty()) {
          row.position = "MariaDB/0-1-1";
        }
      }
      if (!request.getCellsList().equals(List.of("NULL"))) {
        row.cells = String.join(",", request.getCellsList());
      }
    }
    return FakeTablet.changed(rows.size());
  }

  @Override
  public Query.QueryResult deleteVReplicationWorkflow(String workflow) {
    effect("deleteVReplicationWorkflow");
    int before = fake.streams.size();
    fake.streams.values().removeIf(row -> row.workflow.equals(workflow));
    return FakeTablet.changed(before - fake.streams.size());
  }

  @Override
  public boolean hasVReplicationWorkflows() {
    return !fake.streams.isEmpty();
  }

  @Override
  public Query.QueryResult vReplicationExec(String sql) {
    if (sql.startsWith("select")) {
      enter("vReplicationExec select");
    } else {
      effect("vReplicationExec " + sql.split(" ", -1)[0]);
    }
    Query.QueryResult result = fake.transaction(List.of(sql));
    fake.cluster.enter("done vReplicationExec " + fake.name());
    return result;
  }

  @Override
  public Query.QueryResult vReplicationTransaction(List<String> statements) {
    effect("vReplicationTransaction");
    Query.QueryResult result = fake.transaction(statements);
    fake.cluster.enter("done vReplicationTransaction " + fake.name());
    return result;
  }

  @Override
  public void vReplicationWaitForPos(int id, String position) {
    enter("waitForPos");
    FakeRow row = fake.streams.get(id);
    if (row == null
        || (row.state != VReplicationWorkflowState.Running && !row.position.equals(position))) {
      throw new TabletException(
          Status.Code.FAILED_PRECONDITION,
          "stream " + id + " is not running",
          new IllegalStateException());
    }
    if (fake.cluster.stuck) {
      throw new TabletException(
          Status.Code.DEADLINE_EXCEEDED, "still behind", new IllegalStateException());
    }
    row.position = position;
  }

  @Override
  public Tabletmanagerdata.ValidateVReplicationPermissionsResponse
      validateVReplicationPermissions() {
    return Tabletmanagerdata.ValidateVReplicationPermissionsResponse.newBuilder()
        .setOk(true)
        .build();
  }

  @Override
  public Tabletmanagerdata.VDiffResponse vDiff(Tabletmanagerdata.VDiffRequest request) {
    throw new TabletException(
        Status.Code.UNIMPLEMENTED, "no diffs here", new IllegalStateException());
  }

  @Override
  public Query.QueryResult execute(Query.ExecuteRequest request) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Query.BeginResponse begin(Query.BeginRequest request) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void commit(long transactionId) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void rollback(long transactionId) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Query.BeginExecuteResponse beginExecute(Query.BeginExecuteRequest request) {
    throw new UnsupportedOperationException();
  }

  @Override
  public TabletStream<Query.QueryResult> streamExecute(Query.StreamExecuteRequest request) {
    throw new UnsupportedOperationException();
  }

  @Override
  public TabletStream<EventPacket> vStream(Binlogdata.VStreamRequest request) {
    throw new UnsupportedOperationException();
  }

  @Override
  public TabletStream<RowPacket> vStreamRows(Binlogdata.VStreamRowsRequest request) {
    enter("vStreamRows");
    return FakeRowStream.of(fake, request.getQuery());
  }

  @Override
  public TabletStream<Tabletmanagerdata.ReadVReplicationWorkflowsResponse> watchStreams(
      Tabletmanagerdata.ReadVReplicationWorkflowsRequest request) {
    throw new UnsupportedOperationException();
  }

  @Override
  public TabletStream<Binlogdata.VStreamTablesResponse> holdSnapshot(
      Binlogdata.VStreamTablesRequest request) {
    throw new UnsupportedOperationException();
  }
}
