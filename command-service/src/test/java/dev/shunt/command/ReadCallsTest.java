package dev.shunt.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import binlogdata.Binlogdata;
import dev.shunt.schemas.CopyState;
import dev.shunt.schemas.DiffStatus;
import dev.shunt.schemas.InFlight;
import dev.shunt.schemas.Outcome;
import dev.shunt.schemas.OutcomeKind;
import dev.shunt.schemas.Phase;
import dev.shunt.schemas.StreamStatus;
import dev.shunt.schemas.TableDiff;
import dev.shunt.tabletclient.ResultRow;
import io.vitess.proto.Topodata;
import io.vitess.proto.Topodata.TabletType;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse;
import tabletmanagerdata.Tabletmanagerdata.TabletSelectionPreference;
import vtctldata.Vtctldata;
import vttime.Vttime;

/** Reads come from the folded state, and from tablets where the contract means "now". */
class ReadCallsTest {
  private static final String UUID = "11111111-1111-1111-1111-111111111111";

  @TempDir Path directory;
  private CommandServiceFixture fixture;

  @BeforeEach
  void start() {
    fixture = new CommandServiceFixture(directory);
    fixture.setUpCluster();
  }

  @AfterEach
  void stop() {
    fixture.close();
  }

  private static long now() {
    return System.currentTimeMillis() / 1000;
  }

  private void holds(StreamStatus stream) {
    fixture.backend.holds(Statuses.status(List.of(stream), List.of(), null));
  }

  private Vtctldata.GetWorkflowsResponse workflows(Vtctldata.GetWorkflowsRequest.Builder request) {
    return fixture.vtctld.getWorkflows(request.setKeyspace("customer").build());
  }

  private Vtctldata.Workflow.Stream onlyStream() {
    return workflows(Vtctldata.GetWorkflowsRequest.newBuilder())
        .getWorkflows(0)
        .getShardStreamsOrThrow("0/zone1-0000000200")
        .getStreams(0);
  }

  @Test
  void describesAWorkflowWithoutCallingATablet() {
    holds(Statuses.stream("Running", "", now(), List.of()));

    Vtctldata.Workflow workflow =
        workflows(Vtctldata.GetWorkflowsRequest.newBuilder()).getWorkflows(0);

    assertThat(workflow.getName()).isEqualTo("c2c");
    assertThat(workflow.getSource().getKeyspace()).isEqualTo("commerce");
    assertThat(workflow.getTarget().getShardsList()).containsExactly("0");
    assertThat(workflow.getWorkflowType()).isEqualTo("MoveTables");
    assertThat(workflow.getWorkflowSubType()).isEqualTo("None");
    assertThat(workflow.getDeferSecondaryKeys()).isTrue();
    assertThat(workflow.getOptions().getShardedAutoIncrementHandling())
        .isEqualTo(Vtctldata.ShardedAutoIncrementHandling.REMOVE);
    assertThat(workflow.getMaxVReplicationLag()).isLessThan(5);
    Vtctldata.Workflow.ShardStream shard = workflow.getShardStreamsOrThrow("0/zone1-0000000200");
    assertThat(shard.getIsPrimaryServing()).isTrue();
    assertThat(shard.getTabletControls(0).getDeniedTablesList()).containsExactly("customer");
    Vtctldata.Workflow.Stream stream = shard.getStreams(0);
    assertThat(stream.getPosition()).isEqualTo("ec33d23e-e634-11f1-9498-02fc00000001:1-32");
    assertThat(stream.getState()).isEqualTo("Running");
    assertThat(stream.getBinlogSource().getFilter().getRules(0).getMatch()).isEqualTo("corder");
    assertThat(stream.getTabletTypesList()).containsExactly(TabletType.REPLICA, TabletType.PRIMARY);
    assertThat(stream.getTabletSelectionPreference()).isEqualTo(TabletSelectionPreference.INORDER);
    assertThat(stream.getTagsList()).containsExactly("");
    assertThat(stream.getCellsList()).containsExactly("zone1");
    assertThat(fixture.tablets.queries()).isEmpty();
  }

