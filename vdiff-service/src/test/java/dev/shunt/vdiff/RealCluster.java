package dev.shunt.vdiff;

import static org.awaitility.Awaitility.await;

import binlogdata.Binlogdata.VReplicationWorkflowState;
import dev.shunt.cluster.Cluster;
import dev.shunt.embedded.DatabaseKind;
import dev.shunt.embedded.DatabaseServer;
import dev.shunt.embedded.DatabaseSettings;
import dev.shunt.embedded.Engine;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.Password;
import dev.shunt.mysql.Positions;
import dev.shunt.service.Secret;
import dev.shunt.tablet.StreamingParts;
import dev.shunt.tablet.Tablet;
import dev.shunt.tablet.TabletConfig;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.tabletclient.TabletClientConfig;
import dev.shunt.tabletclient.TabletClients;
import dev.shunt.time.Time;
import dev.shunt.topo.Topo;
import dev.shunt.topo.Topos;
import io.vitess.proto.Topodata;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import vschema.Vschema;

/** Keyspaces commerce/0 and customer/-80, 80- on two real servers, with tablets in this JVM. */
final class RealCluster implements AutoCloseable {
  final Topo topo;
  final TabletClients clients = TabletClients.grpc(TabletClientConfig.DEFAULT);
  private final List<Runnable> parts = new ArrayList<>();
  private final Map<String, MysqlEndpoint> databases = new LinkedHashMap<>();
  private final Map<String, TabletConfig> configs = new ConcurrentHashMap<>();
  private final Map<String, Tablet> tablets = new ConcurrentHashMap<>();

  private final DatabaseServer first;

  RealCluster(Path folder, DatabaseKind kind) {
    this(folder, kind, UnaryOperator.identity());
  }

  /**
   * @param configure changes the settings of both servers
   */
  RealCluster(Path folder, DatabaseKind kind, UnaryOperator<DatabaseSettings> configure) {
    topo = Topos.local(folder.resolve("topo"));
    topo.createCell("zone1", Topodata.CellInfo.newBuilder().setRoot("/zone1").build());
    first = server(configure.apply(DatabaseSettings.in(folder.resolve("a")).withServerId(1)), kind);
    DatabaseServer second =
        server(configure.apply(DatabaseSettings.in(folder.resolve("b")).withServerId(2)), kind);
    tablet(100, "commerce", "0", "commerce", first);
    tablet(200, "customer", "-80", "customer_low", first);
    tablet(300, "customer", "80-", "customer_high", second);
    shardByHash("orders", "id");
  }

  /** Shards one table of customer. */
  void shardByHash(String table, String column) {
    shardByHash(Map.of(table, column));
  }

  /** Shards tables of customer, each by a column. */
  void shardByHash(Map<String, String> tables) {
    topo.saveVSchema("customer", byHash(tables));
    topo.rebuildSrvVSchema(List.of());
  }

  /** Adds a replica of commerce/0, with a tablet. */
  MysqlEndpoint startReplica(Path folder, DatabaseKind kind) {
    DatabaseServer server = server(DatabaseSettings.in(folder).withServerId(3), kind);
    MysqlEndpoint replica = endpoint(server);
    boolean mysql = kind.engine() == Engine.MYSQL;
    String follow =
        mysql
            ? "CHANGE REPLICATION SOURCE TO SOURCE_HOST = '%s', SOURCE_PORT = %d, SOURCE_USER ="
                + " '%s', SOURCE_PASSWORD = '%s', SOURCE_AUTO_POSITION = 1, GET_SOURCE_PUBLIC_KEY"
                + " = 1, SOURCE_CONNECT_RETRY = 1"
            : "CHANGE MASTER TO MASTER_HOST = '%s', MASTER_PORT = %d, MASTER_USER = '%s',"
                + " MASTER_PASSWORD = '%s', MASTER_USE_GTID = slave_pos, MASTER_SSL = 0,"
                + " MASTER_SSL_VERIFY_SERVER_CERT = 0, MASTER_CONNECT_RETRY = 1";
    try (MysqlConnection connection = MysqlConnection.open(replica)) {
      connection.execute(
          follow.formatted(first.host(), first.port(), first.user(), first.password()));
      connection.execute(mysql ? "START REPLICA" : "START SLAVE");
      awaitCaughtUp(connection);
    }
    TabletConfig config =
        TabletConfig.defaults(101, "commerce", "0")
            .withDatabase("commerce")
            .withTabletType("replica")
            .withMysql(server.host(), server.port(), server.user(), new Secret(server.password()));
    Tablet tablet = new Tablet(config, topo, new StreamingParts(clients, Duration.ofMillis(200)));
    tablet.start();
    parts.add(tablet::close);
    return replica.withDatabase("commerce");
  }

