package dev.shunt.tablet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.shunt.embedded.DatabaseKind;
import dev.shunt.topo.StoredTopo;
import dev.shunt.topo.Topo;
import dev.shunt.topo.TopoException;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.vitess.proto.Query;
import io.vitess.proto.Topodata;
import io.vitess.proto.Topodata.TabletType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import queryservice.QueryGrpc;
import tabletmanagerdata.Tabletmanagerdata.ChangeTagsRequest;
import tabletmanagerdata.Tabletmanagerdata.ChangeTypeRequest;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowsRequest;
import tabletmanagerdata.Tabletmanagerdata.RefreshStateRequest;
import tabletmanagerdata.Tabletmanagerdata.VReplicationExecRequest;
import tabletmanagerservice.TabletManagerGrpc;

/** What a tablet does when it becomes another type, or when the topology disables it. */
@ParameterizedClass
@MethodSource("kinds")
class RoleIT {
  @Parameter DatabaseKind kind;
  @TempDir Path folder;
  private TestTablet tablet;
  private ManagedChannel channel;
  private TabletManagerGrpc.TabletManagerBlockingStub manager;
  private QueryGrpc.QueryBlockingStub query;

  private StoredTopo stored;
  private volatile boolean topologyAway;

  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  @BeforeEach
  void start() {
    stored = new StoredTopo(folder.resolve("stored"));
    tablet =
        new TestTablet(
            kind,
            folder,
            Duration.ofSeconds(30),
            given -> {
              given.close();
              return canBeAway(stored.topo);
            });
    tablet.run("CREATE TABLE t (id INT PRIMARY KEY)");
    connect();
  }

  private void connect() {
    channel = NettyChannelBuilder.forAddress("127.0.0.1", tablet.port()).usePlaintext().build();
    manager = TabletManagerGrpc.newBlockingStub(channel);
    query = QueryGrpc.newBlockingStub(channel);
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    tablet.close();
  }

