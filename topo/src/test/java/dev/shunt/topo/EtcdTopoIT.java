package dev.shunt.topo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.Message;
import dev.shunt.embedded.EtcdServer;
import dev.shunt.embedded.Ports;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import io.vitess.proto.Topodata;
import io.vitess.proto.Topodata.TabletType;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vschema.Vschema;

/** Real etcd does what every topology does, and holds what Vitess would have written. */
class EtcdTopoIT extends TopoConformance {
  private static final AtomicInteger roots = new AtomicInteger();
  private static EtcdServer server;
  private static Client client;

  private String root = "";

  @BeforeAll
  static void startServer(@TempDir Path directory) {
    assumeTrue(EtcdServer.isAvailableOrRequired(), EtcdServer.HINT);
    server = EtcdServer.start(directory, 0);
    client = Etcd.connect(List.of(server.endpoint()));
  }

  @AfterAll
  static void stopServer() {
    if (server != null) {
      client.close();
      server.close();
    }
  }

  @Override
  Topo openEmpty() {
    root = "/vitess" + roots.incrementAndGet();
    return Topos.etcd(server.endpoint(), root + "/global");
  }

  @Override
  Topodata.CellInfo cellInfo(String cell) {
    return Topodata.CellInfo.newBuilder()
        .setServerAddress("127.0.0.1:" + server.port())
        .setRoot(root + "/" + cell)
        .build();
  }

  @Override
  void lose(TopoLock lock) throws Exception {
    for (KeyValue pair : pairs(root + "/global/" + lock.path() + "/locks/")) {
      client.getLeaseClient().revoke(pair.getLease()).get();
    }
  }

  @Override
  void put(String cell, String path, Message record) throws Exception {
    var unused =
        client
            .getKVClient()
            .put(
                Etcd.bytes(root + "/" + cell + "/" + path),
                ByteSequence.from(record.toByteString()))
            .get();
  }

  @Override
  int queueLength(String name) throws Exception {
    return pairs(root + "/global/internal/named_locks/" + name + "/locks/").size();
  }

  private static List<KeyValue> pairs(String prefix) throws Exception {
    return client
        .getKVClient()
        .get(Etcd.bytes(prefix), GetOption.builder().isPrefix(true).build())
        .get()
        .getKvs();
  }

  @Test
  void refusesACellThatCannotBeReachedAndMendsOneThatIsStored() throws Exception {
    Topodata.CellInfo good = cellInfo("zone1");
    Topodata.CellInfo away = good.toBuilder().setServerAddress("127.0.0.1:" + Ports.free()).build();
    for (Topodata.CellInfo bad :
        List.of(
            Topodata.CellInfo.getDefaultInstance(),
            good.toBuilder().clearServerAddress().build(),
            good.toBuilder().clearRoot().build(),
            away)) {
      assertThatThrownBy(() -> topo.createCell("zone1", bad))
          .isInstanceOfSatisfying(
              TopoException.class, e -> assertThat(e.kind()).isEqualTo(TopoException.Kind.INVALID))
          .hasMessageContaining("zone1");
      assertThatThrownBy(() -> topo.updateCell("zone1", present -> bad))
          .isInstanceOf(TopoException.class);
    }
    assertThat(topo.cells()).isEmpty();

    putCell("zone1", away);
    assertThatThrownBy(() -> topo.deleteCell("zone1", false)).isInstanceOf(TopoException.class);
    assertThat(topo.updateCell("zone1", present -> good)).isEqualTo(good);
    topo.rebuildSrvVSchema(List.of());
    topo.deleteCell("zone1", false);
    assertThat(topo.cells()).isEmpty();
    assertThatThrownBy(() -> topo.deleteCell("zone1", true))
        .isInstanceOfSatisfying(
            TopoException.class, e -> assertThat(e.kind()).isEqualTo(TopoException.Kind.NO_NODE));
  }

