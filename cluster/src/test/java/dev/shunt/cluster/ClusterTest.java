package dev.shunt.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import binlogdata.Binlogdata.BinlogSource;
import binlogdata.Binlogdata.Filter;
import binlogdata.Binlogdata.Rule;
import binlogdata.Binlogdata.VReplicationWorkflowType;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.tabletclient.TabletClients;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.time.Time;
import dev.shunt.topo.Topo;
import dev.shunt.topo.Topos;
import dev.shunt.workflow.RefusedException;
import dev.shunt.workflow.migration.TableMigration;
import dev.shunt.workflow.routing.TableRouting;
import dev.shunt.workflow.routing.TableRouting.ReadType;
import io.grpc.Status;
import io.vitess.proto.Topodata;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse;
import vschema.Vschema;

/** What a cluster looks like through its topology and what its primaries tell of their streams. */
class ClusterTest {
  private static final TableMigration MOVE =
      new TableMigration("commerce", "customer", List.of("corder", "customer"));

  @TempDir Path folder;

  /** What primaries tell, by keyspace and shard. */
  private final Map<String, List<ReadVReplicationWorkflowResponse>> told = new HashMap<>();

  /** Primaries that do not answer. */
  private final Map<String, RuntimeException> away = new HashMap<>();

  private Topo topo;
  private Cluster cluster;
  private int nextUid = 100;

  @BeforeEach
  void open() {
    topo = Topos.local(folder);
    topo.createCell("zone1", Topodata.CellInfo.newBuilder().setRoot("/zone1").build());
    keyspace("commerce", "0");
    keyspace("customer", "-80", "80-");
    TabletClients none =
        (TabletClients)
            Proxy.newProxyInstance(
                TabletClients.class.getClassLoader(),
                new Class<?>[] {TabletClients.class},
                (proxy, method, arguments) -> {
                  throw new AssertionError(method);
                });
    cluster = new Cluster(topo, none, this::control, Time.system());
  }

  @AfterEach
  void close() {
    topo.close();
  }

  private void keyspace(String keyspace, String... shards) {
    topo.createKeyspace(keyspace, Topodata.Keyspace.getDefaultInstance());
    for (String shard : shards) {
      var unused = topo.createShard(keyspace, shard);
      topo.registerTablet(
          Topodata.Tablet.newBuilder()
              .setAlias(Topodata.TabletAlias.newBuilder().setCell("zone1").setUid(nextUid++))
              .setHostname("127.0.0.1")
              .setKeyspace(keyspace)
              .setShard(shard)
              .setType(Topodata.TabletType.PRIMARY)
              .build());
    }
    topo.rebuildSrvVSchema(List.of());
  }

  private PrimaryControl control(ShardPrimary primary) {
    InvocationHandler handler =
        (proxy, method, arguments) -> {
          RuntimeException failure = away.get(primary.name());
          return switch (method.getName()) {
            case "within", "withFence" -> proxy;
            case "streams" -> streams(primary, (String) arguments[0]);
            case "workflows" -> {
              if (failure != null) {
                throw failure;
              }
              yield told.getOrDefault(primary.name(), List.of());
            }
            default -> throw new AssertionError(method);
          };
        };
    return (PrimaryControl)
        Proxy.newProxyInstance(
            PrimaryControl.class.getClassLoader(), new Class<?>[] {PrimaryControl.class}, handler);
  }

  private StreamControl streams(ShardPrimary primary, String workflow) {
    return (StreamControl)
        Proxy.newProxyInstance(
            StreamControl.class.getClassLoader(),
            new Class<?>[] {StreamControl.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "read" ->
                      told.getOrDefault(primary.name(), List.of()).stream()
                          .filter(one -> one.getWorkflow().equals(workflow))
                          .findFirst();
                  default -> throw new AssertionError(method);
                });
  }

  private static BinlogSource source(String keyspace, String shard, String... tables) {
    Filter.Builder filter = Filter.newBuilder();
    for (String table : tables) {
      filter.addRules(Rule.newBuilder().setMatch(table));
    }
    return BinlogSource.newBuilder()
        .setKeyspace(keyspace)
        .setShard(shard)
        .setFilter(filter)
        .build();
  }

  private void tell(
      String shard, String workflow, VReplicationWorkflowType type, BinlogSource... sources) {
    ReadVReplicationWorkflowResponse.Builder response =
        ReadVReplicationWorkflowResponse.newBuilder()
            .setWorkflow(workflow)
            .setWorkflowTypeValue(type.getNumber());
    int id = sources.length;
    for (BinlogSource source : sources) { // the highest id first
      response.addStreams(
          ReadVReplicationWorkflowResponse.Stream.newBuilder().setId(id--).setBls(source));
    }
    told.computeIfAbsent(shard, name -> new ArrayList<>()).add(response.build());
  }

  private void tell(String shard, String workflow, BinlogSource... sources) {
    tell(shard, workflow, VReplicationWorkflowType.MoveTables, sources);
  }

