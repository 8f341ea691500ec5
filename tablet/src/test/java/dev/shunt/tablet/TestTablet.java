package dev.shunt.tablet;

import dev.shunt.embedded.DatabaseKind;
import dev.shunt.embedded.DatabaseServer;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.Password;
import dev.shunt.service.Secret;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.tabletclient.TabletClientConfig;
import dev.shunt.tabletclient.TabletClients;
import dev.shunt.topo.Topo;
import dev.shunt.topo.Topos;
import io.vitess.proto.Topodata;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/**
 * A tablet of the test's own, with a new database on a server that all tests of this JVM share, a
 * topology in files and parts that stream nothing.
 */
final class TestTablet implements AutoCloseable {
  private static final Map<DatabaseKind, DatabaseServer> SERVERS =
      new EnumMap<>(DatabaseKind.class);
  private static final AtomicInteger COUNT = new AtomicInteger();

  final FakeParts parts = new FakeParts();
  final Topo topo;
  final String keyspace;
  final TabletConfig config;
  private final TabletClients clients = TabletClients.grpc(TabletClientConfig.DEFAULT);
  private Tablet tablet;

  TestTablet(DatabaseKind kind, Path folder) {
    this(kind, folder, Duration.ofSeconds(30));
  }

  TestTablet(DatabaseKind kind, Path folder, Duration transactionTimeout) {
    this(kind, folder, transactionTimeout, topo -> topo);
  }

  /** One that sees something else in place of the topology. */
  TestTablet(
      DatabaseKind kind, Path folder, Duration transactionTimeout, UnaryOperator<Topo> sees) {
    DatabaseServer server = server(kind);
    int number = COUNT.incrementAndGet();
    keyspace = "ks" + number;
    topo = sees.apply(Topos.local(folder));
    topo.createCell("zone1", Topodata.CellInfo.newBuilder().setRoot("/vitess/zone1").build());
    config =
        TabletConfig.defaults(100 + number, keyspace, "0")
            .withDatabase("vt_ks" + number)
            .creatingDatabase()
            .withMysql(server.host(), server.port(), server.user(), new Secret(server.password()))
            .withTransactionTimeout(transactionTimeout);
    tablet = start();
  }

  private static DatabaseServer server(DatabaseKind kind) {
    synchronized (SERVERS) {
      return SERVERS.computeIfAbsent(kind, missing -> missing.startUntilExit(7));
    }
  }

  private Tablet start() {
    Tablet started = new Tablet(config, topo, parts);
    started.start();
    return started;
  }

  /** Ends the tablet. */
  void stop() {
    tablet.close();
  }

  /** Ends the tablet if it runs, and starts it again, on another port. */
  void restart() {
    tablet.close();
    tablet = start();
  }

  /** Another tablet of the shard, with a database of its own; to be closed before this. */
  Tablet startBeside(String type, FakeParts with) {
    Tablet beside =
        new Tablet(
            TabletConfig.defaults(config.uid() + 1000, keyspace, "0")
                .withDatabase(config.database() + "_beside")
                .creatingDatabase()
                .withMysql(
                    config.mysqlHost(),
                    config.mysqlPort(),
                    config.mysqlUser(),
                    config.mysqlPassword())
                .withTabletType(type),
            topo,
            with);
    beside.start();
    return beside;
  }

  TabletClient client() {
    return clients.of(record());
  }

  Topodata.Tablet record() {
    return topo.tablet(config.identity().alias()).orElseThrow().value();
  }

  int port() {
    return tablet.grpcPort();
  }

  /** A connection to the tablet's database that goes past the tablet. */
  MysqlConnection connect() {
    return MysqlConnection.open(
        new MysqlEndpoint(
            config.mysqlHost(),
            config.mysqlPort(),
            config.mysqlUser(),
            Password.of(config.mysqlPassword().reveal()),
            config.database()));
  }

  /** Runs statements past the tablet. */
  void run(String... statements) {
    try (MysqlConnection connection = connect()) {
      for (String statement : statements) {
        connection.execute(statement);
      }
    }
  }

  /** The first column of the first row, read past the tablet. */
  String value(String query) {
    try (MysqlConnection connection = connect()) {
      return connection.execute(query).only().text(0);
    }
  }

  /** Has the shard serve, or not; the tablet is not told. */
  void serving(boolean serves) {
    var unused =
        topo.updateShard(
            keyspace, "0", shard -> shard.toBuilder().setIsPrimaryServing(serves).build());
  }

  /** Denies tables to this tablet's type in the shard's record. */
  void deny(String... tables) {
    topo.updateShard(
        keyspace,
        "0",
        shard -> {
          Topodata.Shard.Builder changed = shard.toBuilder().clearTabletControls();
          if (tables.length > 0) {
            changed.addTabletControls(
                Topodata.Shard.TabletControl.newBuilder()
                    .setTabletType(Topodata.TabletType.PRIMARY)
                    .addAllDeniedTables(List.of(tables)));
          }
          return changed.build();
        });
  }

  @Override
  public void close() {
    clients.close();
    tablet.close();
    topo.close();
    try (MysqlConnection connection = connect()) {
      connection.execute("DELETE FROM _vt.vreplication");
      connection.execute("DELETE FROM _vt.vreplication_log");
      connection.execute("DROP DATABASE " + config.database());
      connection.execute("DROP DATABASE IF EXISTS " + config.database() + "_beside");
    }
  }
}