  @Test
  void aCellThatDoesNotAnswerHidesOnlyWhatIsThere() throws Exception {
    topo.createCell("zone1", cellInfo("zone1"));
    topo.createCell("zone2", cellInfo("zone2"));
    topo.createKeyspace("commerce", Topodata.Keyspace.getDefaultInstance());
    topo.createShard("commerce", "0");
    topo.createShard("commerce", "1");
    topo.registerTablet(tablet("zone1", 100, "commerce", "0", TabletType.PRIMARY));
    topo.registerTablet(tablet("zone2", 200, "commerce", "1", TabletType.PRIMARY));
    Topodata.CellInfo away =
        cellInfo("zone2").toBuilder().setServerAddress("127.0.0.1:" + Ports.free()).build();
    Cells cells = new Cells(topo);

    putCell("zone2", away);

    Cells.Found found = cells.tablets(List.of());
    assertThat(found.tablets()).extracting(each -> each.getAlias().getUid()).containsExactly(100);
    assertThat(found.silent()).containsExactly("zone2");
    assertThat(cells.tablets(List.of("zone1")).silent()).isEmpty();
    assertThat(cells.tablets(List.of("zone1", "zone9")).silent()).isEmpty();
    assertThat(kindOf(() -> cells.tablets(List.of("zone2"))))
        .isEqualTo(TopoException.Kind.UNAVAILABLE);
    assertThat(kindOf(topo::tablets)).isEqualTo(TopoException.Kind.UNAVAILABLE);
    assertThat(topo.primary("commerce", "0")).isPresent();
    assertThat(
            kindOf(() ->
                topo.registerTablet(tablet("zone2", 201, "commerce", "0", TabletType.PRIMARY))))
        .isEqualTo(TopoException.Kind.UNAVAILABLE);
    assertThat(topo.shard("commerce", "0").orElseThrow().value().getPrimaryAlias().getUid())
        .as("a primary that could not be registered is none")
        .isEqualTo(100);
    assertThatThrownBy(() -> topo.primary("commerce", "1"))
        .isInstanceOfSatisfying(
            TopoException.class,
            e -> assertThat(e.kind()).isEqualTo(TopoException.Kind.UNAVAILABLE))
        .hasMessageContaining(
            "zone2-0000000200, primary of shard commerce/1, can't be read in cell zone2");

    putCell("zone2", cellInfo("zone2"));

    assertThat(cells.tablets(List.of()).tablets()).hasSize(2);
    assertThat(topo.primary("commerce", "1")).isPresent();
  }

