package dev.shunt.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.cli.FakeVtctld.Run;
import dev.shunt.cli.processes.ServiceCommand;
import io.grpc.Status;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import tabletmanagerdata.Tabletmanagerdata.UpdateVReplicationWorkflowRequest;
import vtctldata.Vtctldata;

/** Pins every flag's default and meaning by the request that is sent. */
class FlagsTest {
  private static final String MOVE = "movetables --workflow w --target-keyspace k ";
  private FakeVtctld vtctld;

  @BeforeEach
  void start() throws IOException {
    vtctld =
        new FakeVtctld()
            .answering("MoveTablesCreate", Vtctldata.WorkflowStatusResponse.getDefaultInstance())
            .answering(
                "MoveTablesComplete", Vtctldata.MoveTablesCompleteResponse.getDefaultInstance())
            .answering(
                "WorkflowSwitchTraffic",
                Vtctldata.WorkflowSwitchTrafficResponse.getDefaultInstance())
            .answering("WorkflowDelete", Vtctldata.WorkflowDeleteResponse.getDefaultInstance())
            .answering("WorkflowUpdate", Vtctldata.WorkflowUpdateResponse.getDefaultInstance())
            .answering("VDiffCreate", Vtctldata.VDiffCreateResponse.getDefaultInstance())
            .answering("GetWorkflows", Vtctldata.GetWorkflowsResponse.getDefaultInstance())
            .answering(
                "GetCellInfoNames",
                Vtctldata.GetCellInfoNamesResponse.newBuilder().addNames("z1").build())
            .answering("ApplyVSchema", Vtctldata.ApplyVSchemaResponse.getDefaultInstance())
            .answering("CreateKeyspace", Vtctldata.CreateKeyspaceResponse.getDefaultInstance());
  }

  @AfterEach
  void stop() {
    vtctld.close();
  }

  private void accepts(String words) {
    Run run = vtctld.run(words);
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
  }

