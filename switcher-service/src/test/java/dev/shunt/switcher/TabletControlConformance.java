package dev.shunt.switcher;

import dev.shunt.cluster.Cluster;
import dev.shunt.embedded.DatabaseKind;
import dev.shunt.embedded.DatabaseServer;
import dev.shunt.embedded.DatabaseSettings;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.Password;
import dev.shunt.saga.fake.ControlConformance;
import dev.shunt.service.Secret;
import dev.shunt.tablet.StreamingParts;
import dev.shunt.tablet.Tablet;
import dev.shunt.tablet.TabletConfig;
import dev.shunt.tabletclient.TabletClientConfig;
import dev.shunt.tabletclient.TabletClients;
import dev.shunt.time.Time;
import dev.shunt.topo.Topo;
import dev.shunt.topo.Topos;
import io.vitess.proto.Topodata;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** Two tablets of ours on one server keep the promises on which commands build. */
@TestInstance(Lifecycle.PER_CLASS)
abstract class TabletControlConformance extends ControlConformance {
  private final DatabaseKind kind;
  private final List<Runnable> parts = new ArrayList<>();
  private DatabaseServer server;
  private Cluster cluster;

  TabletControlConformance(DatabaseKind kind) {
    this.kind = kind;
  }

  @BeforeAll
  void start(@TempDir Path folder) {
    Assumptions.assumeTrue(kind.isAvailableOrRequired(), kind.hint());
    server = kind.start(DatabaseSettings.in(folder.resolve("database")).withServerId(1));
    parts.add(server::close);
    Topo topo = Topos.local(folder.resolve("topo"));
    parts.add(topo::close);
    topo.createCell("zone1", Topodata.CellInfo.newBuilder().setRoot("/zone1").build());
    TabletClients clients = TabletClients.grpc(TabletClientConfig.DEFAULT);
    parts.add(clients::close);
    startTablet(100, "commerce", topo, clients);
    startTablet(200, "customer", topo, clients);
    cluster = new Cluster(topo, clients, Time.system());
  }

  private void startTablet(int uid, String keyspace, Topo topo, TabletClients clients) {
    TabletConfig config =
        TabletConfig.defaults(uid, keyspace, "0")
            .withDatabase(keyspace)
            .creatingDatabase()
            .withMysql(server.host(), server.port(), server.user(), new Secret(server.password()));
    Tablet tablet = new Tablet(config, topo, new StreamingParts(clients, Duration.ofMillis(200)));
    tablet.start();
    parts.add(tablet::close);
    execute("create table %s.t (id int not null auto_increment primary key)".formatted(keyspace));
  }

  private void execute(String sql) {
    MysqlEndpoint endpoint =
        new MysqlEndpoint(
            server.host(), server.port(), server.user(), Password.of(server.password()), null);
    try (MysqlConnection connection = MysqlConnection.open(endpoint)) {
      connection.execute(sql);
    }
  }

  @AfterAll
  void stop() {
    parts.reversed().forEach(Runnable::run);
  }

  /** With empty tables, as streams are to copy into such. */
  @Override
  protected Cluster cluster() {
    execute("truncate table commerce.t");
    execute("truncate table customer.t");
    return cluster;
  }

  @Override
  protected void write() {
    execute("insert into commerce.t values (default)");
  }
}
