package dev.shunt.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import binlogdata.Binlogdata;
import dev.shunt.topo.TopoLock;
import dev.shunt.workflow.routing.DeniedTables;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.StreamObserver;
import io.vitess.proto.Topodata;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse;
import vschema.Vschema;
import vtctldata.Vtctldata;

/** Sets up and looks at a cluster through the RPCs. */
class ClusterCallsTest {
  @TempDir Path directory;
  private CommandServiceFixture fixture;

  @BeforeEach
  void start() {
    fixture = new CommandServiceFixture(directory);
  }

  @AfterEach
  void stop() {
    fixture.close();
  }

  private static void refused(ThrowingCallable call, Status.Code code, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).isEqualTo(code);
              assertThat(e.getStatus().getDescription()).contains(message);
            });
  }

  private Vtctldata.Keyspace createKeyspace(String name) {
    return fixture
        .vtctld
        .createKeyspace(Vtctldata.CreateKeyspaceRequest.newBuilder().setName(name).build())
        .getKeyspace();
  }

  @Test
  void addsCells() {
    var request =
        Vtctldata.AddCellInfoRequest.newBuilder()
            .setName("zone1")
            .setCellInfo(Topodata.CellInfo.newBuilder().setRoot("/vitess/zone1"))
            .build();

    var unused = fixture.vtctld.addCellInfo(request);

    assertThat(
            fixture
                .vtctld
                .getCellInfoNames(Vtctldata.GetCellInfoNamesRequest.getDefaultInstance())
                .getNamesList())
        .containsExactly("zone1");
    assertThat(
            fixture
                .vtctld
                .getCellInfo(Vtctldata.GetCellInfoRequest.newBuilder().setCell("zone1").build())
                .getCellInfo()
                .getRoot())
        .isEqualTo("/vitess/zone1");
    refused(() -> fixture.vtctld.addCellInfo(request), Status.Code.ALREADY_EXISTS, "zone1");
    refused(
        () ->
            fixture.vtctld.getCellInfo(
                Vtctldata.GetCellInfoRequest.newBuilder().setCell("zone9").build()),
        Status.Code.NOT_FOUND,
        "node doesn't exist: cells/zone9/CellInfo");
  }

  @Test
  void changesAndForgetsCells() {
    refused(
        () ->
            fixture.vtctld.addCellInfo(
                Vtctldata.AddCellInfoRequest.newBuilder().setName("zone1").build()),
        Status.Code.INVALID_ARGUMENT,
        "cell zone1 needs a root in its topology server: --root PATH");
    assertThat(fixture.topo.cells()).isEmpty();
    var unused =
        fixture.vtctld.addCellInfo(
            Vtctldata.AddCellInfoRequest.newBuilder()
                .setName("zone1")
                .setCellInfo(Topodata.CellInfo.newBuilder().setRoot("/a").setServerAddress("h:1"))
                .build());

    Vtctldata.UpdateCellInfoResponse updated =
        fixture.vtctld.updateCellInfo(
            Vtctldata.UpdateCellInfoRequest.newBuilder()
                .setName("zone1")
                .setCellInfo(Topodata.CellInfo.newBuilder().setRoot("/b"))
                .build());
    assertThat(updated.getCellInfo())
        .isEqualTo(Topodata.CellInfo.newBuilder().setRoot("/b").setServerAddress("h:1").build());
    assertThat(fixture.topo.cell("zone1")).contains(updated.getCellInfo());
    fixture.topo.createKeyspace("k", Topodata.Keyspace.getDefaultInstance());
    fixture.topo.createShard("k", "0");
    fixture.topo.registerTablet(
        Topodata.Tablet.newBuilder()
            .setAlias(Topodata.TabletAlias.newBuilder().setCell("zone1").setUid(1))
            .setKeyspace("k")
            .setShard("0")
            .setType(Topodata.TabletType.REPLICA)
            .build());
    Vtctldata.DeleteCellInfoRequest delete =
        Vtctldata.DeleteCellInfoRequest.newBuilder().setName("zone1").build();
    refused(
        () -> fixture.vtctld.deleteCellInfo(delete),
        Status.Code.INVALID_ARGUMENT,
        "cell zone1 has tablets: it is in use");
    var unused2 = fixture.vtctld.deleteCellInfo(delete.toBuilder().setForce(true).build());
    assertThat(fixture.topo.cells()).isEmpty();
    refused(() -> fixture.vtctld.deleteCellInfo(delete), Status.Code.NOT_FOUND, "zone1");
  }

  @Test
  void createsKeyspacesWithVitessDefaults() {
    Vtctldata.Keyspace made = createKeyspace("customer");

    assertThat(made.getKeyspace().getDurabilityPolicy()).isEqualTo("none");
    assertThat(made.getKeyspace().getSidecarDbName()).isEqualTo("_vt");
    refused(() -> createKeyspace("customer"), Status.Code.ALREADY_EXISTS, "customer");
    assertThat(
            fixture
                .vtctld
                .createKeyspace(
                    Vtctldata.CreateKeyspaceRequest.newBuilder()
                        .setName("customer")
                        .setForce(true)
                        .build())
                .getKeyspace())
        .isEqualTo(made);
    refused(() -> createKeyspace("a.b"), Status.Code.INVALID_ARGUMENT, "a.b");
    refused(
        () ->
            fixture.vtctld.getKeyspace(
                Vtctldata.GetKeyspaceRequest.newBuilder().setKeyspace("nope").build()),
        Status.Code.NOT_FOUND,
        "node doesn't exist: keyspaces/nope/Keyspace");
  }

  @Test
  void createsShards() {
    Vtctldata.CreateShardRequest request =
        Vtctldata.CreateShardRequest.newBuilder()
            .setKeyspace("customer")
            .setShardName("-80")
            .build();
    refused(() -> fixture.vtctld.createShard(request), Status.Code.NOT_FOUND, "customer");

    Vtctldata.CreateShardResponse made =
        fixture.vtctld.createShard(request.toBuilder().setIncludeParent(true).build());

    assertThat(made.getShard().getShard().getIsPrimaryServing()).isTrue();
    refused(
        () -> fixture.vtctld.createShard(request),
        Status.Code.ALREADY_EXISTS,
        "node already exists: keyspaces/customer/shards/-80/Shard");
    assertThat(
            fixture
                .vtctld
                .createShard(request.toBuilder().setForce(true).build())
                .getShardAlreadyExists())
        .isTrue();
    assertThat(
            fixture
                .vtctld
                .findAllShardsInKeyspace(
                    Vtctldata.FindAllShardsInKeyspaceRequest.newBuilder()
                        .setKeyspace("customer")
                        .build())
                .getShardsMap())
        .containsOnlyKeys("-80");
  }

  @Test
  void appliesVSchemasUnlessTheyAreWrongOrTried() {
    fixture.setUpCluster();
    Vschema.Keyspace vschema =
        Vschema.Keyspace.newBuilder()
            .setSharded(true)
            .putVindexes("hash", Vschema.Vindex.newBuilder().setType("hash").build())
            .putTables(
                "customer",
                Vschema.Table.newBuilder()
                    .addColumnVindexes(
                        Vschema.ColumnVindex.newBuilder().setColumn("id").setName("hash"))
                    .build())
            .build();
    Vtctldata.ApplyVSchemaRequest request =
        Vtctldata.ApplyVSchemaRequest.newBuilder()
            .setKeyspace("customer")
            .setVSchema(vschema)
            .build();

    var tried = fixture.vtctld.applyVSchema(request.toBuilder().setDryRun(true).build());
    assertThat(tried.getVSchema()).isEqualTo(vschema);
    assertThat(stored()).isEqualTo(Vschema.Keyspace.getDefaultInstance());

    var applied = fixture.vtctld.applyVSchema(request);
    assertThat(applied.getVSchema()).isEqualTo(vschema);
    assertThat(stored()).isEqualTo(vschema);
    assertThat(
            fixture
                .vtctld
                .getSrvVSchema(Vtctldata.GetSrvVSchemaRequest.newBuilder().setCell("zone1").build())
                .getSrvVSchema()
                .getKeyspacesOrThrow("customer"))
        .isEqualTo(vschema);
    refused(
        () ->
            fixture.vtctld.applyVSchema(
                request.toBuilder().setVSchema(vschema.toBuilder().clearVindexes()).build()),
        Status.Code.INVALID_ARGUMENT,
        "vindex hash not found for table customer.customer");
    refused(
        () -> fixture.vtctld.applyVSchema(request.toBuilder().setKeyspace("nope").build()),
        Status.Code.NOT_FOUND,
        "node doesn't exist");
    refused(
        () ->
            fixture.vtctld.applyVSchema(
                request.toBuilder()
                    .setVSchema(
                        vschema.toBuilder()
                            .putVindexes(
                                "other", Vschema.Vindex.newBuilder().setType("nosuchtype").build()))
                    .build()),
        Status.Code.INVALID_ARGUMENT,
        "vindex other of keyspace customer has the unknown type 'nosuchtype': known are binary,");
    assertThat(stored()).isEqualTo(vschema);
  }

  @Test
  void refusesUnknownParametersOfVindexesWhenStrictElseNamesThem() {
    fixture.setUpCluster();
    Vschema.Keyspace vschema =
        Vschema.Keyspace.newBuilder()
            .setSharded(true)
            .putVindexes(
                "h",
                Vschema.Vindex.newBuilder()
                    .setType("hash")
                    .putParams("z", "1")
                    .putParams("a", "1")
                    .build())
            .build();
    Vtctldata.ApplyVSchemaRequest request =
        Vtctldata.ApplyVSchemaRequest.newBuilder()
            .setKeyspace("customer")
            .setVSchema(vschema)
            .build();

    refused(
        () -> fixture.vtctld.applyVSchema(request.toBuilder().setStrict(true).build()),
        Status.Code.INVALID_ARGUMENT,
        "unknown vindex params: h (a, z)");
    assertThat(stored()).isEqualTo(Vschema.Keyspace.getDefaultInstance());
    assertThat(
            fixture.vtctld.applyVSchema(request).getUnknownVindexParamsOrThrow("h").getParamsList())
        .containsExactly("a", "z");
    assertThat(stored()).isEqualTo(vschema);
  }

  private Vschema.Keyspace stored() {
    return fixture
        .vtctld
        .getVSchema(Vtctldata.GetVSchemaRequest.newBuilder().setKeyspace("customer").build())
        .getVSchema();
  }

  @Test
  void replacesRoutingRulesAndRebuilds() {
    fixture.setUpCluster();
    Vschema.RoutingRules rules =
        Vschema.RoutingRules.newBuilder()
            .addRules(
                Vschema.RoutingRule.newBuilder()
                    .setFromTable("customer")
                    .addToTables("customer.customer"))
            .build();

    var unused =
        fixture.vtctld.applyRoutingRules(
            Vtctldata.ApplyRoutingRulesRequest.newBuilder().setRoutingRules(rules).build());

    assertThat(
            fixture
                .vtctld
                .getRoutingRules(Vtctldata.GetRoutingRulesRequest.getDefaultInstance())
                .getRoutingRules())
        .isEqualTo(rules);
    assertThat(
            fixture
                .vtctld
                .getSrvVSchemas(Vtctldata.GetSrvVSchemasRequest.getDefaultInstance())
                .getSrvVSchemasOrThrow("zone1")
                .getRoutingRules())
        .isEqualTo(rules);
  }

  @Test
  void listsTablets() {
    fixture.setUpCluster();

    assertThat(
            fixture
                .vtctld
                .getTablets(
                    Vtctldata.GetTabletsRequest.newBuilder().setKeyspace("customer").build())
                .getTabletsList())
        .singleElement()
        .satisfies(tablet -> assertThat(tablet.getAlias().getUid()).isEqualTo(200));
    Topodata.TabletAlias missing =
        Topodata.TabletAlias.newBuilder().setCell("zone1").setUid(9).build();
    refused(
        () ->
            fixture.vtctld.getTablet(
                Vtctldata.GetTabletRequest.newBuilder().setTabletAlias(missing).build()),
        Status.Code.NOT_FOUND,
        "node doesn't exist: tablets/zone1-0000000009/Tablet");
  }

  @Test
  void listsTheTabletsOfCellsThatAnswerUnlessAllAreAskedFor() {
    fixture.setUpCluster();
    fixture.topo.createCell("zone2", Topodata.CellInfo.getDefaultInstance());
    fixture.silent.add("zone2");
    Vtctldata.GetTabletsRequest all = Vtctldata.GetTabletsRequest.getDefaultInstance();

    assertThat(fixture.vtctld.getTablets(all).getTabletsList()).hasSize(2);
    refused(
        () -> fixture.vtctld.getTablets(all.toBuilder().setStrict(true).build()),
        Status.Code.UNAVAILABLE,
        "no answer: [zone2]");
    refused(
        () -> fixture.vtctld.getTablets(all.toBuilder().addCells("zone2").build()),
        Status.Code.UNAVAILABLE,
        "no answer: [zone2]");
    assertThat(
            fixture
                .vtctld
                .getTablets(all.toBuilder().addCells("zone1").setStrict(true).build())
                .getTabletsList())
        .hasSize(2);
  }

  @Test
  void asksATabletForItsSchema() {
    fixture.setUpCluster();
    Vtctldata.GetSchemaRequest request =
        Vtctldata.GetSchemaRequest.newBuilder()
            .setTabletAlias(Topodata.TabletAlias.newBuilder().setCell("zone1").setUid(200))
            .setTableNamesOnly(true)
            .build();

    assertThat(fixture.vtctld.getSchema(request).getSchema().getTableDefinitionsList())
        .singleElement()
        .satisfies(table -> {
          assertThat(table.getName()).isEqualTo("customer");
          assertThat(table.getSchema()).isEmpty();
        });
  }

  @Test
  void saysThatAMethodIsNotThereYet() {
    refused(
        () ->
            fixture.vtctld.deleteKeyspace(
                Vtctldata.DeleteKeyspaceRequest.newBuilder().setKeyspace("customer").build()),
        Status.Code.UNIMPLEMENTED,
        "");
  }

  @Test
  void tellsThatItServes() {
    assertThat(
            HealthGrpc.newBlockingStub(fixture.channel)
                .check(HealthCheckRequest.newBuilder().setService("vtctlservice.Vtctld").build())
                .getStatus())
        .isEqualTo(ServingStatus.SERVING);
  }

  @Test
  void listsItsServicesByReflection() throws InterruptedException {
    Set<String> names = ConcurrentHashMap.newKeySet();
    CountDownLatch ended = new CountDownLatch(1);
    StreamObserver<ServerReflectionRequest> requests =
        ServerReflectionGrpc.newStub(fixture.channel)
            .serverReflectionInfo(
                new StreamObserver<>() {
                  @Override
                  public void onNext(ServerReflectionResponse answer) {
                    answer
                        .getListServicesResponse()
                        .getServiceList()
                        .forEach(service -> names.add(service.getName()));
                  }

                  @Override
                  public void onError(Throwable failure) {
                    ended.countDown();
                  }

                  @Override
                  public void onCompleted() {
                    ended.countDown();
                  }
                });

    requests.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
    requests.onCompleted();

    assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(names)
        .contains(
            "vtctlservice.Vtctld",
            "grpc.health.v1.Health",
            "grpc.reflection.v1.ServerReflection",
            "grpc.reflection.v1alpha.ServerReflection");
  }

  private Vtctldata.SetShardTabletControlRequest.Builder control(String... tables) {
    return Vtctldata.SetShardTabletControlRequest.newBuilder()
        .setKeyspace("commerce")
        .setShard("0")
        .setTabletType(Topodata.TabletType.PRIMARY)
        .addAllDeniedTables(List.of(tables));
  }

  @Test
  void deniesTablesOnThePrimaryAndServesThemAgain() {
    createKeyspace("commerce");
    var created =
        fixture.vtctld.createShard(
            Vtctldata.CreateShardRequest.newBuilder()
                .setKeyspace("commerce")
                .setShardName("0")
                .build());
    assertThat(created.getShard().getShard().getTabletControlsCount()).isZero();

    assertThat(denied(fixture.vtctld.setShardTabletControl(control("b", "a").build())))
        .containsExactly("a", "b");
    assertThat(denied(fixture.vtctld.setShardTabletControl(control("a").setRemove(true).build())))
        .containsExactly("b");
    assertThat(
            fixture
                .vtctld
                .setShardTabletControl(control("b").setRemove(true).build())
                .getShard()
                .getTabletControlsCount())
        .isZero();
  }

  private static List<String> denied(Vtctldata.SetShardTabletControlResponse answer) {
    return answer.getShard().getTabletControls(0).getDeniedTablesList();
  }

  private static ReadVReplicationWorkflowResponse workflow(String name, String source) {
    return ReadVReplicationWorkflowResponse.newBuilder()
        .setWorkflow(name)
        .addStreams(
            ReadVReplicationWorkflowResponse.Stream.newBuilder()
                .setBls(
                    Binlogdata.BinlogSource.newBuilder()
                        .setKeyspace(source)
                        .setFilter(
                            Binlogdata.Filter.newBuilder()
                                .addRules(Binlogdata.Rule.newBuilder().setMatch("corder")))))
        .build();
  }

  private void remove(String keyspace) {
    var unused =
        fixture.vtctld.setShardTabletControl(
            control("corder").setKeyspace(keyspace).setRemove(true).build());
  }

  private void denyCorder(String keyspace) {
    var unused =
        fixture.vtctld.setShardTabletControl(control("corder").setKeyspace(keyspace).build());
  }

  private List<String> deniedIn(String keyspace) {
    return DeniedTables.of(fixture.topo.shard(keyspace, "0").orElseThrow().value());
  }

  @Test
  void servesNoTableAgainThatAWorkflowHasDenied() {
    fixture.setUpCluster();
    denyCorder("commerce");
    fixture.tablets.holds(200, workflow("c2c", "commerce"));

    refused(
        () -> remove("commerce"),
        Status.Code.FAILED_PRECONDITION,
        "workflow customer.c2c moves corder; switch or reverse its traffic, or complete or cancel");
    try (TopoLock _ =
        fixture.topo.lockName(
            "customer/c2c", "SwitchTraffic", Duration.ofSeconds(5), Duration.ofSeconds(1))) {
      refused(
          () -> remove("commerce"),
          Status.Code.FAILED_PRECONDITION,
          "workflow customer.c2c moves corder and is being changed (SwitchTraffic by ");
    }
    denyCorder("customer");
    refused(() -> remove("customer"), Status.Code.FAILED_PRECONDITION, "workflow customer.c2c");
    assertThat(deniedIn("commerce")).containsExactly("corder");
    assertThat(deniedIn("customer")).contains("corder");

    fixture.tablets.holdsNothing(200);
    remove("commerce");
    assertThat(deniedIn("commerce")).isEmpty();
  }

  /** As after a switch the other way that left no streams: nobody else opens it. */
  @Test
  void servesATableAgainThatIsDeniedWhereTheRulesSendItsWrites() {
    fixture.setUpCluster();
    denyCorder("customer");
    fixture.route("commerce.corder", "customer.corder");
    fixture.tablets.holds(200, workflow("c2c", "commerce"));
    fixture.tablets.holds(100, workflow("c2c_reverse", "customer"));
    refused(() -> remove("customer"), Status.Code.FAILED_PRECONDITION, "workflow customer.c2c");

    fixture.tablets.holdsNothing(100);
    try (TopoLock _ =
        fixture.topo.lockName(
            "customer/c2c", "SwitchTraffic", Duration.ofSeconds(5), Duration.ofSeconds(1))) {
      refused(() -> remove("customer"), Status.Code.FAILED_PRECONDITION, "is being changed");
    }
    remove("customer");
    assertThat(deniedIn("customer")).doesNotContain("corder");
  }

  @Test
  void servesNoTableAgainWhereNobodyCanSayWhoDeniedIt() {
    fixture.setUpCluster();
    denyCorder("commerce");
    fixture.tablets.away(200);
    refused(
        () -> remove("commerce"),
        Status.Code.UNAVAILABLE,
        "tablet zone1-0000000200, a primary of keyspace customer, does not answer (gone)");
    assertThat(deniedIn("commerce")).containsExactly("corder");
  }

  /** Its database may have the streams of a workflow that goes on with its next primary. */
  @Test
  void servesNoTableAgainWhileAShardHasNoPrimary() {
    fixture.setUpCluster();
    denyCorder("commerce");
    var unused =
        fixture.topo.updateShard(
            "customer", "0", record -> record.toBuilder().clearPrimaryAlias().build());
    refused(() -> remove("commerce"), Status.Code.UNAVAILABLE, "shard customer/0 has no primary");
    assertThat(deniedIn("commerce")).containsExactly("corder");
  }

  @Test
  void refusesControlsThatMakeNoSense() {
    createKeyspace("commerce");
    refused(
        () -> fixture.vtctld.setShardTabletControl(control("a").build()),
        Status.Code.NOT_FOUND,
        "keyspaces/commerce/shards/0/Shard");
    var unused =
        fixture.vtctld.createShard(
            Vtctldata.CreateShardRequest.newBuilder()
                .setKeyspace("commerce")
                .setShardName("0")
                .build());
    refused(
        () -> fixture.vtctld.setShardTabletControl(control().build()),
        Status.Code.INVALID_ARGUMENT,
        "denied_tables is empty");
    refused(
        () -> fixture.vtctld.setShardTabletControl(control("a").setRemove(true).build()),
        Status.Code.INVALID_ARGUMENT,
        "a is not denied in commerce/0; denied are: none");
    refused(
        () ->
            fixture.vtctld.setShardTabletControl(
                control("a").setTabletType(Topodata.TabletType.REPLICA).build()),
        Status.Code.INVALID_ARGUMENT,
        "on the PRIMARY");
    refused(
        () ->
            fixture.vtctld.setShardTabletControl(control("a").setDisableQueryService(true).build()),
        Status.Code.INVALID_ARGUMENT,
        "not supported");
  }
}