  private void refuses(String words, String message) {
    Run run = vtctld.run(words);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).isEqualTo("Error: " + message + "\n");
  }

  @Test
  void createHasTheseDefaults() {
    accepts(MOVE + "create --source-keyspace s --tables a,b");

    assertThat(vtctld.request("MoveTablesCreate", Vtctldata.MoveTablesCreateRequest.class))
        .isEqualTo(
            Golden.json(
                    """
                    {"workflow": "w", "source_keyspace": "s", "target_keyspace": "k",
                     "tablet_types": ["REPLICA", "PRIMARY"],
                     "tablet_selection_preference": "INORDER", "include_tables": ["a", "b"],
                     "on_ddl": "IGNORE", "defer_secondary_keys": true, "auto_start": true,
                     "workflow_options": {"sharded_auto_increment_handling": "REMOVE"}}
                    """,
                    Vtctldata.MoveTablesCreateRequest.newBuilder())
                .build());
  }

  @Test
  void createTakesEveryFlag() {
    accepts(
        "MoveTables Create -w w --target-keyspace=k --source-keyspace s --all-tables -a"
            + " --exclude-tables c --tables d --tables e,f --tablet-types rdonly"
            + " --tablet-types-in-preference-order=false --on-ddl stop --stop-after-copy"
            + " --defer-secondary-keys=false --auto-start=false --no-routing-rules"
            + " --source-shards -80,80- --source-time-zone CET --global-keyspace g"
            + " --sharded-auto-increment-handling replace --config-overrides x=1,y=2");

    assertThat(vtctld.request("MoveTablesCreate", Vtctldata.MoveTablesCreateRequest.class))
        .isEqualTo(
            Golden.json(
                    """
                    {"workflow": "w", "source_keyspace": "s", "target_keyspace": "k",
                     "cells": ["z1"], "tablet_types": ["RDONLY"], "all_tables": true,
                     "include_tables": ["d", "e", "f"], "exclude_tables": ["c"],
                     "source_shards": ["-80", "80-"], "source_time_zone": "CET",
                     "on_ddl": "STOP", "stop_after_copy": true, "no_routing_rules": true,
                     "workflow_options": {"sharded_auto_increment_handling": "REPLACE",
                       "global_keyspace": "g", "config": {"x": "1", "y": "2"}}}
                    """,
                    Vtctldata.MoveTablesCreateRequest.newBuilder())
                .build());
  }

  @Test
  void createRefusesWhatMakesNoSense() {
    refuses("movetables create", "required flag(s) \"target-keyspace\", \"workflow\" not set");
    refuses(MOVE + "create --tables a", "required flag(s) \"source-keyspace\" not set");
    refuses(
        MOVE + "create --source-keyspace s",
        "tables or all-tables are required to specify which tables to move");
    refuses(
        MOVE + "create --source-keyspace s --tables a --on-ddl maybe",
        "invalid on-ddl value: maybe");
    refuses(
        MOVE + "create --source-keyspace s --tables a --atomic-copy",
        "atomic-copy needs all-tables, without tables and exclude-tables");
  }

  @Test
  void switchHasTheseDefaults() {
    accepts(MOVE + "switchtraffic");

    assertThat(
            vtctld.request("WorkflowSwitchTraffic", Vtctldata.WorkflowSwitchTrafficRequest.class))
        .isEqualTo(
            Golden.json(
                    """
                    {"keyspace": "k", "workflow": "w",
                     "tablet_types": ["PRIMARY", "REPLICA", "RDONLY"],
                     "max_replication_lag_allowed": {"seconds": 30}, "timeout": {"seconds": 30},
                     "enable_reverse_replication": true}
                    """,
                    Vtctldata.WorkflowSwitchTrafficRequest.newBuilder())
                .build());
  }

  @Test
  void reverseTakesEveryFlag() {
    accepts(
        MOVE
            + "ReverseTraffic --cells a,b --tablet-types replica --timeout 1m30s --dry-run --force"
            + " --max-replication-lag-allowed 500ms --enable-reverse-replication=false");

    assertThat(
            vtctld.request("WorkflowSwitchTraffic", Vtctldata.WorkflowSwitchTrafficRequest.class))
        .isEqualTo(
            Golden.json(
                    """
                    {"keyspace": "k", "workflow": "w", "cells": ["a", "b"],
                     "tablet_types": ["REPLICA"], "direction": 1, "dry_run": true, "force": true,
                     "max_replication_lag_allowed": {"nanos": 500000000},
                     "timeout": {"seconds": 90}}
                    """,
                    Vtctldata.WorkflowSwitchTrafficRequest.newBuilder())
                .build());
  }

  @Test
  void completeAndCancelHaveTheseDefaults() {
    accepts(MOVE + "complete");
    accepts(MOVE + "cancel");

    assertThat(vtctld.request("MoveTablesComplete", Vtctldata.MoveTablesCompleteRequest.class))
        .isEqualTo(
            Vtctldata.MoveTablesCompleteRequest.newBuilder()
                .setWorkflow("w")
                .setTargetKeyspace("k")
                .build());
    assertThat(vtctld.request("WorkflowDelete", Vtctldata.WorkflowDeleteRequest.class))
        .isEqualTo(
            Vtctldata.WorkflowDeleteRequest.newBuilder()
                .setWorkflow("w")
                .setKeyspace("k")
                .setDeleteBatchSize(1000)
                .build());
  }

  @Test
  void stopLeavesEverythingElseAsItIs() {
    accepts(MOVE + "stop");

    UpdateVReplicationWorkflowRequest change =
        vtctld.request("WorkflowUpdate", Vtctldata.WorkflowUpdateRequest.class).getTabletRequest();
    assertThat(change.getCellsList()).containsExactly("NULL");
    assertThat(change.getTabletTypesValueList()).containsExactly(-1);
    assertThat(change.getState().name()).isEqualTo("Stopped");
    assertThat(change.hasOnDdl()).isFalse();
  }

  @Test
  void updateChangesOnlyWhatIsGiven() {
    refuses("workflow -k k update -w w", "no configuration options specified to update");

    accepts("workflow --keyspace k update --workflow w --tablet-types primary --on-ddl STOP");

    UpdateVReplicationWorkflowRequest change =
        vtctld.request("WorkflowUpdate", Vtctldata.WorkflowUpdateRequest.class).getTabletRequest();
    assertThat(change.getCellsList()).containsExactly("NULL");
    assertThat(change.getTabletTypesList()).hasSize(1);
    assertThat(change.getTabletSelectionPreference().name()).isEqualTo("INORDER");
    assertThat(change.getOnDdl().name()).isEqualTo("STOP");
    assertThat(change.hasState()).isFalse();
  }

  @Test
  void diffHasTheseDefaults() {
    String uuid = "11111111-1111-1111-1111-111111111111";
    accepts("vdiff --workflow w --target-keyspace k create " + uuid);

    assertThat(vtctld.request("VDiffCreate", Vtctldata.VDiffCreateRequest.class))
        .isEqualTo(
            Golden.json(
                    """
                    {"workflow": "w", "target_keyspace": "k",
                     "uuid": "11111111-1111-1111-1111-111111111111",
                     "tablet_types": ["RDONLY", "REPLICA", "PRIMARY"],
                     "tablet_selection_preference": "INORDER", "limit": "9223372036854775807",
                     "filtered_replication_wait_time": {"seconds": 30},
                     "max_extra_rows_to_compare": 1000, "wait_update_interval": {"seconds": 60},
                     "auto_retry": true, "max_report_sample_rows": 10, "max_diff_duration": {},
                     "row_diff_column_truncate_at": 128, "auto_start": true}
                    """,
                    Vtctldata.VDiffCreateRequest.newBuilder())
                .build());
    refuses("vdiff -w w --target-keyspace k create nope", "invalid UUID provided: nope");
    refuses("vdiff -w w --target-keyspace k create --limit 0", "--limit must be a positive value");
  }

  @Test
  void showIncludesLogsUnlessToldNotTo() {
    accepts(MOVE + "show");
    assertThat(workflowsRequest().getIncludeLogs()).isTrue();
    assertThat(workflowsRequest().getActiveOnly()).isFalse();

    accepts("GetWorkflows k --include-logs=false");
    assertThat(workflowsRequest().getIncludeLogs()).isFalse();
    assertThat(workflowsRequest().getActiveOnly()).isTrue();

    accepts("getworkflows -a k");
    assertThat(workflowsRequest().getActiveOnly()).isFalse();
  }

  private Vtctldata.GetWorkflowsRequest workflowsRequest() {
    return vtctld.request("GetWorkflows", Vtctldata.GetWorkflowsRequest.class);
  }

  @Test
  void keyspaceHasTheseDefaults() {
    accepts("createkeyspace k");

    assertThat(vtctld.request("CreateKeyspace", Vtctldata.CreateKeyspaceRequest.class))
        .isEqualTo(
            Vtctldata.CreateKeyspaceRequest.newBuilder()
                .setName("k")
                .setDurabilityPolicy("none")
                .setSidecarDbName("_vt")
                .build());
  }

  @Test
  void sendsAVSchemaFromJson() {
    Run run =
        vtctld.execute(
            List.of("ApplyVSchema", "--vschema", "{\"sharded\": true}", "--dry-run", "k"));

    assertThat(run.err()).isEmpty();
    Vtctldata.ApplyVSchemaRequest request =
        vtctld.request("ApplyVSchema", Vtctldata.ApplyVSchemaRequest.class);
    assertThat(request.getVSchema().getSharded()).isTrue();
    assertThat(request.getDryRun()).isTrue();
    assertThat(run.out()).startsWith("New VSchema object:\n{\n  \"sharded\": false,\n");
  }

  @Test
  void tellsWhoAsksAndWhy() {
    Run run =
        vtctld.execute(
            List.of(
                "--issuer",
                "Jürgen",
                "movetables",
                "-w",
                "w",
                "--target-keyspace",
                "k",
                "cancel",
                "--reason",
                "für Müller,\n\tder wartet",
                "--command-id",
                "id-1",
                "--expected-version",
                "3"));

    assertThat(run.err()).isEmpty();
    assertThat(vtctld.utf8("shunt-issuer-bin")).isEqualTo("Jürgen");
    assertThat(vtctld.utf8("shunt-reason-bin")).isEqualTo("für Müller,\n\tder wartet");
    assertThat(vtctld.metadata("shunt-command-id")).isEqualTo("id-1");
    assertThat(vtctld.metadata("shunt-expected-version")).isEqualTo("3");
  }

  @Test
  void leavesUnsetFieldsOutOfCompactOutput() {
    assertThat(vtctld.run("getworkflows k --compact").out()).isEqualTo("{}\n");
  }

  @Test
  void saysWhatIsNotThereYet() {
    Run run =
        vtctld.run("vdiff -w w --target-keyspace k stop 11111111-1111-1111-1111-111111111111");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err())
        .isEqualTo("Error: not there yet: vdiff stop; the command service does not serve it\n");
  }

  @Test
  void passesOnWhyTheServerDoesNotDoSomethingYet() {
    vtctld.refusing(
        "VDiffStop",
        Status.UNIMPLEMENTED.withDescription("stopping at a position is not supported yet"));

    Run run =
        vtctld.run("vdiff -w w --target-keyspace k stop 11111111-1111-1111-1111-111111111111");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err())
        .isEqualTo(
            "Error: rpc error: code = Unimplemented desc = stopping at a position is not supported"
                + " yet\n");
  }

  @Test
  void refusesAnUnknownService() {
    StringWriter err = new StringWriter();
    CommandLine line = Shunt.commandLine().setErr(new PrintWriter(err, true));

    assertThat(line.execute("service", "nope")).isEqualTo(1);

    assertThat(err.toString())
        .isEqualTo(
            "Error: unknown service 'nope': one of "
                + String.join(", ", ServiceCommand.names())
                + "\n");
  }

  @Test
  void createTellsTheWarningsOfItsOutcomeBesideTheAnswer() {
    vtctld.withSummary("created; Änderungen durch Fremdschlüssel fehlen: compare with a vdiff");

    Run run = vtctld.run(MOVE + "create --source-keyspace s --tables a,b --format json");

    assertThat(run.exitCode()).isZero();
    assertThat(run.err())
        .isEqualTo("created; Änderungen durch Fremdschlüssel fehlen: compare with a vdiff\n");
    assertThat(run.out()).startsWith("{").doesNotContain("vdiff");
  }

  @Test
  void tellsOfParametersThatAVindexDoesNotHave() {
    vtctld.answering(
        "ApplyVSchema",
        Vtctldata.ApplyVSchemaResponse.newBuilder()
            .putUnknownVindexParams(
                "h",
                Vtctldata.ApplyVSchemaResponse.ParamList.newBuilder()
                    .addParams("a")
                    .addParams("b")
                    .build())
            .build());

    Run run = vtctld.execute(List.of("applyvschema", "--vschema", "{}", "k"));

    assertThat(run.exitCode()).isZero();
    assertThat(run.err())
        .isEqualTo("Warning: vindex h: its type has no parameters a, b; they have no effect\n");
  }
}
