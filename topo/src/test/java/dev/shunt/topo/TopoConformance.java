package dev.shunt.topo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Message;
import dev.shunt.topo.TopoException.Kind;
import io.vitess.proto.Topodata;
import io.vitess.proto.Topodata.TabletType;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import vschema.Vschema;

/** What every topology does, whatever its store. */
abstract class TopoConformance {
  static final Duration TTL = Duration.ofSeconds(5);
  static final Duration WAIT = Duration.ofSeconds(20);
  static final Duration NO_WAIT = Duration.ofMillis(200);

  Topo topo;

  /** Opens a topology with nothing in it. */
  abstract Topo openEmpty() throws Exception;

  /** CellInfo that makes a new cell usable. */
  abstract Topodata.CellInfo cellInfo(String cell);

  /** Makes a held lock vanish without its holder's doing. */
  abstract void lose(TopoLock lock) throws Exception;

  /** Writes a record of a cell, as another tool does. */
  abstract void put(String cell, String path, Message record) throws Exception;

  @BeforeEach
  void open() throws Exception {
    topo = openEmpty();
  }

  @AfterEach
  void close() {
    topo.close();
  }

  static Kind kindOf(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    TopoException thrown = catchThrowableOfType(TopoException.class, call);
    assertThat(thrown).as("a TopoException").isNotNull();
    return thrown.kind();
  }

  private static final Topodata.Keyspace KEYSPACE =
      Topodata.Keyspace.newBuilder().setDurabilityPolicy("none").setSidecarDbName("_vt").build();

  private void cell(String cell) {
    topo.createCell(cell, cellInfo(cell));
  }

  private void keyspace(String keyspace, String... shards) {
    topo.createKeyspace(keyspace, KEYSPACE);
    for (String shard : shards) {
      topo.createShard(keyspace, shard);
    }
  }

  static Topodata.TabletAlias alias(String cell, int uid) {
    return Topodata.TabletAlias.newBuilder().setCell(cell).setUid(uid).build();
  }

  static Topodata.Tablet tablet(
      String cell, int uid, String keyspace, String shard, TabletType type) {
    return Topodata.Tablet.newBuilder()
        .setAlias(alias(cell, uid))
        .setHostname("127.0.0.1")
        .putPortMap("grpc", 16000 + uid)
        .setKeyspace(keyspace)
        .setShard(shard)
        .setType(type)
        .build();
  }

  static Vschema.RoutingRule rule(String from, String to) {
    return Vschema.RoutingRule.newBuilder().setFromTable(from).addToTables(to).build();
  }

  static Topodata.Shard denied(Topodata.Shard shard, String table) {
    return shard.toBuilder()
        .clearTabletControls()
        .addTabletControls(
            Topodata.Shard.TabletControl.newBuilder()
                .setTabletType(TabletType.PRIMARY)
                .addDeniedTables(table))
        .build();
  }

  // --- cells, keyspaces, shards --------------------------------------------------------------

  @Test
  void keepsCells() {
    cell("zone2");
    cell("zone1");

    assertThat(topo.cells()).containsExactly("zone1", "zone2");
    assertThat(topo.cell("zone1")).contains(cellInfo("zone1"));
    assertThat(topo.cell("zone3")).isEmpty();
    assertThat(kindOf(() -> cell("zone1"))).isEqualTo(Kind.NODE_EXISTS);
    assertThat(kindOf(() -> cell("global"))).isEqualTo(Kind.INVALID);
    assertThat(kindOf(() -> cell("a/b"))).isEqualTo(Kind.INVALID);
  }

  @Test
  void keepsKeyspacesWithAnEmptyVSchema() {
    keyspace("customer");
    keyspace("commerce");

    assertThat(topo.keyspaces()).containsExactly("commerce", "customer");
    assertThat(topo.keyspace("customer").orElseThrow().value()).isEqualTo(KEYSPACE);
    assertThat(topo.keyspace("customer").orElseThrow().version()).isPositive();
    assertThat(topo.vschema("customer").orElseThrow().value())
        .isEqualTo(Vschema.Keyspace.getDefaultInstance());
    assertThat(topo.keyspace("other")).isEmpty();
    assertThat(topo.vschema("other")).isEmpty();
    assertThat(kindOf(() -> keyspace("customer"))).isEqualTo(Kind.NODE_EXISTS);
    assertThat(kindOf(() -> keyspace(""))).isEqualTo(Kind.INVALID);
    assertThat(kindOf(() -> keyspace("a.b"))).isEqualTo(Kind.INVALID);
  }

