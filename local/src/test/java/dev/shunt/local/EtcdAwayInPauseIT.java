package dev.shunt.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shunt.client.CommandResult;
import dev.shunt.embedded.Engine;
import dev.shunt.embedded.EtcdServer;
import dev.shunt.embedded.Stalls;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.Row;
import dev.shunt.router.RouterConfig;
import dev.shunt.router.TrafficRouter;
import dev.shunt.schemas.Command;
import dev.shunt.schemas.Direction;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.tabletclient.TabletClientConfig;
import dev.shunt.tabletclient.TabletClients;
import dev.shunt.topo.Topo;
import dev.shunt.workflow.routing.DeniedTables;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Etcd goes while a switch denies writes: they flow again as soon as it is back. */
class EtcdAwayInPauseIT {
  private static final Logger log = LoggerFactory.getLogger(EtcdAwayInPauseIT.class);

  private static final Duration OUTAGE =
      Duration.ofSeconds(Boolean.getBoolean("test.full") ? 80 : 45);

  /** From etcd's first answer to the first write that is acknowledged. */
  private static final Duration RETURN = Duration.ofSeconds(2);

  private static final WorkflowKey MOVE = new WorkflowKey("archive", "m");
  private static final String SOURCE = "shop/0";
  private static final String TARGET = "archive/0";
  private static final Layout LAYOUT =
      new Layout(
          "zone1",
          List.of(new Layout.Place(100, "shop", "0"), new Layout.Place(200, "archive", "0")));

  @TempDir Path directory;

  @Test
  void writesFlowAgainWithinTwoSecondsOfItsReturn() throws Exception {
    Assumptions.assumeTrue(EtcdServer.isAvailableOrRequired(), EtcdServer.HINT);
    try (EtcdServer etcd = EtcdServer.start(directory.resolve("etcd"), 0);
        Bench bench =
            new Bench(
                new ClusterOptions(
                    directory.resolve("cluster"),
                    Engine.MARIADB,
                    LAYOUT,
                    Map.of(),
                    null,
                    null,
                    List.of(etcd.endpoint())));
        Stalls stalls = new Stalls();
        TabletClients clients = TabletClients.grpc(TabletClientConfig.DEFAULT);
        TrafficRouter router =
            new TrafficRouter(bench.cluster().topo(), clients, RouterConfig.of("zone1"))) {
      bench.sql(SOURCE, "CREATE TABLE item (id BIGINT PRIMARY KEY, n BIGINT NOT NULL)");
      bench.succeed(Asking.create(MOVE, "shop", "item"));
      bench.awaitRunning(MOVE);
      assertThat(router.awaitKeyspace("shop", Bench.PATIENCE)).isTrue();
      Command change = Asking.switchTraffic(MOVE, Direction.FORWARD);
      Writer writer = new Writer(router);
      try {
        long back;
        Duration stalledBefore;
        try (MysqlConnection user = bench.open(SOURCE)) {
          user.execute("BEGIN");
          user.execute("INSERT INTO item VALUES (-1, 0)"); // the pause lasts until it has ended
          var unused = bench.client().send(change);
          await().atMost(Bench.PATIENCE).until(() -> denied(bench.cluster().topo()));
          writer.awaitHeld();

          etcd.kill();
          long goneAt = System.nanoTime();
          await()
              .atMost(OUTAGE.plusSeconds(60))
              .pollInterval(Duration.ofMillis(200))
              .until(() -> System.nanoTime() - goneAt > OUTAGE.toNanos());
          assertThat(writer.newest()).as("writes while etcd is away").isLessThan(goneAt);
          user.execute("ROLLBACK");
          long asked = System.nanoTime();
          etcd.start();
          back = System.nanoTime();
          stalledBefore = stalls.sum();
          log.atInfo().addKeyValue("ms", (back - asked) / 1_000_000).log("etcd is back");
        }
        await()
            .atMost(Bench.PATIENCE)
            .pollInterval(Duration.ofMillis(5))
            .until(() -> writer.newest() - back > 0);
        Duration flowed = Duration.ofNanos(writer.firstAfter(back) - back);
        log.atInfo().addKeyValue("ms", flowed.toMillis()).log("writes flow");
        assertThat(flowed).isLessThan(RETURN.plus(stalls.sum()).minus(stalledBefore));

        CommandResult ended = bench.client().await(change.header().commandId(), Bench.PATIENCE);
        assertThat(ended).isNotInstanceOf(CommandResult.Pending.class);
        writer.awaitMore();
        writer.stop();
        String now = ended instanceof CommandResult.Succeeded ? TARGET : SOURCE;
        assertThat(stored(bench, now)).containsAllEntriesOf(writer.acknowledged());
      } finally {
        writer.stop();
      }
    }
  }

  private static boolean denied(Topo topo) {
    return DeniedTables.of(topo.shard("shop", "0").orElseThrow().value()).contains("item");
  }

  private static Map<Long, Long> stored(Bench bench, String place) {
    Map<Long, Long> stored = new TreeMap<>();
    for (Row row : bench.sql(place, "SELECT id, n FROM item").rows()) {
      stored.put(row.number(0), row.number(1));
    }
    return stored;
  }

  /** An application that inserts one row after another, as fast as it is let. */
  private static final class Writer {
    private static final Duration HELD = Duration.ofSeconds(2);

    private final TrafficRouter router;
    private final Map<Long, Long> acknowledged = new ConcurrentSkipListMap<>();
    private final ConcurrentSkipListMap<Long, Long> times = new ConcurrentSkipListMap<>();
    private final AtomicLong newest = new AtomicLong(System.nanoTime());
    private final Thread thread;
    private volatile boolean open = true;

    Writer(TrafficRouter router) {
      this.router = router;
      thread = Thread.ofVirtual().name("writer").start(this::write);
    }

    private void write() {
      for (long id = 1; open; id++) {
        try {
          var unused =
              router.execute("shop", "insert into item (id, n) values (:id, 1)", Map.of("id", id));
          acknowledged.put(id, 1L);
          long now = System.nanoTime();
          times.put(now, id);
          newest.set(now);
          Thread.sleep(2);
        } catch (InterruptedException e) {
          return;
        } catch (RuntimeException e) {
          // Not acknowledged: it may be there or not.
        }
      }
    }

    long newest() {
      return newest.get();
    }

    long firstAfter(long time) {
      return times.higherKey(time);
    }

    void awaitHeld() {
      await().atMost(Bench.PATIENCE).until(() -> System.nanoTime() - newest.get() > HELD.toNanos());
    }

    void awaitMore() {
      long now = System.nanoTime();
      await().atMost(Bench.PATIENCE).until(() -> newest.get() - now > 0);
    }

    Map<Long, Long> acknowledged() {
      return new TreeMap<>(acknowledged);
    }

    void stop() throws InterruptedException {
      open = false;
      thread.join();
    }
  }
}
