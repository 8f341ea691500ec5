package dev.shunt.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.shunt.embedded.DatabaseKind;
import dev.shunt.embedded.DatabaseServer;
import dev.shunt.embedded.DatabaseSettings;
import dev.shunt.embedded.EtcdServer;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.Password;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.tabletclient.TabletClientConfig;
import dev.shunt.tabletclient.TabletClients;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.topo.Topo;
import dev.shunt.topo.Topos;
import io.vitess.proto.Query;
import io.vitess.proto.Topodata;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Two processes of one tablet: the older one sleeps with requests in its socket and transactions
 * open, the newer one takes its place and a switch denies the table, the older one wakes up.
 */
class TabletTakeoverIT {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final int REQUESTS = 20;

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(names = {"MARIADB_11_4", "MYSQL"})
  void aSleeperThatWakesWritesNothing(DatabaseKind kind) throws Exception {
    Assumptions.assumeTrue(EtcdServer.isAvailableOrRequired(), EtcdServer.HINT);
    Assumptions.assumeTrue(kind.isAvailableOrRequired(), kind.hint());
    try (EtcdServer etcd = EtcdServer.start(directory.resolve("etcd"), 0);
        DatabaseServer server = kind.start(DatabaseSettings.in(directory.resolve("mysql")));
        Topo topo = Topos.etcd(etcd.endpoint(), "/vitess/global");
        TabletClients clients = TabletClients.grpc(TabletClientConfig.DEFAULT)) {
      TabletChild.prepare(topo, etcd.endpoint());
      try (TabletChild older = child(etcd, server, "older");
          MysqlConnection database = open(server)) {
        database.execute("create table t (id int primary key)");
        TabletClient old = clients.of(topo.primary("commerce", "0").orElseThrow());
        insert(old, 0, 1);
        requireRefused(etcd, server);

        long open = begin(old, 2);
        older.pause();
        List<CompletableFuture<?>> waiting = new ArrayList<>();
        for (int i = 0; i < REQUESTS; i++) {
          int id = 100 + i;
          waiting.add(CompletableFuture.runAsync(() -> insert(old, 0, id)));
        }
        waiting.add(CompletableFuture.runAsync(() -> old.commit(open)));
        try (TabletChild _ = child(etcd, server, "newer")) {
          Topodata.Tablet record = topo.primary("commerce", "0").orElseThrow();
          assertThat(record.getPortMapOrThrow("grpc"))
              .isNotEqualTo(old.tablet().getPortMapOrThrow("grpc"));
          TabletClient now = clients.of(record);
          insert(now, 0, 3);
          deny(topo);
          now.refreshState();
          assertThatThrownBy(() -> insert(now, 0, 4)).hasMessageContaining("disallowed");

          older.resume();

          for (CompletableFuture<?> request : waiting) {
            assertThatThrownBy(() -> request.get(60, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(TabletException.class);
          }
          requireOver(old);
          assertThat(rows(database)).containsExactly("1", "3");
        }
      }
    }
  }

  /** A request that was not in its socket is answered as by a tablet that doesn't serve. */
  private static void requireOver(TabletClient old) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThatThrownBy(() -> insert(old, 0, 5))
                .isInstanceOfSatisfying(
                    TabletException.class,
                    e -> assertThat(e.elsewhereOrLater()).as(e.getMessage()).isTrue()));
    assertThatThrownBy(old::refreshState).isInstanceOf(TabletException.class);
  }

  /** While the older one lives nobody can take its place. */
  private void requireRefused(EtcdServer etcd, DatabaseServer server) throws IOException {
    assertThatThrownBy(() -> child(etcd, server, "refused").close())
        .isInstanceOf(IOException.class);
    assertThat(Files.readString(directory.resolve("refused.log")))
        .contains("zone1-0000000100 runs already");
  }

  private TabletChild child(EtcdServer etcd, DatabaseServer server, String name)
      throws IOException {
    return new TabletChild(
        etcd.endpoint(), 100, "commerce", server.port(), directory.resolve(name + ".log"));
  }

  private static MysqlConnection open(DatabaseServer server) {
    return MysqlConnection.open(
        new MysqlEndpoint(
            server.host(),
            server.port(),
            server.user(),
            Password.of(server.password()),
            "vt_commerce"));
  }

  private static Query.BoundQuery statement(int id) {
    return Query.BoundQuery.newBuilder().setSql("insert into t values (" + id + ")").build();
  }

  private static void insert(TabletClient tablet, long transaction, int id) {
    var unused =
        tablet.execute(
            Query.ExecuteRequest.newBuilder()
                .setTarget(tablet.target())
                .setTransactionId(transaction)
                .setQuery(statement(id))
                .build());
  }

  private static long begin(TabletClient tablet, int id) {
    return tablet
        .beginExecute(
            Query.BeginExecuteRequest.newBuilder()
                .setTarget(tablet.target())
                .setQuery(statement(id))
                .build())
        .getTransactionId();
  }

  private static void deny(Topo topo) {
    topo.updateShard(
        "commerce",
        "0",
        shard ->
            shard.toBuilder()
                .addTabletControls(
                    Topodata.Shard.TabletControl.newBuilder()
                        .setTabletType(Topodata.TabletType.PRIMARY)
                        .addDeniedTables("t"))
                .build());
  }

  private static List<String> rows(MysqlConnection database) {
    return database.execute("select id from t order by id").rows().stream()
        .map(row -> row.text(0))
        .toList();
  }
}