  @Test
  void showsCopyingWhileATableIsNotCopied() {
    holds(Statuses.stream("Running", "", now(), List.of(new CopyState("customer", "pk"))));

    assertThat(onlyStream().getState()).isEqualTo("Copying");
    assertThat(onlyStream().getCopyStates(0).getTable()).isEqualTo("customer");
    assertThat(
            workflows(Vtctldata.GetWorkflowsRequest.newBuilder())
                .getWorkflows(0)
                .getMaxVReplicationTransactionLag())
        .isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void showsLaggingWhenAStreamIsSilent() {
    holds(Statuses.stream("Running", "", now() - 30, List.of()));

    assertThat(onlyStream().getState()).isEqualTo("Lagging");
  }

  @Test
  void showsAStateThatIsNotKnownAsItIs() {
    holds(Statuses.stream("Throttled", "", now() - 30, List.of()));

    assertThat(onlyStream().getState()).isEqualTo("Throttled");
  }

  @Test
  void showsAnErrorButNotATableWhoseNameHasTheWord() {
    holds(Statuses.stream("Running", "Error: connection refused", now(), List.of()));
    assertThat(onlyStream().getState()).isEqualTo("Error");

    holds(Statuses.stream("Running", "waiting for table error_log", now(), List.of()));
    assertThat(onlyStream().getState()).isEqualTo("Running");
  }

  @Test
  void leavesOutWhatIsNotAskedFor() {
    holds(Statuses.stream("Stopped", "", now(), List.of()));

    assertThat(
            workflows(Vtctldata.GetWorkflowsRequest.newBuilder().setActiveOnly(true))
                .getWorkflowsList())
        .isEmpty();
    assertThat(
            workflows(Vtctldata.GetWorkflowsRequest.newBuilder().setWorkflow("other"))
                .getWorkflowsList())
        .isEmpty();
    assertThat(
            workflows(Vtctldata.GetWorkflowsRequest.newBuilder().setNameOnly(true))
                .getWorkflows(0)
                .getShardStreamsCount())
        .isZero();
    assertThatThrownBy(() -> workflows(Vtctldata.GetWorkflowsRequest.newBuilder().addShards("-80")))
        .hasMessageContaining("NOT_FOUND: shard -80 not found in keyspace customer");
    assertThatThrownBy(() ->
            fixture.vtctld.getWorkflows(
                Vtctldata.GetWorkflowsRequest.newBuilder().setKeyspace("nope").build()))
        .hasMessageContaining("NOT_FOUND: node doesn't exist: keyspaces/nope/Keyspace");
  }

  @Test
  void forgetsTheStreamsOfAWorkflowThatHasEndedUnlessThereAreNewOnes() {
    StreamStatus stream = Statuses.stream("Running", "", 1000, List.of());
    fixture.backend.holds(
        Statuses.ended(
            Statuses.status(List.of(stream), List.of(), null), Phase.DELETED, 1_000_500));
    assertThat(workflows(Vtctldata.GetWorkflowsRequest.newBuilder()).getWorkflowsList()).isEmpty();

    fixture.backend.holds(
        Statuses.ended(Statuses.status(List.of(stream), List.of(), null), Phase.DELETED, 999_500));
    assertThat(workflows(Vtctldata.GetWorkflowsRequest.newBuilder()).getWorkflowsList()).hasSize(1);
  }

  @Test
  void addsLogsFromTheTablets() {
    holds(Statuses.stream("Running", "", now(), List.of()));
    fixture.tablets.answers(
        "vreplication_log",
        FakeTablets.table(
            List.of(
                "id", "vrepl_id", "type", "state", "message", "created_at", "updated_at", "count"),
            List.of(
                List.of(
                    "44",
                    "5",
                    "State Changed",
                    "Running",
                    "",
                    "2026-11-22 05:49:00",
                    "2026-11-22 05:49:00",
                    "2"))));

    Vtctldata.Workflow.Stream.Log log =
        workflows(Vtctldata.GetWorkflowsRequest.newBuilder().setIncludeLogs(true))
            .getWorkflows(0)
            .getShardStreamsOrThrow("0/zone1-0000000200")
            .getStreams(0)
            .getLogs(0);

    assertThat(log.getType()).isEqualTo("State Changed");
    assertThat(log.getCreatedAt().getSeconds()).isEqualTo(1795326540L);
    assertThat(log.getCount()).isEqualTo(2);
  }

  @Test
  void tellsWhereTrafficGoesAndHowFarTheCopyIs() {
    fixture.tablets.holds(
        200,
        ReadVReplicationWorkflowResponse.newBuilder()
            .setWorkflowType(Binlogdata.VReplicationWorkflowType.MoveTables)
            .setWorkflow("c2c")
            .addStreams(
                ReadVReplicationWorkflowResponse.Stream.newBuilder()
                    .setId(5)
                    .setPos("MySQL56/a:1-2")
                    .setState(Binlogdata.VReplicationWorkflowState.Copying)
                    .setTimeUpdated(Vttime.Time.newBuilder().setSeconds(now()))
                    .setTransactionTimestamp(Vttime.Time.newBuilder().setSeconds(1795326600))
                    .setBls(
                        Binlogdata.BinlogSource.newBuilder()
                            .setKeyspace("commerce")
                            .setShard("0")
                            .setFilter(
                                Binlogdata.Filter.newBuilder()
                                    .addRules(Binlogdata.Rule.newBuilder().setMatch("customer")))))
            .build());
    fixture.tablets.answers(
        "copy_state",
        FakeTablets.table(
            List.of("vrepl_id", "table_name", "lastpk"), List.of(List.of("5", "customer", ""))));
    fixture.tablets.answers(
        "information_schema",
        FakeTablets.table(
            List.of("table_name", "table_rows", "data_length"),
            List.of(List.of("customer", "50", "1000"))));
    fixture.route("commerce.customer@replica", "customer.customer");
    fixture.route("commerce.customer@rdonly", "commerce.customer");
    fixture.route("commerce.customer", "customer.customer");
    fixture.topo.updateShard(
        "customer", "0", shard -> shard.toBuilder().clearTabletControls().build());

    Vtctldata.WorkflowStatusResponse status =
        fixture.vtctld.workflowStatus(
            Vtctldata.WorkflowStatusRequest.newBuilder()
                .setKeyspace("customer")
                .setWorkflow("c2c")
                .build());

    assertThat(status.getTrafficState())
        .isEqualTo(
            "Reads partially switched. All Replica Reads Switched. Rdonly not switched."
                + " Writes Switched");
    assertThat(status.getTableCopyStateOrThrow("customer").getRowsPercentage()).isEqualTo(100f);
    assertThat(status.getShardStreamsOrThrow("customer/0").getStreams(0).getInfo())
        .matches("VStream Lag: [0-9]s; ; Tx time: Sun Nov 22 05:50:00 2026\\.");
  }

  @Test
  void saysThatItDoesNotKnowWhereTheTrafficOfAnotherKindGoes() {
    fixture.tablets.holds(
        200,
        ReadVReplicationWorkflowResponse.newBuilder()
            .setWorkflow("split")
            .setWorkflowType(Binlogdata.VReplicationWorkflowType.Reshard)
            .addStreams(
                ReadVReplicationWorkflowResponse.Stream.newBuilder()
                    .setId(5)
                    .setBls(
                        Binlogdata.BinlogSource.newBuilder()
                            .setKeyspace("customer")
                            .setShard("0")
                            .setFilter(
                                Binlogdata.Filter.newBuilder()
                                    .addRules(Binlogdata.Rule.newBuilder().setMatch("/.*")))))
            .build());
    assertThat(
            fixture
                .vtctld
                .workflowStatus(
                    Vtctldata.WorkflowStatusRequest.newBuilder()
                        .setKeyspace("customer")
                        .setWorkflow("split")
                        .build())
                .getTrafficState())
        .isEqualTo("Where the traffic of a Reshard goes is not known to Shunt");
  }

  @Test
  void tellsWhereTrafficGoesThoughACellDoesNotAnswer() {
    fixture.tablets.holds(
        200,
        ReadVReplicationWorkflowResponse.newBuilder()
            .setWorkflowType(Binlogdata.VReplicationWorkflowType.MoveTables)
            .setWorkflow("c2c")
            .addStreams(
                ReadVReplicationWorkflowResponse.Stream.newBuilder()
                    .setId(5)
                    .setPos("MySQL56/a:1-2")
                    .setState(Binlogdata.VReplicationWorkflowState.Running)
                    .setBls(
                        Binlogdata.BinlogSource.newBuilder()
                            .setKeyspace("commerce")
                            .setShard("0")
                            .setFilter(
                                Binlogdata.Filter.newBuilder()
                                    .addRules(Binlogdata.Rule.newBuilder().setMatch("customer")))))
            .build());
    fixture.topo.createCell("zone2", Topodata.CellInfo.getDefaultInstance());
    fixture.topo.updateShard(
        "customer", "0", shard -> shard.toBuilder().clearTabletControls().build());
    fixture.route("commerce.customer@replica", "customer.customer");
    fixture.route("commerce.customer@rdonly", "customer.customer");
    fixture.silent.add("zone2");

    assertThat(
            fixture
                .vtctld
                .workflowStatus(
                    Vtctldata.WorkflowStatusRequest.newBuilder()
                        .setKeyspace("customer")
                        .setWorkflow("c2c")
                        .build())
                .getTrafficState())
        .isEqualTo(
            "All Reads Switched. Writes Not Switched. Cell(s) zone2 can't be reached: their reads"
                + " are told as the global rules send them");
  }

  @Test
  void saysThatAWorkflowHasNoStreams() {
    assertThatThrownBy(() ->
            fixture.vtctld.workflowStatus(
                Vtctldata.WorkflowStatusRequest.newBuilder()
                    .setKeyspace("customer")
                    .setWorkflow("c2c")
                    .build()))
        .hasMessageContaining(
            "NOT_FOUND: failed to get workflow state for customer.c2c workflow: no streams found"
                + " in keyspace customer for c2c");
  }

  private Vtctldata.VDiffShowResponse show(String arg) {
    return fixture.vtctld.vDiffShow(
        Vtctldata.VDiffShowRequest.newBuilder()
            .setTargetKeyspace("customer")
            .setWorkflow("c2c")
            .setArg(arg)
            .build());
  }

  @Test
  void saysWhyADiffNeverBegan() {
    fixture.backend.holds(
        Statuses.withOutcome(
            Statuses.status(List.of(), List.of(), null),
            new Outcome(
                UUID, "VDiffCreate", OutcomeKind.REFUSED, "FAILED_PRECONDITION", "not now", 1)));
    assertThatThrownBy(() -> show(UUID)).hasMessage("FAILED_PRECONDITION: not now");
  }

  @Test
  void showsDiffsAsTabletsOfVitessDo() {
    TableDiff table =
        new TableDiff(
            "0",
            "customer",
            "completed",
            100,
            99,
            1,
            0,
            0,
            "{\"MismatchedRowsSample\":[{\"Source\":{\"Row\":{\"id\":\"1\"}}}]}");
    DiffStatus diff =
        DiffStatus.of(UUID, "completed")
            .with(draft -> {
              draft.startedAt = 1795326548000L;
              draft.completedAt = 1795326549000L;
              draft.rowsCompared = 100;
              draft.hasMismatch = true;
              draft.tables = List.of(table);
              draft.limit = 0;
              draft.allTables = true;
              draft.parts = 1;
            });
    fixture.backend.holds(Statuses.status(List.of(), List.of(diff), null));

    ResultRow row =
        ResultRow.of(show("last").getTabletResponsesOrThrow("0").getOutput()).getFirst();

    assertThat(row.text("vdiff_state")).isEqualTo("completed");
    assertThat(row.text("uuid")).isEqualTo(UUID);
    assertThat(row.text("started_at")).isEqualTo("2026-11-22 05:49:08");
    assertThat(row.number("rows_compared")).isEqualTo(100);
    assertThat(row.number("has_mismatch")).isEqualTo(1);
    assertThat(row.text("report"))
        .startsWith("{\"TableName\":\"customer\",\"ProcessedRows\":100,\"MatchingRows\":99")
        .contains("\"MismatchedRowsSample\":[{");
    assertThat(show(UUID)).isEqualTo(show("last"));
    ResultRow listed =
        ResultRow.of(show("all").getTabletResponsesOrThrow("0").getOutput()).getFirst();
    assertThat(listed.text("vdiff_uuid")).isEqualTo(UUID);
    assertThat(listed.text("state")).isEqualTo("completed");
    assertThatThrownBy(() -> show(UUID.replace('1', '2'))).hasMessageContaining("NOT_FOUND");
  }

  @Test
  void showsADiffThatHasNotBegunAsPending() {
    InFlight next = InFlight.of(UUID, "VDiffCreate", "vdiff", "ann", false, 1);
    fixture.backend.holds(Statuses.status(List.of(), List.of(), next));

    ResultRow row = ResultRow.of(show(UUID).getTabletResponsesOrThrow("0").getOutput()).getFirst();

    assertThat(row.text("vdiff_state")).isEqualTo("pending");
    assertThat(row.text("table_state")).isEqualTo("pending");
  }

  @Test
  void servesTheStatesOverHttp() throws IOException, InterruptedException {
    holds(Statuses.stream("Running", "", now(), List.of()));

    assertThat(get("/healthz").body()).isEqualTo("ok");
    assertThat(get("/readyz").body()).isEqualTo("ok");
    assertThat(get("/api/workflows").body())
        .startsWith("[{\"keyspace\":\"customer\",\"workflow\":\"c2c\",\"version\":7");
    assertThat(get("/api/workflows/customer/c2c").body()).startsWith("{\"keyspace\":\"customer\"");
    assertThat(get("/api/workflows/customer/nope").statusCode()).isEqualTo(404);
  }

  @Test
  void isNotReadyWhenTheTopologyIsAway() throws IOException, InterruptedException {
    fixture.topo.close();

    assertThat(get("/healthz").statusCode()).isEqualTo(200);
    assertThat(get("/readyz").statusCode()).isEqualTo(503);
    assertThat(get("/readyz").body()).contains("topology");
  }

  @Test
  void livesButIsNotReadyWhenWhatItNeedsIsAway() throws IOException, InterruptedException {
    fixture.backend.isUnready("Kafka at k:9092 does not answer");

    assertThat(get("/healthz").statusCode()).isEqualTo(200);
    assertThat(get("/readyz").statusCode()).isEqualTo(503);
    assertThat(get("/readyz").body()).contains("Kafka at k:9092 does not answer");
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(
                  URI.create("http://127.0.0.1:" + fixture.service.httpPort() + path))
              .build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }
}
