package dev.shunt.topo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shunt.time.Time;
import dev.shunt.topo.TopoException.Kind;
import io.vitess.proto.Topodata;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vschema.Vschema;

/** What the local store keeps over restarts and crashes. */
class LocalTopoRestartTest {
  private static final Duration TTL = Duration.ofSeconds(5);

  @TempDir Path directory;

  private Path journal() {
    return directory.resolve("topo.journal");
  }

  private static void keyspace(Topo topo, String keyspace) {
    topo.createKeyspace(keyspace, Topodata.Keyspace.getDefaultInstance());
  }

  private static void route(Topo topo, String table) {
    topo.updateRoutingRules(
        rules -> rules.toBuilder().clearRules().addRules(TopoConformance.rule("t", table)).build());
  }

  @Test
  void keepsRecordsAndVersionsAndForgetsLocks() {
    long version;
    long token;
    try (Topo topo = Topos.local(directory)) {
      topo.createCell("zone1", Topodata.CellInfo.newBuilder().setRoot("/zone1").build());
      keyspace(topo, "customer");
      topo.createShard("customer", "-80");
      topo.registerTablet(
          TopoConformance.tablet("zone1", 1, "customer", "-80", Topodata.TabletType.PRIMARY));
      route(topo, "customer.t");
      topo.rebuildSrvVSchema(List.of());
      topo.updateShardRoutingRules(rules ->
          rules.toBuilder().addRules(Vschema.ShardRoutingRule.getDefaultInstance()).build());
      topo.updateShardRoutingRules(rules -> Vschema.ShardRoutingRules.getDefaultInstance());
      version = topo.routingRules().version();
      token = topo.lockName("customer/c2c", "x", TTL, TTL).token();
    }

    try (Topo topo = Topos.local(directory);
        TopoLock lock = topo.lockName("customer/c2c", "y", TTL, Duration.ZERO)) {
      assertThat(topo.cells()).containsExactly("zone1");
      assertThat(topo.shards("customer")).containsOnlyKeys("-80");
      assertThat(topo.primary("customer", "-80")).isPresent();
      assertThat(topo.srvKeyspace("zone1", "customer")).isPresent();
      assertThat(topo.srvVSchema("zone1")).isPresent();
      assertThat(topo.routingRules().version()).isEqualTo(version);
      assertThat(topo.shardRoutingRules().version()).isZero();
      assertThat(lock.token()).isGreaterThan(token);
    }
  }