  @Test
  void createsShardsInTheOrderOfTheirKeyRanges() {
    keyspace("customer", "80-C0", "c0-", "-80");

    assertThat(topo.shards("customer").keySet()).containsExactly("-80", "80-c0", "c0-");
    Topodata.Shard middle = topo.shard("customer", "80-c0").orElseThrow().value();
    assertThat(middle.getIsPrimaryServing()).isTrue();
    assertThat(middle.getKeyRange().getStart().toByteArray()).containsExactly(0x80);
    assertThat(middle.getKeyRange().getEnd().toByteArray()).containsExactly(0xc0);
    assertThat(topo.shards("nowhere")).isEmpty();
  }

  @Test
  void aShardThatOverlapsAServingOneDoesNotServe() {
    keyspace("customer", "0", "-80", "80-");

    assertThat(topo.shard("customer", "0").orElseThrow().value())
        .isEqualTo(Topodata.Shard.newBuilder().setIsPrimaryServing(true).build());
    assertThat(topo.shard("customer", "-80").orElseThrow().value().getIsPrimaryServing()).isFalse();
    assertThat(topo.shard("customer", "80-").orElseThrow().value().getIsPrimaryServing()).isFalse();
  }

  @Test
  void refusesShardsThatCannotBe() {
    keyspace("customer", "-80");

    assertThat(kindOf(() -> topo.createShard("other", "0"))).isEqualTo(Kind.NO_NODE);
    assertThat(kindOf(() -> topo.createShard("customer", "-80"))).isEqualTo(Kind.NODE_EXISTS);
    for (String bad : List.of("80-40", "80-80", "8-", "xx-", "-40-80", "")) {
      assertThat(kindOf(() -> topo.createShard("customer", bad))).isEqualTo(Kind.INVALID);
    }
    assertThat(topo.shards("customer")).hasSize(1);
  }

  @Test
  void concurrentUpdatesOfAShardAllTakePlace() throws Exception {
    keyspace("customer", "0");
    int writers = 8;
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> futures = new ArrayList<>();
      for (int i = 0; i < writers; i++) {
        String name = "cell" + i;
        futures.add(
            executor.submit(() ->
                topo.updateShard(
                    "customer",
                    "0",
                    shard ->
                        shard.toBuilder()
                            .addSourceShards(
                                Topodata.Shard.SourceShard.newBuilder().setKeyspace(name))
                            .build())));
      }
      for (Future<?> future : futures) {
        future.get(30, TimeUnit.SECONDS);
      }
    }

