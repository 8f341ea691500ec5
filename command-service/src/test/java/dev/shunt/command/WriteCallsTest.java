package dev.shunt.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import binlogdata.Binlogdata;
import dev.shunt.command.sending.Reply;
import dev.shunt.schemas.DesiredState;
import dev.shunt.schemas.Direction;
import dev.shunt.schemas.MoveTablesComplete;
import dev.shunt.schemas.MoveTablesCreate;
import dev.shunt.schemas.Outcome;
import dev.shunt.schemas.OutcomeKind;
import dev.shunt.schemas.SwitchTraffic;
import dev.shunt.schemas.VDiffCreate;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowUpdate;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.vitess.proto.Topodata;
import io.vitess.proto.Topodata.TabletType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse;
import tabletmanagerdata.Tabletmanagerdata.TabletSelectionPreference;
import tabletmanagerdata.Tabletmanagerdata.UpdateVReplicationWorkflowRequest;
import vtctldata.Vtctldata;
import vtctlservice.VtctldGrpc;
import vttime.Vttime;

/** Each write becomes one command, and its outcome the answer. */
class WriteCallsTest {
  @TempDir Path directory;
  private CommandServiceFixture fixture;

  @BeforeEach
  void start() {
    fixture = new CommandServiceFixture(directory);
    fixture.setUpCluster();
    fixture.backend.holds(
        Statuses.status(List.of(Statuses.stream("Running", "", 0, List.of())), List.of(), null));
  }

  @AfterEach
  void stop() {
    fixture.close();
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  private static Vtctldata.WorkflowSwitchTrafficRequest.Builder switchRequest() {
    return Vtctldata.WorkflowSwitchTrafficRequest.newBuilder()
        .setKeyspace("customer")
        .setWorkflow("c2c")
        .addTabletTypes(TabletType.PRIMARY)
        .addTabletTypes(TabletType.REPLICA);
  }

  /** Behind it nobody waits any more, and nobody would learn of what it did. */
  @Test
  void lastsAsLongAsTheCallIsWaitedFor() {
    long before = System.currentTimeMillis();
    var unused =
        fixture
            .vtctld
            .withDeadlineAfter(20, TimeUnit.SECONDS)
            .workflowSwitchTraffic(switchRequest().build());
    assertThat(fixture.backend.command(SwitchTraffic.class).header().beginBefore())
        .isBetween(before + 15_000, before + 25_000);

    var unusedToo = fixture.vtctld.workflowSwitchTraffic(switchRequest().build());
    assertThat(fixture.backend.command(SwitchTraffic.class).header().beginBefore()).isZero();
  }

  @Test
  void carriesWhoAsksAndWhyIntoTheCommand() {
    Metadata metadata = new Metadata();
    metadata.put(key("shunt-issuer"), "ann");
    metadata.put(key("shunt-reason"), "shop is slow");
    metadata.put(key("shunt-command-id"), "id-1");
    metadata.put(key("shunt-expected-version"), "7");

    var unused =
        fixture
            .vtctld
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata))
            .workflowSwitchTraffic(switchRequest().build());