  @Test
  void onlyOneCanHaveItOpen() throws Exception {
    try (Topo topo = Topos.local(directory)) {
      keyspace(topo, "customer");
      assertThatThrownBy(() -> Topos.local(directory))
          .isInstanceOfSatisfying(
              TopoException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE))
          .hasMessageContaining("this process has it open");

      String inode = ":" + Files.getAttribute(directory.resolve("lock"), "unix:ino") + " ";
      assertThat(Files.readAllLines(Path.of("/proc/locks")))
          .as("locks that other processes meet")
          .anyMatch(lock -> lock.contains(inode));
    }
    Topos.local(directory).close();
  }

  @Test
  void aClosedTopologyRefusesEverything() {
    Topo topo = Topos.local(directory);
    TopoLock lock = topo.lockName("a", "x", TTL, TTL);
    topo.close();

    assertThat(TopoConformance.kindOf(() -> keyspace(topo, "customer")))
        .isEqualTo(Kind.UNAVAILABLE);
    assertThat(TopoConformance.kindOf(topo::keyspaces)).isEqualTo(Kind.UNAVAILABLE);
    assertThat(TopoConformance.kindOf(lock::check)).isEqualTo(Kind.LOCK_LOST);
    lock.close();
    topo.close();
  }

  @Test
  void dropsAWriteThatWasCutOffAtAnyByte() throws IOException {
    int before;
    try (Topo topo = Topos.local(directory)) {
      keyspace(topo, "kept");
      before = (int) Files.size(journal());
      topo.transact(
          List.of(),
          transaction -> {
            transaction.routingRules(
                rules -> rules.toBuilder().addRules(TopoConformance.rule("t", "kept.t")).build());
            transaction.vschema("kept", vschema -> vschema.toBuilder().setSharded(true).build());
          });
    }
    byte[] whole = Files.readAllBytes(journal());
    for (int length = before; length < whole.length; length++) {
      Files.write(journal(), Arrays.copyOf(whole, length));
      try (Topo topo = Topos.local(directory)) {
        assertThat(topo.keyspaces()).containsExactly("kept");
        assertThat(topo.routingRules().version()).isZero();
        assertThat(topo.vschema("kept").orElseThrow().value().getSharded()).isFalse();
        keyspace(topo, "more");
      }
      try (Topo topo = Topos.local(directory)) {
        assertThat(topo.keyspaces()).containsExactly("kept", "more");
      }
    }
  }

  @Test
  void dropsATailOfZerosOrOfABrokenLastWrite() throws IOException {
    try (Topo topo = Topos.local(directory)) {
      keyspace(topo, "kept");
    }
    Files.write(journal(), new byte[4096], StandardOpenOption.APPEND);
    try (Topo topo = Topos.local(directory)) {
      assertThat(topo.keyspaces()).containsExactly("kept");
      route(topo, "kept.t");
    }
    flip((int) Files.size(journal()) - 1);
    try (Topo topo = Topos.local(directory)) {
      assertThat(topo.keyspaces()).containsExactly("kept");
      assertThat(topo.routingRules().version()).isZero();
    }
  }

  @Test
  void refusesAJournalThatIsDamagedInTheMiddle() throws IOException {
    try (Topo topo = Topos.local(directory)) {
      keyspace(topo, "first");
      keyspace(topo, "second");
    }
    byte[] whole = Files.readAllBytes(journal());
    for (int at : new int[] {0, 5, 9, 20}) {
      flip(at);
      assertThatThrownBy(() -> Topos.local(directory))
          .isInstanceOf(TopoException.class)
          .hasMessageContaining("damaged at byte 0");
      Files.write(journal(), whole);
    }
    try (Topo topo = Topos.local(directory)) {
      assertThat(topo.keyspaces()).hasSize(2);
    }
  }

  private void flip(int at) throws IOException {
    byte[] bytes = Files.readAllBytes(journal());
    bytes[at] ^= 1;
    Files.write(journal(), bytes);
  }

  @Test
  void compactsWhatHasBeenOverwritten() throws IOException {
    long token;
    try (Topo topo = new StoreTopo(LocalTopoStore.open(directory, 4096, Time.system()))) {
      keyspace(topo, "customer");
      for (int i = 0; i < 500; i++) {
        route(topo, "customer.t" + i);
      }
      token = topo.lockName("a", "x", TTL, TTL).token();
      assertThat(Files.size(journal())).isLessThan(10_000);
    }
    try (Topo topo = Topos.local(directory)) {
      assertThat(topo.keyspaces()).containsExactly("customer");
      assertThat(topo.routingRules().value().getRules(0).getToTables(0)).isEqualTo("customer.t499");
      try (TopoLock lock = topo.lockName("a", "x", TTL, TTL)) {
        assertThat(lock.token()).isGreaterThan(token);
      }
    }
  }

  @Test
  void aWriterThatIsInterruptedDoesNotHarmTheOthers() throws InterruptedException {
    try (Topo topo = Topos.local(directory)) {
      keyspace(topo, "customer");
      Thread writer =
          Thread.ofPlatform()
              .start(() -> {
                Thread.currentThread().interrupt();
                route(topo, "customer.t");
              });
      assertThat(writer.join(TTL)).isTrue();

      assertThat(topo.routingRules().version()).isPositive();
      route(topo, "customer.u");
    }
  }
}