    assertThat(topo.shard("customer", "0").orElseThrow().value().getSourceShardsList())
        .extracting(Topodata.Shard.SourceShard::getKeyspace)
        .containsExactlyInAnyOrder(
            "cell0", "cell1", "cell2", "cell3", "cell4", "cell5", "cell6", "cell7");
    assertThat(kindOf(() -> topo.updateShard("customer", "1", shard -> shard)))
        .isEqualTo(Kind.NO_NODE);
  }

  // --- tablets -------------------------------------------------------------------------------

  @Test
  void aPrimaryThatRegistersServesItsShard() {
    cell("zone1");
    keyspace("commerce", "0");

    topo.registerTablet(tablet("zone1", 100, "commerce", "0", TabletType.PRIMARY));
    topo.registerTablet(tablet("zone1", 101, "commerce", "0", TabletType.REPLICA));

    Topodata.Shard shard = topo.shard("commerce", "0").orElseThrow().value();
    assertThat(shard.getPrimaryAlias()).isEqualTo(alias("zone1", 100));
    assertThat(shard.getPrimaryTermStartTime().getSeconds()).isPositive();
    Topodata.Tablet primary = topo.primary("commerce", "0").orElseThrow();
    assertThat(primary.getPrimaryTermStartTime()).isEqualTo(shard.getPrimaryTermStartTime());
    assertThat(topo.tablet(alias("zone1", 100)).orElseThrow().value()).isEqualTo(primary);
    assertThat(topo.tablets())
        .extracting(each -> each.getAlias().getUid())
        .containsExactly(100, 101);
    assertThat(topo.tablets("commerce", "0")).hasSize(2);
    assertThat(topo.tablets("commerce", "1")).isEmpty();
    Topodata.SrvKeyspace serving = topo.srvKeyspace("zone1", "commerce").orElseThrow().value();
    assertThat(serving.getPartitionsList())
        .extracting(Topodata.SrvKeyspace.KeyspacePartition::getServedType)
        .containsExactly(TabletType.PRIMARY, TabletType.REPLICA, TabletType.RDONLY);
    assertThat(serving.getPartitionsList())
        .allSatisfy(partition ->
            assertThat(partition.getShardReferencesList())
                .containsExactly(Topodata.ShardReference.newBuilder().setName("0").build()));
  }

  @Test
  void registeringAgainChangesNothingButTheRecord() {
    cell("zone1");
    keyspace("commerce", "0");
    topo.registerTablet(tablet("zone1", 100, "commerce", "0", TabletType.PRIMARY));
    Topodata.Shard before = topo.shard("commerce", "0").orElseThrow().value();

    topo.registerTablet(
        tablet("zone1", 100, "commerce", "0", TabletType.PRIMARY).toBuilder()
            .putPortMap("grpc", 17000)
            .build());

    assertThat(topo.shard("commerce", "0").orElseThrow().value()).isEqualTo(before);
    assertThat(topo.primary("commerce", "0").orElseThrow().getPortMapOrThrow("grpc"))
        .isEqualTo(17000);
  }

  @Test
  void aPrimaryRegistersThoughQueriesAreDisabled() throws Exception {
    cell("zone1");
    keyspace("commerce", "0");
    topo.registerTablet(tablet("zone1", 100, "commerce", "0", TabletType.PRIMARY));
    Topodata.SrvKeyspace disabled =
        Topodata.SrvKeyspace.newBuilder()
            .addPartitions(
                Topodata.SrvKeyspace.KeyspacePartition.newBuilder()
                    .setServedType(TabletType.RDONLY)
                    .addShardTabletControls(
                        Topodata.ShardTabletControl.newBuilder()
                            .setName("0")
                            .setQueryServiceDisabled(true)))
            .build();
    put("zone1", "keyspaces/commerce/SrvKeyspace", disabled);

    topo.registerTablet(
        tablet("zone1", 100, "commerce", "0", TabletType.PRIMARY).toBuilder()
            .putPortMap("grpc", 17000)
            .build());

    assertThat(topo.primary("commerce", "0").orElseThrow().getPortMapOrThrow("grpc"))
        .isEqualTo(17000);
    assertThat(topo.srvKeyspace("zone1", "commerce").orElseThrow().value()).isEqualTo(disabled);
    assertThat(kindOf(() -> topo.rebuildSrvKeyspace("commerce", List.of())))
        .isEqualTo(Kind.INVALID);
  }

  @Test
  void aTabletWithAnOlderTermDoesNotBecomeThePrimary() {
    cell("zone1");
    keyspace("commerce", "0");
    topo.registerTablet(tablet("zone1", 100, "commerce", "0", TabletType.PRIMARY));

    Kind kind =
        kindOf(() ->
            topo.registerTablet(
                tablet("zone1", 101, "commerce", "0", TabletType.PRIMARY).toBuilder()
                    .setPrimaryTermStartTime(vttime.Vttime.Time.newBuilder().setSeconds(1))
                    .build()));

    assertThat(kind).isEqualTo(Kind.INVALID);
    assertThat(topo.primary("commerce", "0").orElseThrow().getAlias().getUid()).isEqualTo(100);
    assertThat(topo.tablet(alias("zone1", 101))).isEmpty();
  }

  @Test
  void refusesATabletWithoutItsShardOrCell() {
    cell("zone1");
    keyspace("commerce", "0");

    assertThat(
            kindOf(
                () -> topo.registerTablet(tablet("zone1", 1, "commerce", "1", TabletType.PRIMARY))))
        .isEqualTo(Kind.NO_NODE);
    assertThat(
            kindOf(
                () -> topo.registerTablet(tablet("zone9", 1, "commerce", "0", TabletType.REPLICA))))
        .isEqualTo(Kind.NO_NODE);
    assertThat(topo.tablet(alias("zone9", 1))).isEmpty();
  }

  @Test
  void forgetsADeletedTablet() {
    cell("zone1");
    keyspace("commerce", "0");
    topo.registerTablet(tablet("zone1", 100, "commerce", "0", TabletType.PRIMARY));

    topo.deleteTablet(alias("zone1", 100));

    assertThat(topo.tablets()).isEmpty();
    assertThat(topo.primary("commerce", "0")).isEmpty();
    assertThat(kindOf(() -> topo.deleteTablet(alias("zone1", 100)))).isEqualTo(Kind.NO_NODE);
  }

  // --- serving graph, vschema, rules ---------------------------------------------------------

  @Test
  void servesOfAShardedKeyspaceWhatServes() {
    cell("zone1");
    keyspace("customer", "-80", "80-", "-40");

    topo.rebuildSrvKeyspace("customer", List.of());

    assertThat(topo.srvKeyspace("zone1", "customer").orElseThrow().value().getPartitionsList())
        .hasSize(3)
        .allSatisfy(partition ->
            assertThat(partition.getShardReferencesList())
                .extracting(Topodata.ShardReference::getName)
                .containsExactly("-80", "80-"));
    assertThat(topo.srvKeyspace("zone1", "other")).isEmpty();
    assertThat(topo.srvKeyspace("zone9", "customer")).isEmpty();
    assertThat(kindOf(() -> topo.rebuildSrvKeyspace("other", List.of()))).isEqualTo(Kind.NO_NODE);
    assertThat(kindOf(() -> topo.rebuildSrvKeyspace("customer", List.of("zone9"))))
        .isEqualTo(Kind.NO_NODE);
  }

  /** So that whoever sleeps with what it read before finds that somebody has been there. */
  @Test
  void aCellsRecordIsWrittenAlsoWhereNothingChangesInIt() {
    cell("zone1");
    keyspace("customer", "-80", "80-");
    topo.rebuildSrvKeyspace("customer", List.of());
    Versioned<Topodata.SrvKeyspace> before = topo.srvKeyspace("zone1", "customer").orElseThrow();

    var unused = topo.updateSrvKeyspace(List.of(), "zone1", "customer", served -> served);

    Versioned<Topodata.SrvKeyspace> after = topo.srvKeyspace("zone1", "customer").orElseThrow();
    assertThat(after.value()).isEqualTo(before.value());
    assertThat(after.version()).isGreaterThan(before.version());
  }

  /** Its lock is taken away between the reading and the writing, as from one that sleeps. */
  @Test
  void aSleeperWritesNothingToACell() {
    cell("zone1");
    keyspace("customer", "-80", "80-");
    topo.rebuildSrvKeyspace("customer", List.of());
    Topodata.SrvKeyspace before = topo.srvKeyspace("zone1", "customer").orElseThrow().value();
    TopoLock lock =
        topo.lockKeyspace("customer", "test", Duration.ofSeconds(10), Duration.ofSeconds(5));

    Kind kind =
        kindOf(() ->
            topo.updateSrvKeyspace(
                List.of(lock),
                "zone1",
                "customer",
                served -> {
                  assertThat(topo.breakLock(topo.locks().getFirst().key())).isTrue();
                  return Topodata.SrvKeyspace.getDefaultInstance();
                }));

    assertThat(kind).isEqualTo(Kind.LOCK_LOST);
    assertThat(topo.srvKeyspace("zone1", "customer").orElseThrow().value()).isEqualTo(before);
  }

  @Test
  void deletesAShardThatNoCellServesWithItsTablets() {
    cell("zone1");
    keyspace("customer", "0", "-80", "80-");
    topo.registerTablet(tablet("zone1", 100, "customer", "0", TabletType.PRIMARY));
    topo.registerTablet(tablet("zone1", 200, "customer", "-80", TabletType.PRIMARY));

    assertThat(kindOf(() -> topo.deleteShard(List.of(), "customer", "0"))).isEqualTo(Kind.INVALID);
    assertThat(topo.shard("customer", "0")).isPresent();

    topo.deleteShard(List.of(), "customer", "-80");
    assertThat(topo.shards("customer").keySet()).containsExactlyInAnyOrder("0", "80-");
    assertThat(topo.tablets()).extracting(tablet -> tablet.getShard()).containsExactly("0");
    topo.deleteShard(List.of(), "customer", "-80"); // again, as by a successor

    var unused =
        topo.updateShard(
            "customer", "80-", shard -> shard.toBuilder().setIsPrimaryServing(true).build());
    assertThat(kindOf(() -> topo.deleteShard(List.of(), "customer", "80-")))
        .isEqualTo(Kind.INVALID); // though no cell knows of it
    assertThat(topo.shard("customer", "80-")).isPresent();
  }

  @Test
  void composesSrvVSchemaInEveryCell() {
    cell("zone1");
    cell("zone2");
    keyspace("commerce");
    keyspace("customer");
    Vschema.Keyspace tables =
        Vschema.Keyspace.newBuilder()
            .putTables("corder", Vschema.Table.getDefaultInstance())
            .build();
    topo.saveVSchema("customer", tables);
    Vschema.RoutingRules rules =
        Vschema.RoutingRules.newBuilder().addRules(rule("corder", "commerce.corder")).build();
    topo.updateRoutingRules(none -> rules);

    topo.rebuildSrvVSchema(List.of());

    Vschema.SrvVSchema expected =
        Vschema.SrvVSchema.newBuilder()
            .putKeyspaces("commerce", Vschema.Keyspace.getDefaultInstance())
            .putKeyspaces("customer", tables)
            .setRoutingRules(rules)
            .setShardRoutingRules(Vschema.ShardRoutingRules.getDefaultInstance())
            .setMirrorRules(Vschema.MirrorRules.getDefaultInstance())
            .build();
    assertThat(topo.srvVSchema("zone1").orElseThrow().value()).isEqualTo(expected);
    assertThat(topo.srvVSchema("zone2").orElseThrow().value()).isEqualTo(expected);
    assertThat(topo.srvVSchema("zone9")).isEmpty();
    assertThat(kindOf(() -> topo.saveVSchema("other", tables))).isEqualTo(Kind.NO_NODE);
  }

  @Test
  void rulesThatBecomeEmptyAreRemoved() {
    assertThat(topo.routingRules().version()).isZero();
    topo.updateRoutingRules(
        rules -> rules.toBuilder().addRules(rule("corder", "commerce.corder")).build());
    assertThat(topo.routingRules().version()).isPositive();
    assertThat(topo.routingRules().value().getRulesList())
        .containsExactly(rule("corder", "commerce.corder"));

    topo.updateRoutingRules(rules -> Vschema.RoutingRules.getDefaultInstance());
    topo.updateShardRoutingRules(rules -> Vschema.ShardRoutingRules.getDefaultInstance());

    assertThat(topo.routingRules().version()).isZero();
    assertThat(topo.shardRoutingRules().version()).isZero();
  }

  @Test
  void keepsShardRoutingRules() {
    Vschema.ShardRoutingRule rule =
        Vschema.ShardRoutingRule.newBuilder()
            .setFromKeyspace("commerce")
            .setToKeyspace("customer")
            .setShard("-80")
            .build();

    topo.updateShardRoutingRules(rules -> rules.toBuilder().addRules(rule).build());

    assertThat(topo.shardRoutingRules().value().getRulesList()).containsExactly(rule);
  }

  // --- locks ---------------------------------------------------------------------------------

  @Test
  void onlyOneHoldsALock() {
    keyspace("customer");
    try (TopoLock held = topo.lockKeyspace("customer", "SwitchReads", TTL, WAIT)) {
      assertThat(held.path()).isEqualTo("keyspaces/customer");
      held.check();
      assertThatThrownBy(() -> topo.lockKeyspace("customer", "SwitchWrites", TTL, NO_WAIT))
          .isInstanceOfSatisfying(
              TopoException.class, e -> assertThat(e.kind()).isEqualTo(Kind.TIMEOUT))
          .hasMessageContaining("SwitchReads");
      topo.lockName("customer/c2c", "vdiff", TTL, NO_WAIT).close();
    }
    topo.lockKeyspace("customer", "SwitchWrites", TTL, NO_WAIT).close();
    assertThat(kindOf(() -> topo.lockKeyspace("other", "x", TTL, NO_WAIT))).isEqualTo(Kind.NO_NODE);
    assertThat(kindOf(() -> topo.lockName("a//b", "x", TTL, NO_WAIT))).isEqualTo(Kind.INVALID);
  }

  @Test
  void aLockIsGivenInTheOrderOfAsking() throws Exception {
    List<Integer> order = Collections.synchronizedList(new ArrayList<>());
    List<Long> tokens = Collections.synchronizedList(new ArrayList<>());
    TopoLock first = topo.lockName("customer/c2c", "first", TTL, WAIT);
    List<Thread> waiting = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      int number = i;
      waiting.add(
          Thread.ofVirtual()
              .start(() -> {
                try (TopoLock lock = topo.lockName("customer/c2c", "next", TTL, WAIT)) {
                  order.add(number);
                  tokens.add(lock.token());
                }
              }));
      int asked = i + 2;
      await().until(() -> queueLength("customer/c2c") == asked);
    }

    first.close();
    for (Thread thread : waiting) {
      assertThat(thread.join(WAIT)).isTrue();
    }

    assertThat(order).containsExactly(0, 1, 2, 3);
    assertThat(tokens).isSorted().doesNotHaveDuplicates();
    assertThat(tokens.getFirst()).isGreaterThan(first.token());
  }

  /** How many hold or wait for a named lock. */
  abstract int queueLength(String name) throws Exception;

  @Test
  void whoStopsWaitingDoesNotBlockTheNext() throws Exception {
    TopoLock first = topo.lockName("customer/c2c", "first", TTL, WAIT);
    Thread impatient =
        Thread.ofVirtual()
            .start(() -> kindOf(() -> topo.lockName("customer/c2c", "second", TTL, WAIT)));
    await().until(() -> queueLength("customer/c2c") == 2);
    impatient.interrupt();
    assertThat(impatient.join(WAIT)).isTrue();

    first.close();

    topo.lockName("customer/c2c", "third", TTL, WAIT).close();
  }

  @Test
  void tokensGrowWithEveryAcquisition() {
    long last = 0;
    for (int i = 0; i < 3; i++) {
      for (String name : List.of("customer/a", "customer/b")) {
        try (TopoLock lock = topo.lockName(name, "x", TTL, WAIT)) {
          assertThat(lock.token()).isGreaterThan(last);
          last = lock.token();
        }
      }
    }
  }

  @Test
  void aLostLockIsNoticed() throws Exception {
    TopoLock lock = topo.lockName("customer/c2c", "x", TTL, WAIT);

    lose(lock);

    assertThat(kindOf(lock::check)).isEqualTo(Kind.LOCK_LOST);
    try (TopoLock next = topo.lockName("customer/c2c", "y", TTL, WAIT)) {
      assertThat(next.token()).isGreaterThan(lock.token());
      assertThat(kindOf(lock::check)).isEqualTo(Kind.LOCK_LOST);
      next.check();
      lock.close();
      next.check();
    }
  }

  @Test
  void aLostLockTellsItsHolderAndAClosedOneDoesNot() throws Exception {
    TopoLock lock = topo.lockName("customer/c2c", "x", Duration.ofSeconds(1), WAIT);
    TopoLock other = topo.lockName("customer/other", "x", TTL, WAIT);
    CountDownLatch lost = new CountDownLatch(1);
    CountDownLatch closed = new CountDownLatch(1);
    lock.onLost(lost::countDown);
    other.onLost(closed::countDown);

    other.close();
    lose(lock);

    assertThat(lost.await(WAIT.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
    assertThat(closed.getCount()).isEqualTo(1);
    CountDownLatch late = new CountDownLatch(1);
    lock.onLost(late::countDown);
    assertThat(late.getCount()).isZero();
    lock.close();
  }

  @Test
  void ourOwnAreWaitedForInLineHoweverShortOthersAre() throws Exception {
    keyspace("customer");
    List<LockHolder> holders = new CopyOnWriteArrayList<>();
    TopoLock first = topo.lockKeyspace("customer", "DropTargets", TTL, WAIT);
    LockWait wait = new LockWait(Duration.ofMillis(1), WAIT, holders::add);
    Thread closes =
        Thread.ofVirtual()
            .start(() -> {
              await().atMost(WAIT).until(() -> !holders.isEmpty());
              first.close();
            });
    topo.lockKeyspace("customer", "SwitchWrites", TTL, wait).close();
    closes.join();
    assertThat(holders).hasSize(1);
    assertThat(holders.getFirst().path()).isEqualTo("keyspaces/customer");
    assertThat(holders.getFirst().action()).isEqualTo("DropTargets");
    assertThat(holders.getFirst().ours()).isTrue();
    assertThat(Instant.parse(holders.getFirst().since())).isBefore(Instant.now().plusSeconds(1));
  }

  @Test
  void locksAreListedInTheirOrderAndCanBeBroken() {
    keyspace("customer");
    TopoLock keyspace = topo.lockKeyspace("customer", "SwitchWrites", TTL, WAIT);
    TopoLock name = topo.lockName("customer/c2c", "VDiff", TTL, WAIT);
    List<LockHolder> locks = topo.locks();
    assertThat(locks)
        .extracting(LockHolder::path)
        .containsExactly("internal/named_locks/customer/c2c", "keyspaces/customer");
    assertThat(locks).extracting(LockHolder::action).containsExactly("VDiff", "SwitchWrites");
    assertThat(topo.breakLock("keyspaces/customer/locks/1")).isFalse();
    assertThat(topo.breakLock("keyspaces/customer/VSchema")).isFalse();
    assertThat(topo.breakLock(locks.getLast().key())).isTrue();
    assertThat(topo.breakLock(locks.getLast().key())).isFalse();
    assertThat(kindOf(() -> topo.transact(List.of(keyspace), change -> {})))
        .isEqualTo(Kind.LOCK_LOST);
    name.check();
    assertThat(topo.locks()).containsExactly(locks.getFirst());
    name.close();
    assertThat(topo.locks()).isEmpty();
    assertThat(topo.vschema("customer")).isPresent();
  }

  // --- transactions --------------------------------------------------------------------------

  private void denyAndRoute(TopoTransaction transaction) {
    transaction.shard("customer", "-80", shard -> denied(shard, "corder"));
    transaction.shard("customer", "80-", shard -> denied(shard, "corder"));
    transaction.routingRules(
        rules -> rules.toBuilder().clearRules().addRules(rule("corder", "a.corder")).build());
    transaction.shardRoutingRules(rules ->
        rules.toBuilder()
            .clearRules()
            .addRules(Vschema.ShardRoutingRule.newBuilder().setFromKeyspace("customer"))
            .build());
    transaction.vschema("customer", vschema -> vschema.toBuilder().setSharded(true).build());
  }

  private void assertNothingWritten() {
    assertThat(topo.shard("customer", "-80").orElseThrow().value().getTabletControlsList())
        .isEmpty();
    assertThat(topo.routingRules().version()).isZero();
    assertThat(topo.shardRoutingRules().version()).isZero();
    assertThat(topo.vschema("customer").orElseThrow().value().getSharded()).isFalse();
  }

  @Test
  void aGuardedTransactionWritesAllWhileTheLockIsHeld() {
    keyspace("customer", "-80", "80-");
    try (TopoLock lock = topo.lockKeyspace("customer", "SwitchWrites", TTL, WAIT)) {
      topo.transact(List.of(lock), this::denyAndRoute);
    }

    for (String shard : List.of("-80", "80-")) {
      assertThat(topo.shard("customer", shard).orElseThrow().value().getTabletControls(0))
          .satisfies(control -> assertThat(control.getDeniedTablesList()).contains("corder"));
    }
    assertThat(topo.routingRules().value().getRulesCount()).isEqualTo(1);
    assertThat(topo.shardRoutingRules().value().getRulesCount()).isEqualTo(1);
    assertThat(topo.vschema("customer").orElseThrow().value().getSharded()).isTrue();
    long version = topo.routingRules().version();
    assertThat(topo.shard("customer", "-80").orElseThrow().version()).isEqualTo(version);
  }

  @Test
  void aGuardedTransactionWritesNothingWhenALockIsLost() throws Exception {
    keyspace("customer", "-80", "80-");
    keyspace("commerce", "0");
    TopoLock kept = topo.lockKeyspace("commerce", "SwitchWrites", TTL, WAIT);
    TopoLock gone = topo.lockKeyspace("customer", "SwitchWrites", TTL, WAIT);
    lose(gone);

    assertThat(kindOf(() -> topo.transact(List.of(kept, gone), this::denyAndRoute)))
        .isEqualTo(Kind.LOCK_LOST);
    assertNothingWritten();
    kept.close();
    assertThat(kindOf(() -> topo.transact(List.of(kept), this::denyAndRoute)))
        .isEqualTo(Kind.LOCK_LOST);
    assertNothingWritten();
    assertThat(kindOf(() -> topo.transact(List.of(kept), transaction -> {})))
        .isEqualTo(Kind.LOCK_LOST);
  }

  @Test
  void aGuardOfTheLastHolderDoesNotServeTheNext() throws Exception {
    keyspace("customer", "-80", "80-");
    TopoLock sleeper = topo.lockKeyspace("customer", "SwitchWrites", TTL, WAIT);
    lose(sleeper);
    try (TopoLock next = topo.lockKeyspace("customer", "SwitchWrites", TTL, WAIT)) {
      assertThat(kindOf(() -> topo.transact(List.of(sleeper), this::denyAndRoute)))
          .isEqualTo(Kind.LOCK_LOST);
      assertNothingWritten();
      topo.transact(List.of(next), this::denyAndRoute);
    }
    assertThat(topo.routingRules().version()).isPositive();
  }

  @Test
  void aTransactionThatFailsHalfwayWritesNothing() {
    keyspace("customer", "-80", "80-");

    assertThat(
            kindOf(() ->
                topo.transact(
                    List.of(),
                    transaction -> {
                      denyAndRoute(transaction);
                      transaction.shard("customer", "c0-", shard -> shard);
                    })))
        .isEqualTo(Kind.NO_NODE);

    assertNothingWritten();
  }

  @Test
  void aTransactionIsRunAgainWhenAnotherWriterCameBetween() {
    keyspace("customer", "-80", "80-");
    List<Integer> tries = new ArrayList<>();

    topo.transact(
        List.of(),
        transaction -> {
          transaction.routingRules(
              rules -> rules.toBuilder().addRules(rule("mine", "customer.mine")).build());
          if (tries.isEmpty()) {
            topo.updateRoutingRules(
                rules -> rules.toBuilder().addRules(rule("other", "customer.other")).build());
          }
          tries.add(1);
        });

    assertThat(tries).hasSize(2);
    assertThat(topo.routingRules().value().getRulesList())
        .containsExactly(rule("other", "customer.other"), rule("mine", "customer.mine"));
  }

  @Test
  void changesOfOneTransactionSeeEachOther() {
    keyspace("customer", "-80");

    topo.transact(
        List.of(),
        transaction -> {
          transaction.routingRules(rules -> rules.toBuilder().addRules(rule("a", "b.a")).build());
          transaction.routingRules(rules -> rules.toBuilder().addRules(rule("c", "b.c")).build());
        });

    assertThat(topo.routingRules().value().getRulesCount()).isEqualTo(2);
  }

  @Test
  void readersNeverSeeHalfATransaction() throws Exception {
    keyspace("customer", "0");
    CountDownLatch stop = new CountDownLatch(1);
    Thread writer =
        Thread.ofVirtual()
            .start(() -> {
              for (int i = 0; stop.getCount() > 0; i++) {
                int number = i;
                topo.transact(
                    List.of(),
                    transaction -> {
                      transaction.routingRules(rules ->
                          rules.toBuilder()
                              .clearRules()
                              .addRules(rule("n", "k.t" + number))
                              .build());
                      transaction.shard("customer", "0", shard -> denied(shard, "k.t" + number));
                    });
              }
            });
    List<String> seen = new CopyOnWriteArrayList<>();
    for (int i = 0; i < 50; i++) {
      topo.transact(
          List.of(),
          transaction -> {
            List<String> both = new ArrayList<>();
            transaction.routingRules(rules -> {
              rules.getRulesList().forEach(rule -> both.add(rule.getToTables(0)));
              return rules;
            });
            transaction.shard(
                "customer",
                "0",
                shard -> {
                  shard
                      .getTabletControlsList()
                      .forEach(control -> both.add(control.getDeniedTables(0)));
                  return shard;
                });
            seen.clear();
            seen.addAll(both);
          });
      assertThat(seen.stream().distinct().count()).isLessThanOrEqualTo(1);
    }
    stop.countDown();
    assertThat(writer.join(WAIT)).isTrue();
  }

  // --- watches -------------------------------------------------------------------------------

  @Test
  void aWatchTellsWhatIsThereThenEachChangeInOrder() throws Exception {
    cell("zone1");
    keyspace("customer", "0");
    List<String> delivered = new CopyOnWriteArrayList<>();
    try (AutoCloseable _ =
        topo.watch(
            "global",
            "keyspaces/",
            event -> delivered.add(event.path() + (event.value() == null ? " gone" : "")))) {
      await()
          .untilAsserted(() ->
              assertThat(delivered)
                  .containsExactlyInAnyOrder(
                      "keyspaces/customer/Keyspace",
                      "keyspaces/customer/VSchema",
                      "keyspaces/customer/shards/0/Shard"));
      delivered.clear();
      topo.lockKeyspace("customer", "unheard", TTL, WAIT).close();
      for (int i = 0; i < 20; i++) {
        keyspace("k" + i);
      }
      topo.updateRoutingRules(rules -> rules.toBuilder().addRules(rule("a", "b.a")).build());
      topo.updateShard("customer", "0", shard -> denied(shard, "t"));

      await().until(() -> delivered.contains("keyspaces/customer/shards/0/Shard"));
      List<String> keyspaces =
          delivered.stream().filter(path -> path.endsWith("/Keyspace")).toList();
      List<String> expected = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        expected.add("keyspaces/k" + i + "/Keyspace");
      }
      assertThat(keyspaces).isEqualTo(expected);
      assertThat(delivered).hasSize(41);
    }
  }

  @Test
  void aWatchTellsDeletionsWithGrowingVersions() throws Exception {
    cell("zone1");
    keyspace("customer", "0");
    List<TopoEvent> delivered = new CopyOnWriteArrayList<>();
    try (AutoCloseable _ = topo.watch("zone1", "tablets/", delivered::add)) {
      topo.registerTablet(tablet("zone1", 7, "customer", "0", TabletType.REPLICA));
      topo.deleteTablet(alias("zone1", 7));

      await().until(() -> delivered.size() == 2);
      assertThat(delivered)
          .allSatisfy(event -> {
            assertThat(event.cell()).isEqualTo("zone1");
            assertThat(event.path()).isEqualTo("tablets/zone1-0000000007/Tablet");
          });
      assertThat(delivered.get(0).value()).isNotNull();
      assertThat(delivered.get(1).value()).isNull();
      assertThat(delivered.get(1).version()).isGreaterThan(delivered.get(0).version());
    }
    assertThat(kindOf(() -> topo.watch("zone9", "", event -> {}).close())).isEqualTo(Kind.NO_NODE);
  }

  @Test
  void aWatchSaysWhenItHasToldWhatIsThere() throws Exception {
    keyspace("customer");
    List<String> delivered = new CopyOnWriteArrayList<>();
    try (AutoCloseable _ =
        topo.watch(
            "global",
            "keyspaces/",
            event -> delivered.add(event.path()),
            () -> delivered.add("*"))) {
      await().until(() -> delivered.contains("*"));
      keyspace("later");
      await().until(() -> delivered.size() == 5);
    }
    // The two records of a keyspace are written together and may come in either order.
    assertThat(delivered.subList(0, 2))
        .containsExactlyInAnyOrder("keyspaces/customer/Keyspace", "keyspaces/customer/VSchema");
    assertThat(delivered.get(2)).isEqualTo("*");
    assertThat(delivered.subList(3, 5))
        .containsExactlyInAnyOrder("keyspaces/later/Keyspace", "keyspaces/later/VSchema");
  }

  @Test
  void aClosedWatchIsSilent() throws Exception {
    List<TopoEvent> delivered = new CopyOnWriteArrayList<>();
    List<TopoEvent> deliveredToOther = new CopyOnWriteArrayList<>();
    AutoCloseable closed = topo.watch("global", "", delivered::add);
    try (AutoCloseable _ = topo.watch("global", "", deliveredToOther::add)) {
      keyspace("customer");
      await().until(() -> delivered.size() == 2);
      closed.close();
      keyspace("commerce");
      await().until(() -> deliveredToOther.size() == 4);
      assertThat(delivered).hasSize(2);
    }
  }

  @Test
  void aWatcherThatFailsIsToldAgain() throws Exception {
    List<String> delivered = new CopyOnWriteArrayList<>();
    try (AutoCloseable _ =
        topo.watch(
            "global",
            "keyspaces/customer/Keyspace",
            event -> {
              delivered.add(event.path());
              if (delivered.size() == 1) {
                throw new IllegalStateException("on purpose");
              }
            })) {
      keyspace("customer");

      await().until(() -> delivered.size() == 2);
    }
  }
}