  /** It takes connections and says nothing, so that each question lasts as long as it may. */
  @Test
  void aCellThatHangsIsWaitedForOnceUntilItAnswers() throws Exception {
    topo.createCell("zone1", cellInfo("zone1"));
    topo.createCell("zone2", cellInfo("zone2"));
    topo.createKeyspace("commerce", Topodata.Keyspace.getDefaultInstance());
    topo.createShard("commerce", "0");
    topo.registerTablet(tablet("zone2", 200, "commerce", "0", TabletType.PRIMARY));
    Cells cells = new Cells(topo);
    try (ServerSocket mute = new ServerSocket(0)) {
      putCell(
          "zone2",
          cellInfo("zone2").toBuilder()
              .setServerAddress("127.0.0.1:" + mute.getLocalPort())
              .build());
      assertThat(cells.tablets(List.of()).silent()).containsExactly("zone2");

      long began = System.nanoTime();
      for (int i = 0; i < 4; i++) {
        assertThat(cells.tablets(List.of()).silent()).containsExactly("zone2");
      }
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(4));

      putCell("zone2", cellInfo("zone2"));
      await()
          .atMost(Duration.ofSeconds(10))
          .untilAsserted(() -> assertThat(cells.tablets(List.of()).tablets()).hasSize(1));
    }
  }

  /** As a tool may store it that looks at nothing. */
  private void putCell(String cell, Topodata.CellInfo info) throws Exception {
    put("global", "cells/" + cell + "/CellInfo", info);
  }

  @Test
  void writesTheKeysAndBytesThatVitessWrites() throws Exception {
    topo.createCell("zone1", cellInfo("zone1"));
    topo.createKeyspace(
        "commerce",
        Topodata.Keyspace.newBuilder().setDurabilityPolicy("none").setSidecarDbName("_vt").build());
    topo.createShard("commerce", "0");
    topo.registerTablet(
        tablet("zone1", 100, "commerce", "0", TabletType.PRIMARY).toBuilder()
            .setPrimaryTermStartTime(
                vttime.Vttime.Time.newBuilder().setSeconds(1795326517).setNanoseconds(221651616))
            .build());
    topo.updateRoutingRules(
        rules -> rules.toBuilder().addRules(rule("customer", "commerce.customer")).build());
    topo.rebuildSrvVSchema(List.of());

    Map<String, String> stored = new TreeMap<>();
    for (KeyValue pair : pairs(root + "/")) {
      stored.put(Etcd.text(pair.getKey()).substring(root.length()), escaped(pair.getValue()));
    }

    String tabletRecord = stored.remove("/zone1/tablets/zone1-0000000100/Tablet");
    assertThat(tabletRecord).startsWith("\\n\\t\\n\\x05zone1\\x10d\\x12\\t127.0.0.1");
    assertThat(stored.remove("/global/cells/zone1/CellInfo")).contains(root + "/zone1");
    // As in a dump of Vitess's own topology, each with the same escapes.
    assertThat(stored)
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "/global/keyspaces/commerce/Keyspace",
                "B\\x04noneR\\x03_vt",
                "/global/keyspaces/commerce/VSchema",
                "",
                "/global/keyspaces/commerce/shards/0/Shard",
                "\\n\\t\\n\\x05zone1\\x10d8\\x01B\\x0b\\x08\\xb5\\x84\\x8a\\xd8\\x06\\x10\\xa0\\xc5\\xd8i",
                "/global/RoutingRules",
                "\\n\\x1d\\n\\x08customer\\x12\\x11commerce.customer",
                "/zone1/SrvVSchema",
                "\\n\\x0c\\n\\x08commerce\\x12\\x00\\x12\\x1f\\n\\x1d\\n\\x08customer"
                    + "\\x12\\x11commerce.customer\\x1a\\x00*\\x00",
                "/zone1/keyspaces/commerce/SrvKeyspace",
                "\\n\\x07\\x08\\x01\\x12\\x03\\n\\x010\\n\\x07\\x08\\x02\\x12\\x03\\n\\x010"
                    + "\\n\\x07\\x08\\x03\\x12\\x03\\n\\x010",
                "/zone1/keyspaces/commerce/shards/0/ShardReplication",
                "\\n\\x0b\\n\\t\\n\\x05zone1\\x10d"));
  }

  private static String escaped(ByteSequence bytes) {
    StringBuilder text = new StringBuilder();
    for (byte each : bytes.getBytes()) {
      if (each == '\n') {
        text.append("\\n");
      } else if (each == '\t') {
        text.append("\\t");
      } else if (each >= ' ' && each < 127) {
        text.append((char) each);
      } else {
        text.append(String.format("\\x%02x", each));
      }
    }
    return text.toString();
  }

  @Test
  void aLockIsAKeyNamedAfterItsLeaseWithVitessFields() throws Exception {
    topo.createKeyspace("customer", Topodata.Keyspace.getDefaultInstance());
    try (TopoLock lock = topo.lockKeyspace("customer", "SwitchWrites", TTL, WAIT)) {
      List<KeyValue> keys = pairs(root + "/global/keyspaces/customer/locks/");

      assertThat(keys).hasSize(1);
      KeyValue key = keys.getFirst();
      assertThat(Etcd.text(key.getKey())).endsWith("/locks/" + key.getLease());
      assertThat(key.getCreateRevision()).isEqualTo(lock.token());
      assertThat(Etcd.text(key.getValue()))
          .contains("\"Action\": \"SwitchWrites\"")
          .contains("\"HostName\"", "\"UserName\"", "\"Time\"", "\"Options\": {", "\"Status\"");
    }
    assertThat(pairs(root + "/global/keyspaces/customer/locks/")).isEmpty();
  }

  @Test
  void aLockIsKeptAliveForLongerThanItsTimeToLive() {
    Instant start = Instant.now();
    try (TopoLock lock = topo.lockName("customer/c2c", "x", Duration.ofSeconds(3), WAIT)) {
      Duration twice = lock.ttl().multipliedBy(2).plusSeconds(1);
      await()
          .atMost(twice.plusSeconds(5))
          .until(() -> Duration.between(start, Instant.now()).compareTo(twice) > 0);
      lock.check();
      topo.transact(List.of(lock), transaction -> {});
    }
  }

  @Test
  void theLockOfAHolderThatIsGoneExpires() throws Exception {
    long lease = client.getLeaseClient().grant(5).get().getID();
    String key = root + "/global/internal/named_locks/customer/c2c/locks/" + lease;
    var put =
        client
            .getKVClient()
            .put(
                Etcd.bytes(key),
                Etcd.bytes("{\"Action\": \"vdiff\"}"),
                PutOption.builder().withLeaseId(lease).build())
            .get();

    assertThat(kindOf(() -> topo.lockName("customer/c2c", "y", TTL, NO_WAIT)))
        .isEqualTo(TopoException.Kind.TIMEOUT);
    try (TopoLock next = topo.lockName("customer/c2c", "y", TTL, Duration.ofSeconds(15))) {
      assertThat(next.token()).isGreaterThan(put.getHeader().getRevision());
    }
  }

  /** A vtctld that died under a long lease, as its key says of it. */
  @Test
  void aDeadLockOfAnotherToolIsNamedAfterItsTimeAndNotWaitedForInLine() throws Exception {
    topo.createKeyspace("customer", Topodata.Keyspace.getDefaultInstance());
    long lease = client.getLeaseClient().grant(86_400).get().getID();
    String path = "keyspaces/customer/locks/" + lease;
    var unused =
        client
            .getKVClient()
            .put(
                Etcd.bytes(root + "/global/" + path),
                Etcd.bytes(
                    "{\"Action\": \"MoveTablesSwitchTraffic\", \"HostName\": \"vt1\", \"UserName\":"
                        + " \"vitess\", \"Time\": \"2026-11-28T09:00:00Z\", \"Options\": {},"
                        + " \"Status\": \"Running\"}"),
                PutOption.builder().withLeaseId(lease).build())
            .get();
    List<LockHolder> holders = new ArrayList<>();
    LockWait wait = new LockWait(Duration.ofSeconds(3), Duration.ofMinutes(10), holders::add);
    assertThatThrownBy(() -> topo.lockKeyspace("customer", "SwitchWrites", TTL, wait))
        .hasMessageContaining(
            "keyspaces/customer is locked for MoveTablesSwitchTraffic by vitess on vt1 since"
                + " 2026-11-28T09:00:00Z")
        .hasMessageContaining("shunt locks break " + path);
    assertThat(holders).extracting(LockHolder::ours).containsExactly(false);
    assertThat(topo.breakLock(path)).isTrue();
    topo.lockKeyspace("customer", "SwitchWrites", TTL, NO_WAIT).close();
  }

  /** Fifty workflows that end at once, each with a few writes under the locks of two keyspaces. */
  @Test
  void fiftyGetTheirTurnAtAKeyspace() throws Exception {
    topo.createKeyspace("commerce", Topodata.Keyspace.getDefaultInstance());
    topo.createKeyspace("customer", Topodata.Keyspace.getDefaultInstance());
    LockWait wait = new LockWait(Duration.ofSeconds(1), Duration.ofMinutes(3), holder -> {});
    Map<Integer, String> failures = new ConcurrentSkipListMap<>();
    List<Thread> workflows = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      int number = i;
      workflows.add(
          Thread.ofVirtual()
              .start(() -> {
                try {
                  for (int write = 0; write < 3; write++) {
                    endOnce(wait);
                  }
                } catch (TopoException e) {
                  failures.put(number, String.valueOf(e.getMessage()));
                }
              }));
    }
    for (Thread workflow : workflows) {
      workflow.join();
    }
    assertThat(failures).isEmpty();
    assertThat(topo.routingRules().value().getRulesCount()).isEqualTo(150);
  }

  private void endOnce(LockWait wait) {
    try (TopoLock source = topo.lockKeyspace("commerce", "DropTargets", TTL, wait);
        TopoLock target = topo.lockKeyspace("customer", "DropTargets", TTL, wait)) {
      topo.transact(
          List.of(source, target),
          transaction ->
              transaction.routingRules(rules ->
                  rules.toBuilder().addRules(rule("a" + rules.getRulesCount(), "b.a")).build()));
    }
  }

  @Test
  void closingTheTopologyReleasesItsLocks() {
    Topo other = Topos.etcd(server.endpoint(), root + "/global");
    TopoLock gone = other.lockName("customer/c2c", "x", Duration.ofHours(1), WAIT);
    other.close();

    try (TopoLock next = topo.lockName("customer/c2c", "y", TTL, WAIT)) {
      assertThat(next.token()).isGreaterThan(gone.token());
    }
  }

  @Test
  void aWatchFollowsThroughARestartWithCompaction(@TempDir Path directory) throws Exception {
    try (EtcdServer own = EtcdServer.start(directory, 0);
        Topo watching = Topos.etcd(own.endpoint(), "/w/global")) {
      Map<String, String> seen = new ConcurrentSkipListMap<>();
      watching.createKeyspace("stays", Topodata.Keyspace.getDefaultInstance());
      watching.updateRoutingRules(rules -> rules.toBuilder().addRules(rule("a", "b.a")).build());
      try (AutoCloseable _ =
          watching.watch(
              "global",
              "",
              event -> {
                if (event.value() == null) {
                  seen.remove(event.path());
                } else {
                  seen.put(event.path(), "there");
                }
              })) {
        await().until(() -> seen.size() == 3);

        own.kill();
        own.start();
        try (Topo other = Topos.etcd(own.endpoint(), "/w/global");
            Client compactor = Etcd.connect(List.of(own.endpoint()))) {
          other.updateRoutingRules(rules -> Vschema.RoutingRules.getDefaultInstance());
          other.createKeyspace("new", Topodata.Keyspace.getDefaultInstance());
          long revision = other.keyspace("new").orElseThrow().version();
          var unused = compactor.getKVClient().compact(revision).get();
        }

        await()
            .atMost(Duration.ofSeconds(30))
            .untilAsserted(() ->
                assertThat(seen.keySet())
                    .containsExactly(
                        "keyspaces/new/Keyspace",
                        "keyspaces/new/VSchema",
                        "keyspaces/stays/Keyspace",
                        "keyspaces/stays/VSchema"));
        watching.createKeyspace("later", Topodata.Keyspace.getDefaultInstance());
        await().until(() -> seen.containsKey("keyspaces/later/Keyspace"));
      }
    }
  }
}