  private void refused(ThrowingRunnable call, String message) {
    assertThatExceptionOfType(RefusedException.class).isThrownBy(call::run).withMessage(message);
  }

  /** A call that may fail in any way. */
  private interface ThrowingRunnable {
    void run() throws Exception;
  }

  // --- workflows -----------------------------------------------------------------------------

  @Test
  void aWorkflowIsWhatItsStreamsOnAllShardsTell() throws Exception {
    tell("customer/-80", "c2c", source("commerce", "0", "customer", "corder"));
    tell(
        "customer/80-",
        "c2c",
        source("commerce", "0", "corder", "customer"),
        source("commerce", "0", "corder", "customer"));

    WorkflowView view = cluster.requireWorkflow("customer", "c2c");

    assertThat(view.sourceKeyspace()).isEqualTo("commerce");
    assertThat(view.tables()).containsExactly("corder", "customer");
    assertThat(view.targets()).extracting(ShardPrimary::shard).containsExactly("-80", "80-");
    assertThat(view.sources()).extracting(ShardPrimary::name).containsExactly("commerce/0");
    assertThat(view.streams())
        .extracting(stream -> stream.target().shard() + ":" + stream.id())
        .containsExactly("-80:1", "80-:1", "80-:2");
    assertThat(view.migration()).isEqualTo(MOVE);
  }

  @Test
  void shardsWithoutStreamsHaveNoPartInIt() throws Exception {
    tell("customer/80-", "c2c", source("commerce", "0", "corder"));
    tell("customer/-80", "c2c");

    assertThat(cluster.requireWorkflow("customer", "c2c").targets())
        .extracting(ShardPrimary::shard)
        .containsExactly("80-");
    assertThat(cluster.workflow("customer", "other")).isEqualTo(Optional.empty());
    refused(
        () -> cluster.requireWorkflow("customer", "other"),
        "no streams found in keyspace customer for other");
  }

  @Test
  void streamsThatDoNotGoTogetherAreRefused() {
    tell("customer/-80", "a", source("commerce", "0", "t"));
    tell("customer/80-", "a", source("elsewhere", "0", "t"));
    tell("customer/-80", "b", source("commerce", "0", "t"));
    tell("customer/80-", "b", source("commerce", "0", "t", "u"));
    refused(
        () -> cluster.workflow("customer", "a"),
        "source keyspaces are mismatched across streams of workflow customer.a: [commerce,"
            + " elsewhere]");
    refused(
        () -> cluster.workflow("customer", "b"),
        "table lists are mismatched across streams of workflow customer.b");
  }

  /** Both directions are one workflow, which only one command at a time may change. */
  @Test
  void aWorkflowAndItsReverseHaveOneLock() {
    tell("commerce/0", "c2c_reverse", source("customer", "-80", "t"));

    assertThat(cluster.lockName(new WorkflowKey("customer", "c2c"))).isEqualTo("customer/c2c");
    assertThat(cluster.lockName(new WorkflowKey("commerce", "c2c_reverse")))
        .isEqualTo("customer/c2c");
    assertThat(cluster.lockName(new WorkflowKey("commerce", "gone_reverse")))
        .isEqualTo("commerce/gone_reverse");
    assertThat(cluster.lockName(new WorkflowKey("commerce", "_reverse")))
        .isEqualTo("commerce/_reverse");
  }

  // --- shards --------------------------------------------------------------------------------

  @Test
  void whatIsNotThereIsRefusedByItsName() {
    refused(() -> cluster.primary("customer", "0"), "there is no shard customer/0");
    refused(() -> cluster.vschema("nowhere"), "keyspace nowhere does not exist");
    refused(() -> cluster.servingPrimaries("nowhere"), "keyspace nowhere has no serving shard");
    topo.createKeyspace("bare", Topodata.Keyspace.getDefaultInstance());
    var unused = topo.createShard("bare", "0");
    refused(() -> cluster.primary("bare", "0"), "no primary found for shard bare/0");
    assertThat(cluster.vschema("bare")).isEqualTo(Vschema.Keyspace.getDefaultInstance());
  }

  @Test
  void shardsThatDoNotServeAreLeftOut() {
    var unused =
        topo.updateShard(
            "customer", "-80", shard -> shard.toBuilder().setIsPrimaryServing(false).build());

    assertThat(cluster.servingPrimaries("customer"))
        .extracting(ShardPrimary::shard)
        .containsExactly("80-");
    assertThat(cluster.primaries("customer")).hasSize(2);
    ShardPrimary old = cluster.primary("customer", "-80");
    unused =
        topo.updateShard(
            "customer", "-80", shard -> shard.toBuilder().setIsPrimaryServing(true).build());
    assertThat(cluster.current(List.of(old)))
        .singleElement()
        .satisfies(now -> assertThat(now.record().getIsPrimaryServing()).isTrue());
  }

