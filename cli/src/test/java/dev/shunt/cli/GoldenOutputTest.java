package dev.shunt.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.cli.FakeVtctld.Run;
import io.grpc.Status;
import io.vitess.proto.Topodata;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import vtctldata.Vtctldata;
import vttime.Vttime;

/** Prints what a stock vtctldclient prints, byte for byte. */
class GoldenOutputTest {
  private static final String MOVE = "MoveTables --workflow c2c --target-keyspace customer ";
  private FakeVtctld vtctld;

  @BeforeEach
  void start() throws IOException {
    vtctld = new FakeVtctld();
  }

  @AfterEach
  void stop() {
    vtctld.close();
  }

  private void prints(String golden, String words) {
    Run run = vtctld.run(words);
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).isEqualTo(Golden.text(golden));
    assertThat(run.exitCode()).isZero();
  }

  @Test
  void listsTablets() {
    vtctld.answering(
        "GetTablets",
        Vtctldata.GetTabletsResponse.newBuilder()
            .addTablets(tablet(100, "commerce", 15100, 24301))
            .addTablets(tablet(200, "customer", 15200, 24302))
            .build());

    prints("gettablets", "GetTablets");
  }

  private static Topodata.Tablet tablet(int uid, String keyspace, int vt, int mysql) {
    return Topodata.Tablet.newBuilder()
        .setAlias(Topodata.TabletAlias.newBuilder().setCell("zone1").setUid(uid))
        .setKeyspace(keyspace)
        .setShard("0")
        .setType(Topodata.TabletType.PRIMARY)
        .setHostname("127.0.0.1")
        .putPortMap("vt", vt)
        .setMysqlHostname("127.0.0.1")
        .setMysqlPort(mysql)
        .setPrimaryTermStartTime(
            Vttime.Time.newBuilder().setSeconds(1795326517).setNanoseconds(680406433))
        .build();
  }

  @Test
  void listsKeyspacesWithoutTheirUnsetFields() {
    Vtctldata.GetKeyspacesResponse.Builder answer = Vtctldata.GetKeyspacesResponse.newBuilder();
    for (String name : List.of("commerce", "customer")) {
      answer.addKeyspaces(
          Vtctldata.Keyspace.newBuilder()
              .setName(name)
              .setKeyspace(
                  Topodata.Keyspace.newBuilder()
                      .setDurabilityPolicy("none")
                      .setSidecarDbName("_vt")));
    }
    vtctld.answering("GetKeyspaces", answer.build());

    prints("getkeyspaces", "GetKeyspaces");
  }

  @Test
  void showsThatThereAreNoRoutingRules() {
    vtctld.answering("GetRoutingRules", Vtctldata.GetRoutingRulesResponse.getDefaultInstance());

    prints("getroutingrules", "GetRoutingRules");
  }

  @Test
  void printsTheStatusOfANewWorkflow() {
    Vtctldata.WorkflowStatusResponse status =
        Golden.message("create-json", Vtctldata.WorkflowStatusResponse.newBuilder()).build();
    vtctld.answering("MoveTablesCreate", status).answering("WorkflowStatus", status);
    String create = MOVE + "create --source-keyspace commerce --tables sbtest1,customer,corder";

    prints("create-json", create + " --auto-start=false --format json");
    prints("status-json", MOVE + "status --format json");

    Vtctldata.WorkflowStatusResponse.Builder running = status.toBuilder();
    running.putShardStreams(
        "customer/0",
        Vtctldata.WorkflowStatusResponse.ShardStreams.newBuilder()
            .addStreams(
                status.getShardStreamsOrThrow("customer/0").getStreams(0).toBuilder()
                    .setId(4)
                    .setStatus("Running"))
            .build());
    vtctld.answering("MoveTablesCreate", running.build());
    prints("create-text", create);
  }

  @Test
  void printsWhereTheTrafficOfAReverseWorkflowGoes() {
    vtctld.answering(
        "WorkflowStatus",
        Vtctldata.WorkflowStatusResponse.newBuilder()
            .putShardStreams(
                "commerce/0",
                Vtctldata.WorkflowStatusResponse.ShardStreams.newBuilder()
                    .addStreams(
                        Vtctldata.WorkflowStatusResponse.ShardStreamState.newBuilder()
                            .setId(5)
                            .setTablet(
                                Topodata.TabletAlias.newBuilder().setCell("zone1").setUid(100))
                            .setStatus("Running")
                            .setInfo("VStream Lag: -1s; ; Tx time: Sun Nov 22 05:50:00 2026."))
                    .build())
            .setTrafficState("All Reads Switched. Writes Switched")
            .build());

    prints(
        "status-switched", "movetables --workflow c2c_reverse --target-keyspace commerce Progress");
  }

  @Test
  void showsAWorkflowWithAllItsFields() {
    vtctld.answering(
        "GetWorkflows",
        Golden.message("workflow-show", Vtctldata.GetWorkflowsResponse.newBuilder()).build());

    prints(
        "workflow-show", "Workflow --keyspace customer show --workflow c2c --include-logs=false");
    prints("workflow-list", "workflow -k customer list");
  }

  @Test
  void printsWhichTabletsWereChanged() {
    vtctld.answering(
        "WorkflowUpdate",
        Golden.message("start", Vtctldata.WorkflowUpdateResponse.newBuilder()).build());

    prints("start", MOVE + "start");
  }

  @Test
  void printsSwitches() {
    vtctld.answering(
        "WorkflowSwitchTraffic",
        Golden.message("switch-json", Vtctldata.WorkflowSwitchTrafficResponse.newBuilder())
            .build());
    prints("switch-json", MOVE + "switchtraffic --format json");

    vtctld.answering(
        "WorkflowSwitchTraffic",
        Vtctldata.WorkflowSwitchTrafficResponse.newBuilder()
            .setSummary("SwitchTraffic was successful for workflow customer.c2c")
            .setStartState("Reads Not Switched. Writes Not Switched")
            .setCurrentState("All Reads Switched. Writes Not Switched")
            .build());
    prints("switch-reads", MOVE + "SwitchTraffic --tablet-types replica,rdonly");

    List<String> lines = Golden.text("switch-dryrun").lines().toList();
    vtctld.answering(
        "WorkflowSwitchTraffic",
        Vtctldata.WorkflowSwitchTrafficResponse.newBuilder()
            .setSummary(lines.getFirst())
            .addAllDryRunResults(lines.subList(2, lines.size() - 1))
            .build());
    prints("switch-dryrun", MOVE + "switchtraffic --dry-run");
  }

  @Test
  void printsCompletions() {
    Vtctldata.MoveTablesCompleteResponse dryRun =
        Golden.message("complete-dryrun-json", Vtctldata.MoveTablesCompleteResponse.newBuilder())
            .build();
    vtctld.answering("MoveTablesComplete", dryRun);
    prints("complete-dryrun-json", MOVE + "complete --dry-run --rename-tables --format json");

    vtctld.answering(
        "MoveTablesComplete",
        dryRun.toBuilder()
            .setDryRunResults(2, dryRun.getDryRunResults(2).replace("Renaming", "Dropping"))
            .build());
    prints("complete-dryrun", MOVE + "complete --dry-run");

    vtctld.answering(
        "MoveTablesComplete",
        Vtctldata.MoveTablesCompleteResponse.newBuilder()
            .setSummary("Successfully completed the c2c workflow in the customer keyspace")
            .build());
    prints("complete", MOVE + "complete --rename-tables");
  }

  @Test
  void printsARefusalAsGoClientsDoAndExitsWithOne() {
    vtctld.refusing(
        "WorkflowStatus",
        Status.NOT_FOUND.withDescription("no streams found in keyspace customer for c2c"));

    Run run = vtctld.run(MOVE + "status");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .isEqualTo(
            "Error: rpc error: code = NotFound desc = no streams found in keyspace customer for"
                + " c2c\n");
  }
}