  private void awaitCaughtUp(MysqlConnection replica) {
    try (MysqlConnection connection = connect("commerce/0")) {
      if (!Positions.waitFor(replica, Positions.current(connection), Duration.ofSeconds(60))) {
        throw new IllegalStateException("the replica does not catch up");
      }
    }
  }

  private static MysqlEndpoint endpoint(DatabaseServer server) {
    return new MysqlEndpoint(
        server.host(), server.port(), server.user(), Password.of(server.password()), null);
  }

  private DatabaseServer server(DatabaseSettings settings, DatabaseKind kind) {
    DatabaseServer server = kind.start(settings);
    parts.add(server::close);
    return server;
  }

  private void tablet(
      int uid, String keyspace, String shard, String database, DatabaseServer server) {
    TabletConfig config =
        TabletConfig.defaults(uid, keyspace, shard)
            .withDatabase(database)
            .creatingDatabase()
            .withMysql(server.host(), server.port(), server.user(), new Secret(server.password()));
    configs.put(keyspace + "/" + shard, config);
    startTablet(keyspace + "/" + shard);
    parts.add(() -> stopTablet(keyspace + "/" + shard));
    databases.put(keyspace + "/" + shard, endpoint(server).withDatabase(database));
  }

  /** Starts the tablet of a shard. */
  void startTablet(String shard) {
    TabletConfig config = configs.get(shard);
    if (config == null) {
      throw new IllegalArgumentException(shard);
    }
    Tablet tablet = new Tablet(config, topo, new StreamingParts(clients, Duration.ofMillis(200)));
    tablet.start();
    tablets.put(shard, tablet);
  }

  /** Stops the tablet of a shard, if it runs. */
  void stopTablet(String shard) {
    Tablet tablet = tablets.remove(shard);
    if (tablet != null) {
      tablet.close();
    }
  }

  private static Vschema.Keyspace byHash(Map<String, String> tables) {
    Vschema.Keyspace.Builder keyspace =
        Vschema.Keyspace.newBuilder()
            .setSharded(true)
            .putVindexes("hash", Vschema.Vindex.newBuilder().setType("hash").build());
    tables.forEach((table, column) ->
        keyspace.putTables(
            table,
            Vschema.Table.newBuilder()
                .addColumnVindexes(
                    Vschema.ColumnVindex.newBuilder().setColumn(column).setName("hash"))
                .build()));
    return keyspace.build();
  }

  Cluster cluster() {
    return new Cluster(topo, clients, Time.system());
  }

  TabletClient client(String keyspace, String shard) {
    return clients.of(topo.primary(keyspace, shard).orElseThrow());
  }

  /** A connection to a shard's database that goes past its tablet. */
  MysqlConnection connect(String shard) {
    MysqlEndpoint endpoint = databases.get(shard);
    if (endpoint == null) {
      throw new IllegalArgumentException(shard);
    }
    return MysqlConnection.open(endpoint);
  }

  /** Runs statements past the tablet. */
  void run(String shard, String... statements) {
    try (MysqlConnection connection = connect(shard)) {
      for (String statement : statements) {
        connection.execute(statement);
      }
    }
  }

  /** Streams are Running before they begin to copy, too: then they have no position yet. */
  void awaitCopied(String workflow) {
    await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(50))
        .until(() ->
            cluster().requireWorkflow("customer", workflow).streams().stream()
                .allMatch(stream ->
                    stream.stream().getState() == VReplicationWorkflowState.Running
                        && !stream.stream().getPos().isEmpty()));
  }

  /** The one number that a query gives, read past the tablet. */
  long number(String shard, String query) {
    try (MysqlConnection connection = connect(shard)) {
      return connection.execute(query).only().number(0);
    }
  }

  @Override
  public void close() {
    parts.reversed().forEach(Runnable::run);
    clients.close();
    topo.close();
  }
}
