package dev.shunt.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shunt.topo.Topo;
import dev.shunt.topo.TopoException;
import dev.shunt.topo.Topos;
import io.vitess.proto.Topodata;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a router of one cell knows of a cluster of several. */
class RoutingTableTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir Path folder;
  private final Set<String> away = ConcurrentHashMap.newKeySet();
  private Topo topo;

  @BeforeEach
  void open() {
    topo = Topos.local(folder);
    topo.createCell("zone1", Topodata.CellInfo.getDefaultInstance());
  }

  @AfterEach
  void close() {
    topo.close();
  }

  private void keyspace(String keyspace, String cell, int uid) {
    topo.createKeyspace(keyspace, Topodata.Keyspace.getDefaultInstance());
    topo.createShard(keyspace, "0");
    topo.registerTablet(
        Topodata.Tablet.newBuilder()
            .setAlias(Topodata.TabletAlias.newBuilder().setCell(cell).setUid(uid))
            .setHostname("127.0.0.1")
            .setKeyspace(keyspace)
            .setShard("0")
            .setType(Topodata.TabletType.PRIMARY)
            .build());
    topo.rebuildSrvVSchema(List.of("zone1"));
  }

  /** A topology whose cells can be away. */
  private Topo canBeAway() {
    return (Topo)
        Proxy.newProxyInstance(
            Topo.class.getClassLoader(),
            new Class<?>[] {Topo.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("watch") && away.contains(arguments[0])) {
                throw new TopoException(TopoException.Kind.UNAVAILABLE, "away");
              }
              try {
                return method.invoke(topo, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @Test
  void knowsPrimariesOfAllCellsAlsoOfThoseThatComeLater() throws Exception {
    topo.createCell("zone2", Topodata.CellInfo.getDefaultInstance());
    keyspace("commerce", "zone2", 200);
    try (RoutingTable routing = new RoutingTable(topo, "zone1")) {
      assertThat(routing.awaitKeyspace("commerce", PATIENCE)).isTrue();

      topo.createCell("zone3", Topodata.CellInfo.getDefaultInstance());
      keyspace("customer", "zone3", 300);

      assertThat(routing.awaitKeyspace("customer", PATIENCE)).isTrue();
    }
  }

  @Test
  void aCellThatIsAwayHidesOnlyWhatIsThere() throws Exception {
    topo.createCell("zone0", Topodata.CellInfo.getDefaultInstance());
    keyspace("hidden", "zone0", 10);
    keyspace("commerce", "zone1", 100);
    away.add("zone0");
    try (RoutingTable routing = new RoutingTable(canBeAway(), "zone1")) {
      assertThat(routing.awaitKeyspace("commerce", PATIENCE)).isTrue();
      assertThat(routing.snapshot().knows("hidden")).isFalse();

      away.clear();

      assertThat(routing.awaitKeyspace("hidden", PATIENCE)).isTrue();
    }
  }

  @Test
  void aCellThatWasRemovedOrMovedLeavesNoTabletsBehind() throws Exception {
    topo.createCell("zone1-b", Topodata.CellInfo.newBuilder().setRoot("/b").build());
    keyspace("commerce", "zone1-b", 200);
    keyspace("customer", "zone1", 100);
    try (RoutingTable routing = new RoutingTable(topo, "zone1")) {
      assertThat(routing.awaitKeyspace("commerce", PATIENCE)).isTrue();
      assertThat(routing.awaitKeyspace("customer", PATIENCE)).isTrue();

      topo.updateCell("zone1", info -> info.toBuilder().setRoot("/other").build());
      topo.deleteCell("zone1-b", true);

      await().atMost(PATIENCE).until(() -> !routing.snapshot().knows("commerce"));
      assertThat(routing.awaitKeyspace("customer", PATIENCE)).isTrue();
    }
  }
}
