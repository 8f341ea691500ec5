package dev.shunt.saga.fake;

import binlogdata.Binlogdata;
import dev.shunt.cluster.ShardPrimary;
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
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tabletmanagerdata.Tabletmanagerdata;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse;

/** Calls to a {@link FakeTablet}; each passes the cluster's gate first. */
record FakeTabletClient(FakeTablet fake, Topodata.Tablet tablet, @Nullable Fence fence)
    implements TabletClient {
  private void enter(String call) {
    fake.enter(tablet, call);
  }

  /** The same as a command has it; the shard's record is not looked at. */
  private FakePrimaryControl control() {
    return new FakePrimaryControl(
        fake,
        new ShardPrimary(
            tablet.getKeyspace(), tablet.getShard(), Topodata.Shard.getDefaultInstance(), tablet),
        fence);
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

  @Override
  public List<Query.QueryResult> executeMultiFetchAsDba(
      Tabletmanagerdata.ExecuteMultiFetchAsDbaRequest request) {
    throw new UnsupportedOperationException();
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
    control().refreshState();
  }

  @Override
  public void reloadSchema(String waitPosition) {}

  @Override
  public String primaryPosition() {
    return control().position();
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
    throw new UnsupportedOperationException();
  }

  @Override
  public Optional<ReadVReplicationWorkflowResponse> readVReplicationWorkflow(String workflow) {
    return control().streams(workflow).read();
  }

  @Override
  public List<ReadVReplicationWorkflowResponse> readVReplicationWorkflows(
      Tabletmanagerdata.ReadVReplicationWorkflowsRequest request) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Query.QueryResult updateVReplicationWorkflow(
      Tabletmanagerdata.UpdateVReplicationWorkflowRequest request) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Query.QueryResult deleteVReplicationWorkflow(String workflow) {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean hasVReplicationWorkflows() {
    return !fake.streams.isEmpty();
  }

  /** Commands act on primaries through a port, of which there is a fake. */
  @Override
  public Query.QueryResult vReplicationExec(String sql) {
    throw new UnsupportedOperationException(sql);
  }

  @Override
  public Query.QueryResult vReplicationTransaction(List<String> statements) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void vReplicationWaitForPos(int id, String position) {
    control().streams("").awaitPosition(id, position);
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
