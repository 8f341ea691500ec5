package dev.shunt.cli.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.shunt.cli.Shunt;
import dev.shunt.embedded.DatabaseKind;
import dev.shunt.embedded.DatabaseServer;
import dev.shunt.embedded.DatabaseSettings;
import dev.shunt.embedded.EtcdServer;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.Password;
import dev.shunt.service.Secret;
import dev.shunt.tablet.StreamingParts;
import dev.shunt.tablet.Tablet;
import dev.shunt.tablet.TabletConfig;
import dev.shunt.tabletclient.TabletClientConfig;
import dev.shunt.tabletclient.TabletClients;
import dev.shunt.topo.Topo;
import dev.shunt.topo.Topos;
import io.vitess.proto.Topodata;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code shunt up --no-tablets}: all services in one process, beside tablets that are there. */
class NoTabletsIT {
  private static final String CELL = "zone1";

  @TempDir Path directory;

  private record Run(int exitCode, String out, String err) {}

  private static Run run(String... words) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line =
        Shunt.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return new Run(line.execute(words), out.toString(), err.toString());
  }

  @Test
  void isRefusedWithoutAnEtcd() {
    Path folder = directory.resolve("none");

    Run run = run("up", "--no-tablets", "--data-dir", folder.toString());

    assertThat(run.exitCode()).isOne();
    assertThat(run.err())
        .isEqualToIgnoringNewLines(
            "Error: --no-tablets needs --etcd: where the topology of your tablets is");
    assertThat(folder).doesNotExist();
  }

  @Test
  void movesATableBetweenTabletsOfAClusterThatIsThere() throws Exception {
    Assumptions.assumeTrue(EtcdServer.isAvailableOrRequired(), EtcdServer.HINT);
    try (EtcdServer etcd = EtcdServer.start(directory.resolve("etcd"), 0);
        DatabaseServer server =
            DatabaseKind.MARIADB_11_4.start(DatabaseSettings.in(directory.resolve("server")));
        Topo topo = Topos.etcd(etcd.endpoint(), "/vitess/global");
        TabletClients clients = TabletClients.grpc(TabletClientConfig.DEFAULT)) {
      topo.createCell(
          CELL,
          Topodata.CellInfo.newBuilder()
              .setServerAddress(etcd.endpoint())
              .setRoot("/vitess/" + CELL)
              .build());
      try (MysqlConnection root = open(server, null)) {
        root.execute("CREATE DATABASE vt_shop");
        root.execute("CREATE DATABASE vt_archive");
      }
      try (Tablet shop = tablet(100, "shop", server, topo, clients);
          Tablet archive = tablet(200, "archive", server, topo, clients);
          MysqlConnection database = open(server, "vt_shop")) {
        assertThat(List.of(shop.grpcPort(), archive.grpcPort())).doesNotHaveDuplicates();
        database.execute("CREATE TABLE vt_shop.t (id BIGINT PRIMARY KEY)");
        database.execute("INSERT INTO vt_shop.t VALUES (1), (2)");
        try (UpProcess up =
            new UpProcess(
                directory,
                List.of(
                    "--no-tablets",
                    "--etcd",
                    "127.0.0.1:" + etcd.port(),
                    "--data-dir",
                    directory.resolve("up").toString()))) {
          JsonNode endpoints = up.endpoints();
          assertThat(endpoints.path("tablets")).as("%s", endpoints).isEmpty();
          assertThat(endpoints.path("mysql")).as("%s", endpoints).isEmpty();
          String at = "--server=" + endpoints.path("vtctld").asText();

          Run tablets = run(at, "gettablets");
          assertThat(tablets.out().lines())
              .hasSize(2)
              .anyMatch(tablet -> tablet.startsWith("zone1-0000000100 shop 0 primary "))
              .anyMatch(tablet -> tablet.startsWith("zone1-0000000200 archive 0 primary "));
          Run created =
              run(
                  at,
                  "movetables",
                  "--workflow",
                  "m",
                  "--target-keyspace",
                  "archive",
                  "create",
                  "--source-keyspace",
                  "shop",
                  "--tables",
                  "t",
                  "--tablet-types",
                  "PRIMARY");
          assertThat(created.exitCode()).as(created.out() + created.err()).isZero();
          await()
              .atMost(Duration.ofSeconds(60))
              .untilAsserted(() ->
                  assertThat(run(at, "getworkflows", "archive").out())
                      .contains("\"name\": \"m\"", "\"state\": \"Running\""));
          await()
              .atMost(Duration.ofSeconds(30))
              .until(() -> database.execute("SELECT id FROM vt_archive.t").rows().size() == 2);
          try (Stream<Path> files = Files.list(directory.resolve("up"))) {
            assertThat(files.map(file -> file.getFileName().toString()))
                .noneMatch(name -> name.startsWith("mysql") || name.equals("topo"));
          }
        }
      }
    }
  }

  private static Tablet tablet(
      int uid, String keyspace, DatabaseServer server, Topo topo, TabletClients clients) {
    Tablet tablet =
        new Tablet(
            TabletConfig.defaults(uid, keyspace, "0")
                .withCell(CELL)
                .withDatabase("vt_" + keyspace)
                .withMysql(
                    server.host(), server.port(), server.user(), new Secret(server.password())),
            topo,
            new StreamingParts(clients, Duration.ofSeconds(1)));
    tablet.start();
    return tablet;
  }

  private static MysqlConnection open(DatabaseServer server, @Nullable String database) {
    return MysqlConnection.open(
        new MysqlEndpoint(
            server.host(), server.port(), server.user(), Password.of(server.password()), database));
  }
}