  // --- traffic -------------------------------------------------------------------------------

  @Test
  void trafficGoesWhereTheRulesOfEachCellSendIt() {
    topo.updateRoutingRules(rules -> TableRouting.created(rules, MOVE));
    assertThat(cluster.publish(List.of())).isEmpty();
    Traffic traffic = cluster.traffic(MOVE);
    assertThat(traffic.state().anyReadsSwitched()).isFalse();

    topo.updateRoutingRules(
        rules -> TableRouting.readsSwitched(rules, MOVE, Set.of(ReadType.REPLICA)));

    assertThat(traffic.state().replicaSwitched()).isEmpty(); // no cell serves that yet
    assertThat(cluster.publish(List.of("zone1"))).isEmpty();
    assertThat(traffic.stateOfAllCells().replicaSwitched()).containsExactly("zone1");
    assertThat(traffic.state().rdonlySwitched()).isEmpty();
    assertThat(traffic.state().writesSwitched()).isFalse();
  }

  @Test
  void aRouteToAThirdKeyspaceIsRefused() {
    Traffic traffic = cluster.traffic(MOVE);
    topo.updateRoutingRules(rules -> TableRouting.created(rules, MOVE));
    traffic.requireOwnRoutes();
    topo.updateRoutingRules(rules ->
        rules.toBuilder()
            .addRules(Vschema.RoutingRule.newBuilder().setFromTable("other").addToTables("third.x"))
            .build());
    traffic.requireOwnRoutes();
    topo.updateRoutingRules(rules -> {
      Vschema.RoutingRules.Builder changed = rules.toBuilder();
      for (Vschema.RoutingRule.Builder rule : changed.getRulesBuilderList()) {
        if (rule.getFromTable().equals("commerce.corder@replica")) {
          rule.clearToTables().addToTables("third.corder");
        }
      }
      return changed.build();
    });
    refused(
        traffic::requireOwnRoutes,
        "commerce.corder@replica is routed to third.corder, which is neither commerce nor customer:"
            + " complete or reverse the workflow that moved it there first");
  }

  private static Topodata.Shard denying(String... tables) {
    return Topodata.Shard.newBuilder()
        .addTabletControls(
            Topodata.Shard.TabletControl.newBuilder()
                .setTabletType(Topodata.TabletType.PRIMARY)
                .addAllDeniedTables(List.of(tables)))
        .build();
  }

  @Test
  void aShardDeniesSomeOrAllOfWhatIsMoved() {
    Traffic traffic = cluster.traffic(MOVE);
    assertThat(traffic.deniesSome("0", Topodata.Shard.getDefaultInstance())).isFalse();
    assertThat(traffic.deniesSome("0", denying("other"))).isFalse();
    assertThat(traffic.deniesSome("0", denying("other", "corder"))).isTrue();
    assertThat(traffic.deniesAll("0", denying("other", "corder"))).isFalse();
    assertThat(traffic.deniesAll("0", denying("customer", "other", "corder"))).isTrue();
  }

  // --- who else has the tables ---------------------------------------------------------------

  @Test
  void tablesAreClaimedByWhoeverElseWritesOrMovesThem() throws Exception {
    keyspace("third", "0");
    tell("customer/-80", "c2c", source("commerce", "0", "corder"));
    tell("commerce/0", "c2c_reverse", source("customer", "-80", "corder"));
    tell("customer/80-", "other", source("third", "0", "/.*"));
    tell("customer/80-", "ddl", VReplicationWorkflowType.OnlineDDL, source("third", "0", "corder"));
    tell("commerce/0", "mat", VReplicationWorkflowType.Materialize, source("x", "0", "customer"));
    tell("third/0", "away", source("commerce", "0", "corder"));
    tell("third/0", "unrelated", source("fourth", "0", "corder"));
    tell(
        "third/0", "copy", VReplicationWorkflowType.Materialize, source("commerce", "0", "corder"));

    Claims claims = cluster.claims(MOVE, "c2c");

    assertThat(Claims.text(claims.streams()))
        .isEqualTo(
            "corder (workflow customer.other, workflow third.away), customer (workflow"
                + " commerce.mat, workflow customer.other)");
    assertThat(Claims.text(claims.writers()))
        .isEqualTo("corder (workflow customer.other), customer (workflow customer.other)");
  }

  /** A keyspace without a part in the move holds nobody up; one with a part must be asked. */
  @Test
  void aKeyspaceThatCanNotBeAskedCountsWhereItHasAPart() throws Exception {
    keyspace("third", "0");
    RuntimeException failure = RecordingTablet.failure(Status.Code.UNAVAILABLE, "io exception");
    away.put("third/0", failure);
    assertThat(cluster.claims(MOVE, "c2c").all()).isEmpty();

    away.put("customer/80-", failure);

    assertThatExceptionOfType(TabletException.class)
        .isThrownBy(() -> cluster.claims(MOVE, "c2c").all());
  }
}