    SwitchTraffic command = fixture.backend.command(SwitchTraffic.class);
    assertThat(command.header().issuer()).isEqualTo("ann");
    assertThat(command.header().reason()).isEqualTo("shop is slow");
    assertThat(command.header().commandId()).isEqualTo("id-1");
    assertThat(command.header().expectedVersion()).isEqualTo(7);
  }

  @Test
  void carriesWhoAsksAndWhyInAnyLanguageAndInSeveralLines() {
    Metadata metadata = new Metadata();
    metadata.put(utf8("shunt-issuer-bin"), "Jürgen".getBytes(StandardCharsets.UTF_8));
    metadata.put(
        utf8("shunt-reason-bin"), "für Müller,\n\tder wartet".getBytes(StandardCharsets.UTF_8));

    var unused =
        fixture
            .vtctld
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata))
            .workflowSwitchTraffic(switchRequest().build());

    SwitchTraffic command = fixture.backend.command(SwitchTraffic.class);
    assertThat(command.header().issuer()).isEqualTo("Jürgen");
    assertThat(command.header().reason()).isEqualTo("für Müller,\n\tder wartet");
  }

  private static Metadata.Key<byte[]> utf8(String name) {
    return Metadata.Key.of(name, Metadata.BINARY_BYTE_MARSHALLER);
  }

  @Test
  void fillsInWhatVtctldFillsIn() {
    var unused = fixture.vtctld.workflowSwitchTraffic(switchRequest().setDirection(1).build());

    SwitchTraffic command = fixture.backend.command(SwitchTraffic.class);
    assertThat(command.header().issuer()).isEqualTo("vtctld");
    assertThat(command.header().commandId()).hasSize(36);
    assertThat(command.header().expectedVersion()).isNull();
    assertThat(command.timeoutMillis()).isEqualTo(30_000);
    assertThat(command.maxReplicationLagMillis()).isEqualTo(30_000);
    assertThat(command.direction()).isEqualTo(Direction.BACKWARD);
    assertThat(command.tabletTypes()).containsExactly("PRIMARY", "REPLICA");
  }

  @Test
  void answersASwitchWithTheStatesBeforeAndAfter() {
    fixture.backend.replies(
        new Reply.Succeeded(
            "SwitchTraffic was successful for workflow customer.c2c",
            List.of("a line"),
            Map.of("start_state", "Reads Not Switched", "current_state", "All Reads Switched"),
            1000));

    Vtctldata.WorkflowSwitchTrafficResponse answer =
        fixture.vtctld.workflowSwitchTraffic(switchRequest().build());

    assertThat(answer.getSummary()).contains("was successful");
    assertThat(answer.getStartState()).isEqualTo("Reads Not Switched");
    assertThat(answer.getCurrentState()).isEqualTo("All Reads Switched");
    assertThat(answer.getDryRunResultsList()).containsExactly("a line");
    assertThat(fixture.backend.waits()).isEqualTo(1);
  }

  @Test
  void seesThatASwitchHasEndedBehindTheOutcomeOfALaterDiff() {
    fixture.backend.replies(new Reply.Succeeded("done", List.of(), Map.of(), 1000));
    fixture.backend.holds(
        Statuses.withOutcome(
            fixture.backend.find(new WorkflowKey("customer", "c2c")).orElseThrow(),
            new Outcome("a diff", "VDiffCreate", OutcomeKind.SUCCEEDED, "OK", "", 1001)));

    assertThat(fixture.vtctld.workflowSwitchTraffic(switchRequest().build()).getSummary())
        .isEqualTo("done");
    assertThat(fixture.backend.waits()).isZero();
  }

  static List<Arguments> unsupported() {
    return List.of(
        arguments(
            "switching traffic on some shards only is not supported",
            (Consumer<VtctldGrpc.VtctldBlockingStub>)
                vtctld -> vtctld.workflowSwitchTraffic(switchRequest().addShards("-80").build())),
        arguments(
            "completing a workflow on some shards only is not supported",
            (Consumer<VtctldGrpc.VtctldBlockingStub>)
                vtctld ->
                    vtctld.moveTablesComplete(
                        Vtctldata.MoveTablesCompleteRequest.newBuilder()
                            .setTargetKeyspace("customer")
                            .setWorkflow("c2c")
                            .addShards("-80")
                            .build())),
        arguments(
            "ignoring the source keyspace is not supported",
            (Consumer<VtctldGrpc.VtctldBlockingStub>)
                vtctld ->
                    vtctld.workflowDelete(
                        Vtctldata.WorkflowDeleteRequest.newBuilder()
                            .setKeyspace("customer")
                            .setWorkflow("c2c")
                            .setIgnoreSourceKeyspace(true)
                            .build())),
        arguments(
            "a limit on the duration of a diff is not supported",
            (Consumer<VtctldGrpc.VtctldBlockingStub>)
                vtctld ->
                    vtctld.vDiffCreate(
                        Vtctldata.VDiffCreateRequest.newBuilder()
                            .setTargetKeyspace("customer")
                            .setWorkflow("c2c")
                            .setMaxDiffDuration(Vttime.Duration.newBuilder().setSeconds(60))
                            .build())));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("unsupported")
  void refusesWhatItWouldOtherwiseHaveToIgnore(
      String message, Consumer<VtctldGrpc.VtctldBlockingStub> call) {
    assertThatThrownBy(() -> call.accept(fixture.vtctld))
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessage("INVALID_ARGUMENT: " + message);
    assertThat(fixture.backend.commands()).isZero();
  }

  @Test
  void handsOnTheCodeAndSentenceOfARefusal() {
    fixture.backend.replies(
        new Reply.Rejected("FAILED_PRECONDITION", "cannot switch: copy is still in progress"));

    assertThatThrownBy(() -> fixture.vtctld.workflowSwitchTraffic(switchRequest().build()))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
              assertThat(e.getStatus().getDescription())
                  .isEqualTo("cannot switch: copy is still in progress");
            });
  }

  @Test
  void saysWhenNoOutcomeWasHeardInTime() {
    fixture.backend.replies(new Reply.Unheard());

    assertThatThrownBy(() -> fixture.vtctld.workflowSwitchTraffic(switchRequest().build()))
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessageContaining("DEADLINE_EXCEEDED: no outcome of command");
  }

  @Test
  void answersACreateWithTheStatusOfTheWorkflow() {
    fixture.tablets.holds(
        200,
        ReadVReplicationWorkflowResponse.newBuilder()
            .setWorkflowType(Binlogdata.VReplicationWorkflowType.MoveTables)
            .setWorkflow("c2c")
            .addStreams(
                ReadVReplicationWorkflowResponse.Stream.newBuilder()
                    .setId(5)
                    .setState(Binlogdata.VReplicationWorkflowState.Stopped)
                    .setBls(
                        Binlogdata.BinlogSource.newBuilder().setKeyspace("commerce").setShard("0")))
            .build());

    Vtctldata.WorkflowStatusResponse answer =
        fixture.vtctld.moveTablesCreate(
            Vtctldata.MoveTablesCreateRequest.newBuilder()
                .setWorkflow("c2c")
                .setSourceKeyspace("commerce")
                .setTargetKeyspace("customer")
                .addIncludeTables("customer")
                .addTabletTypes(TabletType.REPLICA)
                .setTabletSelectionPreference(TabletSelectionPreference.INORDER)
                .setWorkflowOptions(
                    Vtctldata.WorkflowOptions.newBuilder()
                        .setShardedAutoIncrementHandling(
                            Vtctldata.ShardedAutoIncrementHandling.REMOVE))
                .build());

    MoveTablesCreate command = fixture.backend.command(MoveTablesCreate.class);
    assertThat(command.includeTables()).containsExactly("customer");
    assertThat(command.tabletTypesInOrder()).isTrue();
    assertThat(command.onDdl()).isEqualTo("IGNORE");
    assertThat(command.autoStart()).isFalse();
    assertThat(command.autoIncrementHandling()).isEqualTo("REMOVE");
    Vtctldata.WorkflowStatusResponse.ShardStreamState stream =
        answer.getShardStreamsOrThrow("customer/0").getStreams(0);
    assertThat(stream.getStatus()).isEqualTo("Stopped");
    assertThat(stream.getInfo()).isEqualTo("VStream has not started");
    assertThat(stream.getSourceShard()).isEqualTo("commerce/0");
    assertThat(answer.getTrafficState()).isEqualTo("Reads Not Switched. Writes Not Switched");
  }

  @Test
  void readsTheMarksThatLeaveASettingAsItIs() {
    fixture.backend.replies(
        new Reply.Succeeded("updated", List.of(), Map.of("tablet.zone1-0000000200", "true"), 1000));

    Vtctldata.WorkflowUpdateResponse answer =
        fixture.vtctld.workflowUpdate(
            Vtctldata.WorkflowUpdateRequest.newBuilder()
                .setKeyspace("customer")
                .setTabletRequest(
                    UpdateVReplicationWorkflowRequest.newBuilder()
                        .setWorkflow("c2c")
                        .addCells("NULL")
                        .addTabletTypesValue(-1)
                        .setTabletSelectionPreference(TabletSelectionPreference.UNKNOWN)
                        .setState(Binlogdata.VReplicationWorkflowState.Running))
                .build());

    WorkflowUpdate command = fixture.backend.command(WorkflowUpdate.class);
    assertThat(command.cells()).isNull();
    assertThat(command.tabletTypes()).isNull();
    assertThat(command.tabletTypesInOrder()).isNull();
    assertThat(command.onDdl()).isNull();
    assertThat(command.state()).isEqualTo(DesiredState.RUNNING);
    assertThat(answer.getDetailsList())
        .singleElement()
        .satisfies(detail -> {
          assertThat(detail.getTablet().getUid()).isEqualTo(200);
          assertThat(detail.getChanged()).isTrue();
        });
  }

  @Test
  void answersAStopOnceTheStreamsAreSeenStopped() {
    fixture.backend.replies(new Reply.Succeeded("stopped", List.of(), Map.of(), 1000));
    fixture.tablets.holds(200, stream(Binlogdata.VReplicationWorkflowState.Stopped, ""));
    fixture.backend.whileWaiting(() ->
        fixture.backend.holds(
            Statuses.status(
                List.of(Statuses.stream("Stopped", "", 0, List.of())), List.of(), null)));

    var unused =
        fixture.vtctld.workflowUpdate(
            Vtctldata.WorkflowUpdateRequest.newBuilder()
                .setKeyspace("customer")
                .setTabletRequest(
                    UpdateVReplicationWorkflowRequest.newBuilder()
                        .setWorkflow("c2c")
                        .setState(Binlogdata.VReplicationWorkflowState.Stopped))
                .build());

    assertThat(fixture.backend.waits()).isPositive();
    assertThat(
            fixture
                .vtctld
                .getWorkflows(
                    Vtctldata.GetWorkflowsRequest.newBuilder().setKeyspace("customer").build())
                .getWorkflows(0)
                .getShardStreamsOrThrow("0/zone1-0000000200")
                .getStreams(0)
                .getState())
        .isEqualTo("Stopped");
  }

  private static ReadVReplicationWorkflowResponse stream(
      Binlogdata.VReplicationWorkflowState state, String message) {
    return ReadVReplicationWorkflowResponse.newBuilder()
        .setWorkflowType(Binlogdata.VReplicationWorkflowType.MoveTables)
        .setWorkflow("c2c")
        .setCells("zone1")
        .addTabletTypes(TabletType.REPLICA)
        .addTabletTypes(TabletType.PRIMARY)
        .setTabletSelectionPreference(TabletSelectionPreference.INORDER)
        .setOptions("{\"sharded_auto_increment_handling\": 1}")
        .addStreams(
            ReadVReplicationWorkflowResponse.Stream.newBuilder()
                .setId(5)
                .setState(state)
                .setMessage(message)
                .setTimeUpdated(vttime.Vttime.Time.newBuilder().setSeconds(1_700_000_000))
                .setBls(
                    Binlogdata.BinlogSource.newBuilder()
                        .setKeyspace("commerce")
                        .setShard("0")
                        .setFilter(
                            Binlogdata.Filter.newBuilder()
                                .addRules(Binlogdata.Rule.newBuilder().setMatch("corder")))))
        .build();
  }

  /** As a vtctld leaves it that is killed between its denial and its journal. */
  @Test
  void tellsThatASwitchWasInterrupted() {
    fixture.tablets.holds(
        200, stream(Binlogdata.VReplicationWorkflowState.Stopped, "stopped for cutover"));
    deny("commerce", "corder");

    assertThat(trafficState())
        .isEqualTo(
            "Reads Not Switched. Writes Not Switched. Half-switched: source denied (commerce/0),"
                + " streams stopped for cutover, since 2023-11-14T22:13:20Z. Unless a switch is"
                + " under way, one was interrupted: SwitchTraffic again finishes it, or cancel the"
                + " workflow");

    fixture.route("commerce.corder", "customer.corder");
    fixture.tablets.holds(200, stream(Binlogdata.VReplicationWorkflowState.Stopped, "FROZEN"));
    assertThat(trafficState()).endsWith("Writes Switched");
    deny("customer", "corder");
    assertThat(trafficState())
        .contains("Writes Switched. Half-switched: target denied (customer/0). ");
  }

  private void deny(String keyspace, String table) {
    fixture.topo.updateShard(
        keyspace,
        "0",
        shard ->
            shard.toBuilder()
                .addTabletControls(
                    Topodata.Shard.TabletControl.newBuilder()
                        .setTabletType(TabletType.PRIMARY)
                        .addDeniedTables(table))
                .build());
  }

  private String trafficState() {
    return fixture
        .vtctld
        .workflowStatus(
            Vtctldata.WorkflowStatusRequest.newBuilder()
                .setKeyspace("customer")
                .setWorkflow("c2c")
                .build())
        .getTrafficState();
  }

  @Test
  void answersADryRunWithItsLines() {
    fixture.backend.replies(new Reply.Succeeded("dry run", List.of("a", "b"), Map.of(), 1000));

    Vtctldata.MoveTablesCompleteResponse answer =
        fixture.vtctld.moveTablesComplete(
            Vtctldata.MoveTablesCompleteRequest.newBuilder()
                .setTargetKeyspace("customer")
                .setWorkflow("c2c")
                .setDryRun(true)
                .setRenameTables(true)
                .build());

    assertThat(answer.getDryRunResultsList()).containsExactly("a", "b");
    assertThat(fixture.backend.command(MoveTablesComplete.class).header().dryRun()).isTrue();
    assertThat(fixture.backend.command(MoveTablesComplete.class).renameTables()).isTrue();
  }

  @Test
  void answersADiffOnceItIsAdmitted() {
    fixture.backend.replies(new Reply.Admitted());
    String uuid = "11111111-1111-1111-1111-111111111111";

    Vtctldata.VDiffCreateResponse answer =
        fixture.vtctld.vDiffCreate(
            Vtctldata.VDiffCreateRequest.newBuilder()
                .setTargetKeyspace("customer")
                .setWorkflow("c2c")
                .setUuid(uuid)
                .build());

    assertThat(answer.getUUID()).isEqualTo(uuid);
    VDiffCreate command = fixture.backend.command(VDiffCreate.class);
    assertThat(command.header().commandId()).isEqualTo(uuid);
    assertThat(command.limit()).isEqualTo(Long.MAX_VALUE);
    assertThat(command.waitTimeoutMillis()).isEqualTo(30_000);
  }

  @Test
  void refusesAMalformedDiffId() {
    assertThatThrownBy(() ->
            fixture.vtctld.vDiffCreate(
                Vtctldata.VDiffCreateRequest.newBuilder()
                    .setTargetKeyspace("customer")
                    .setWorkflow("c2c")
                    .setUuid("x")
                    .build()))
        .hasMessageContaining("INVALID_ARGUMENT: invalid UUID provided: x");
  }
}