  private Topo canBeAway(Topo topo) {
    return (Topo)
        Proxy.newProxyInstance(
            Topo.class.getClassLoader(),
            new Class<?>[] {Topo.class},
            (proxy, method, arguments) -> {
              if (topologyAway && !method.getName().equals("close")) {
                throw new TopoException(TopoException.Kind.UNAVAILABLE, "away");
              }
              try {
                return method.invoke(topo, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  /** Disables queries of these types, and only these, in what the cell serves. */
  private void disable(TabletType... types) {
    Topodata.SrvKeyspace.Builder served = Topodata.SrvKeyspace.newBuilder();
    for (TabletType type : List.of(TabletType.PRIMARY, TabletType.REPLICA, TabletType.RDONLY)) {
      served.addPartitions(
          Topodata.SrvKeyspace.KeyspacePartition.newBuilder()
              .setServedType(type)
              .addShardReferences(Topodata.ShardReference.newBuilder().setName("0"))
              .addShardTabletControls(
                  Topodata.ShardTabletControl.newBuilder()
                      .setName("0")
                      .setQueryServiceDisabled(List.of(types).contains(type))));
    }
    stored.put("zone1", "keyspaces/" + tablet.keyspace + "/SrvKeyspace", served.build());
  }

  private static void refusedAs(Status.Code code, String text, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e).hasMessageContaining(text);
              assertThat(e.getStatus().getCode()).isEqualTo(code);
            });
  }

  /** Ends a statement that has lasted long enough; whether it fails then is the server's. */
  private void end(CompletableFuture<Void> sleeping) throws Exception {
    tablet.run(
        "KILL QUERY "
            + tablet.value(
                "SELECT id FROM information_schema.processlist WHERE info = 'SELECT SLEEP(15)'"));
    var unused = sleeping.handle((done, failed) -> true).get(60, TimeUnit.SECONDS);
  }

  private void change(TabletType type) {
    var unused = manager.changeType(ChangeTypeRequest.newBuilder().setTabletType(type).build());
  }

  private Query.Target target(TabletType type) {
    return Query.Target.newBuilder()
        .setKeyspace(tablet.keyspace)
        .setShard("0")
        .setTabletType(type)
        .build();
  }

  private void execute(TabletType type, long transaction, String sql) {
    var unused =
        query.execute(
            Query.ExecuteRequest.newBuilder()
                .setTarget(target(type))
                .setTransactionId(transaction)
                .setQuery(Query.BoundQuery.newBuilder().setSql(sql))
                .build());
  }

  private long begin() {
    return query
        .begin(Query.BeginRequest.newBuilder().setTarget(target(TabletType.PRIMARY)).build())
        .getTransactionId();
  }

  private void commit(long transaction) {
    var unused =
        query.commit(
            Query.CommitRequest.newBuilder()
                .setTarget(target(TabletType.PRIMARY))
                .setTransactionId(transaction)
                .build());
  }

  private String rows() {
    return tablet.value("SELECT COUNT(*) FROM t");
  }

  @Test
  void isAReplicaAndThenPrimaryAgain() {
    var term = tablet.record().getPrimaryTermStartTime();
    tablet.run(
        "INSERT INTO _vt.vreplication (workflow, source, pos, max_tps, max_replication_lag,"
            + " time_updated, transaction_timestamp, state, db_name, options) VALUES ('w', '', '',"
            + " 0, 0, 0, 0, 'Stopped', '"
            + tablet.config.database()
            + "', '{}')");

    change(TabletType.REPLICA);

    assertThat(tablet.record().getType()).isEqualTo(TabletType.REPLICA);
    assertThat(tablet.record().hasPrimaryTermStartTime()).isFalse();
    assertThat(tablet.parts.open).isFalse();
    refusedAs(
        Status.Code.FAILED_PRECONDITION,
        "wrong tablet type: PRIMARY, want: REPLICA",
        () -> execute(TabletType.PRIMARY, 0, "INSERT INTO t VALUES (1)"));
    execute(TabletType.REPLICA, 0, "SELECT * FROM t");
    assertThat(health().getTarget().getTabletType()).isEqualTo(TabletType.REPLICA);
    refusedAs(
        Status.Code.UNAVAILABLE,
        "vreplication engine is closed",
        () ->
            manager.vReplicationExec(
                VReplicationExecRequest.newBuilder()
                    .setQuery("update _vt.vreplication set message='m' where workflow='w'")
                    .build()));
    assertThat(tablet.value("SELECT message IS NULL FROM _vt.vreplication")).isEqualTo("1");
    assertThat(
            manager
                .readVReplicationWorkflows(ReadVReplicationWorkflowsRequest.getDefaultInstance())
                .getWorkflowsCount())
        .isOne();

    change(TabletType.PRIMARY);

    Topodata.Tablet record = tablet.record();
    assertThat(record.getType()).isEqualTo(TabletType.PRIMARY);
    assertThat(record.getPrimaryTermStartTime()).isNotEqualTo(term);
    assertThat(tablet.topo.primary(tablet.keyspace, "0")).contains(record);
    assertThat(tablet.parts.open).isTrue();
    execute(TabletType.PRIMARY, 0, "INSERT INTO t VALUES (1)");
    assertThat(health().getPrimaryTermStartTimestamp())
        .isEqualTo(record.getPrimaryTermStartTime().getSeconds());
  }

  private Query.StreamHealthResponse health() {
    return query.streamHealth(Query.StreamHealthRequest.getDefaultInstance()).next();
  }

  @Test
  void takesOverWhatIsDeniedToItsNewType() {
    tablet.deny("t");
    change(TabletType.REPLICA);
    execute(TabletType.REPLICA, 0, "SELECT * FROM t");
    change(TabletType.PRIMARY);
    refusedAs(
        Status.Code.FAILED_PRECONDITION,
        "denied tables",
        () -> execute(TabletType.PRIMARY, 0, "SELECT * FROM t"));
  }

  @Test
  void servesNoQueriesAsASpare() {
    change(TabletType.SPARE);
    refusedAs(
        Status.Code.UNAVAILABLE,
        "not a serving tablet type(SPARE)",
        () -> execute(TabletType.SPARE, 0, "SELECT 1"));
    assertThat(health().getServing()).isFalse();
    change(TabletType.DRAINED);
    execute(TabletType.DRAINED, 0, "SELECT 1");
    refusedAs(Status.Code.FAILED_PRECONDITION, "drained", () -> change(TabletType.DRAINED));
    execute(TabletType.DRAINED, 0, "SELECT 1");
  }

  @Test
  void letsOpenTransactionsEndBeforeItIsNoPrimaryAnyMore() {
    long transaction = begin();
    execute(TabletType.PRIMARY, transaction, "INSERT INTO t VALUES (1)");

    CompletableFuture<Void> changing = CompletableFuture.runAsync(() -> change(TabletType.REPLICA));
    await()
        .untilAsserted(() ->
            refusedAs(
                Status.Code.UNAVAILABLE,
                "the tablet becomes REPLICA",
                () -> execute(TabletType.PRIMARY, 0, "INSERT INTO t VALUES (9)")));
    execute(TabletType.PRIMARY, transaction, "INSERT INTO t VALUES (2)");
    commit(transaction);

    changing.join();
    assertThat(tablet.value("SELECT GROUP_CONCAT(id) FROM t WHERE id < 9")).isEqualTo("1,2");
    assertThat(tablet.record().getType()).isEqualTo(TabletType.REPLICA);
  }

  @Test
  void rollsBackTransactionsThatDoNotEnd() {
    long transaction = begin();
    execute(TabletType.PRIMARY, transaction, "INSERT INTO t VALUES (1)");
    change(TabletType.REPLICA);
    refusedAs(Status.Code.FAILED_PRECONDITION, "wrong tablet type", () -> commit(transaction));
    change(TabletType.PRIMARY);
    refusedAs(Status.Code.ABORTED, "ended: the tablet becomes REPLICA", () -> commit(transaction));
    assertThat(rows()).isEqualTo("0");
  }

  @Test
  void staysWhatItIsWhenAChangeIsRefused() {
    Topodata.Tablet before = tablet.record();
    refusedAs(
        Status.Code.INVALID_ARGUMENT, "no such tablet type", () -> change(TabletType.UNKNOWN));
    refusedAs(
        Status.Code.FAILED_PRECONDITION,
        "semi-sync",
        () ->
            manager.changeType(
                ChangeTypeRequest.newBuilder()
                    .setTabletType(TabletType.REPLICA)
                    .setSemiSync(true)
                    .build()));
    topologyAway = true;
    refusedAs(Status.Code.UNAVAILABLE, "topology", () -> change(TabletType.REPLICA));
    topologyAway = false;
    assertThat(tablet.record()).isEqualTo(before);
    assertThat(tablet.parts.open).isTrue();
    execute(TabletType.PRIMARY, 0, "INSERT INTO t VALUES (1)");
    assertThat(rows()).isEqualTo("1");
  }

  @Test
  void staysWhatItIsWhenAStatementDoesNotEnd() throws Exception {
    CompletableFuture<Void> sleeping =
        CompletableFuture.runAsync(() -> execute(TabletType.PRIMARY, 0, "SELECT SLEEP(15)"));
    await()
        .until(() ->
            !tablet
                .value(
                    "SELECT COUNT(*) FROM information_schema.processlist"
                        + " WHERE info = 'SELECT SLEEP(15)'")
                .equals("0"));
    refusedAs(
        Status.Code.DEADLINE_EXCEEDED,
        "",
        () -> {
          var unused =
              manager
                  .withDeadlineAfter(500, TimeUnit.MILLISECONDS)
                  .changeType(
                      ChangeTypeRequest.newBuilder().setTabletType(TabletType.REPLICA).build());
        });
    await()
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptions()
        .untilAsserted(() -> execute(TabletType.PRIMARY, 0, "INSERT INTO t VALUES (1)"));
    assertThat(tablet.record().getType()).isEqualTo(TabletType.PRIMARY);
    assertThat(tablet.parts.open).isTrue();
    end(sleeping);
  }

  @Test
  void servesNothingWhileTheTopologyDisablesIt() {
    long transaction = begin();
    execute(TabletType.PRIMARY, transaction, "INSERT INTO t VALUES (1)");
    disable(TabletType.REPLICA);
    refresh();
    execute(TabletType.PRIMARY, transaction, "INSERT INTO t VALUES (2)");

    disable(TabletType.REPLICA, TabletType.PRIMARY);
    refresh();

    refusedAs(
        Status.Code.UNAVAILABLE,
        "TabletControl.DisableQueryService set",
        () -> execute(TabletType.PRIMARY, 0, "INSERT INTO t VALUES (3)"));
    refusedAs(Status.Code.ABORTED, "DisableQueryService", () -> commit(transaction));
    assertThat(rows()).isEqualTo("0");
    assertThat(tablet.parts.open).isTrue();
    disable();
    refresh();
    execute(TabletType.PRIMARY, 0, "INSERT INTO t VALUES (4)");
    assertThat(rows()).isEqualTo("1");
  }

  @Test
  void startsThoughQueriesAreDisabledAndServesWhereTheyAreNot() {
    disable(TabletType.REPLICA);
    restart();
    assertThat(tablet.parts.open).isTrue();
    execute(TabletType.PRIMARY, 0, "INSERT INTO t VALUES (1)");

    disable(TabletType.PRIMARY);
    restart();

    assertThat(tablet.record().getType()).isEqualTo(TabletType.PRIMARY);
    assertThat(tablet.record().getPortMapOrThrow("grpc")).isEqualTo(tablet.port());
    assertThat(tablet.parts.open).as("streams run").isTrue();
    assertThat(health().getServing()).isFalse();
    refusedAs(
        Status.Code.UNAVAILABLE,
        "TabletControl.DisableQueryService set",
        () -> execute(TabletType.PRIMARY, 0, "INSERT INTO t VALUES (2)"));
    assertThat(rows()).isEqualTo("1");
    disable();
    refresh();
    execute(TabletType.PRIMARY, 0, "INSERT INTO t VALUES (3)");
  }

  private void restart() {
    channel.shutdownNow();
    tablet.restart();
    connect();
  }

  @Test
  void keepsQueriesDisabledThoughAStatementDoesNotEnd() throws Exception {
    CompletableFuture<Void> sleeping =
        CompletableFuture.runAsync(() -> execute(TabletType.PRIMARY, 0, "SELECT SLEEP(15)"));
    await()
        .until(() ->
            !tablet
                .value(
                    "SELECT COUNT(*) FROM information_schema.processlist"
                        + " WHERE info = 'SELECT SLEEP(15)'")
                .equals("0"));
    disable(TabletType.PRIMARY);
    refusedAs(
        Status.Code.DEADLINE_EXCEEDED,
        "",
        () -> {
          var unused =
              manager
                  .withDeadlineAfter(500, TimeUnit.MILLISECONDS)
                  .refreshState(RefreshStateRequest.getDefaultInstance());
        });
    refusedAs(
        Status.Code.UNAVAILABLE,
        "TabletControl.DisableQueryService set",
        () -> execute(TabletType.PRIMARY, 0, "INSERT INTO t VALUES (1)"));
    end(sleeping);
    refresh();
    refusedAs(
        Status.Code.UNAVAILABLE,
        "TabletControl.DisableQueryService set",
        () -> execute(TabletType.PRIMARY, 0, "INSERT INTO t VALUES (1)"));
    assertThat(rows()).isEqualTo("0");
  }

  @Test
  void goesOnWithWhatItKnowsWhileTheTopologyIsAway() {
    tablet.run("CREATE TABLE denied (id INT PRIMARY KEY)");
    tablet.deny("denied");
    refresh();
    topologyAway = true;
    execute(TabletType.PRIMARY, 0, "INSERT INTO t VALUES (1)");
    refusedAs(
        Status.Code.FAILED_PRECONDITION,
        "denied tables",
        () -> execute(TabletType.PRIMARY, 0, "INSERT INTO denied VALUES (1)"));
    topologyAway = false;
    assertThat(rows()).isEqualTo("1");
  }

  private void refresh() {
    var unused = manager.refreshState(RefreshStateRequest.getDefaultInstance());
  }

  @Test
  void keepsTags() {
    ChangeTagsRequest.Builder some =
        ChangeTagsRequest.newBuilder().putTags("a", "1").putTags("b", "2");
    assertThat(manager.changeTags(some.build()).getTagsMap()).hasSize(2);
    manager.changeTags(ChangeTagsRequest.newBuilder().putTags("a", "").putTags("c", "3").build());
    assertThat(tablet.record().getTagsMap()).containsOnlyKeys("b", "c");
    change(TabletType.RDONLY);
    assertThat(tablet.record().getTagsMap()).containsOnlyKeys("b", "c");
    @Nullable String left =
        manager
            .changeTags(ChangeTagsRequest.newBuilder().setReplace(true).putTags("d", "4").build())
            .getTagsMap()
            .get("b");
    assertThat(left).isNull();
    assertThat(tablet.record().getTagsMap()).containsOnlyKeys("d");
  }
}
