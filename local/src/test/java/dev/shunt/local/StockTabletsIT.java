package dev.shunt.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.embedded.DatabaseServer;
import dev.shunt.embedded.DatabaseSettings;
import dev.shunt.embedded.MySqlServer;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.Password;
import dev.shunt.mysql.Row;
import dev.shunt.router.RouterConfig;
import dev.shunt.router.TrafficRouter;
import dev.shunt.schemas.DiffStatus;
import dev.shunt.schemas.Direction;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.service.Secret;
import dev.shunt.tablet.StreamingParts;
import dev.shunt.tablet.Tablet;
import dev.shunt.tablet.TabletConfig;
import dev.shunt.tabletclient.TabletClientConfig;
import dev.shunt.tabletclient.TabletClients;
import dev.shunt.topo.Topo;
import io.vitess.proto.Topodata;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import vschema.Vschema;

/**
 * The services beside stock vttablets, with stand-ins for them over real MySQL: a MoveTables is
 * created, copied, switched, reversed, switched again and completed, or cancelled, under a writer,
 * and nothing that it was told is lost.
 */
@TestInstance(Lifecycle.PER_CLASS)
class StockTabletsIT {
  private static final String CELL = "zone1";
  private static final List<Layout.Place> PLACES = Layout.SHOP.places();

  private final Map<Layout.Place, DatabaseServer> servers = new ConcurrentHashMap<>();
  private final TabletClients clients = TabletClients.grpc(TabletClientConfig.DEFAULT);
  private Bench bench;

  /** Whose tablets are stock. */
  enum Stock {
    ALL,
    SOURCE,
    TARGETS;

    boolean has(Layout.Place place) {
      return switch (this) {
        case ALL -> true;
        case SOURCE -> place.keyspace().equals("commerce");
        case TARGETS -> place.keyspace().equals("customer");
      };
    }
  }

  @BeforeAll
  void start(@TempDir Path directory) {
    Assumptions.assumeTrue(MySqlServer.isAvailableOrRequired(), MySqlServer.HINT);
    List<Runnable> starting = new ArrayList<>();
    for (Layout.Place place : PLACES) {
      starting.add(() -> {
        DatabaseServer server =
            MySqlServer.start(
                DatabaseSettings.in(directory.resolve("mysql-" + place.uid()))
                    .withServerId(place.uid())
                    .withBufferPool(128));
        servers.put(place, server);
      });
    }
    starting.add(
        () -> bench = new Bench(ClusterOptions.in(directory.resolve("services")).withoutTablets()));
    ParallelStart.run(starting);
    Topo topo = bench.cluster().topo();
    topo.createCell(CELL, Topodata.CellInfo.newBuilder().setRoot("/vitess/" + CELL).build());
  }

  @AfterAll
  void stop() {
    if (bench != null) {
      bench.close();
    }
    clients.close();
    servers.values().forEach(DatabaseServer::close);
  }

  private DatabaseServer server(Layout.Place place) {
    return Objects.requireNonNull(servers.get(place));
  }

  private MysqlConnection open(Layout.Place place) {
    DatabaseServer server = server(place);
    return MysqlConnection.open(
        new MysqlEndpoint(
            server.host(),
            server.port(),
            server.user(),
            Password.of(server.password()),
            place.database()));
  }

  /** The tablets of one move: all places served, by stand-ins or by our own. */
  private final class Tablets implements AutoCloseable {
    private final List<StockTablet> stock = new ArrayList<>();
    private final List<Tablet> ours = new ArrayList<>();

    Tablets(Stock which) {
      for (Layout.Place place : PLACES) {
        DatabaseServer server = server(place);
        TabletConfig config =
            TabletConfig.defaults(place.uid(), place.keyspace(), place.shard())
                .withCell(CELL)
                .withDatabase(place.database())
                .creatingDatabase()
                .withMysql(
                    server.host(), server.port(), server.user(), new Secret(server.password()));
        Topo topo = bench.cluster().topo();
        if (which.has(place)) {
          stock.add(new StockTablet(config, topo, clients));
        } else {
          Tablet tablet =
              new Tablet(config, topo, new StreamingParts(clients, Duration.ofSeconds(1)));
          tablet.start();
          ours.add(tablet);
        }
      }
      Vschema.Keyspace.Builder vschema =
          Vschema.Keyspace.newBuilder()
              .setSharded(true)
              .putVindexes("hash", Vschema.Vindex.newBuilder().setType("hash").build());
      for (String table : CountedItems.TABLES) {
        vschema.putTables(
            table,
            Vschema.Table.newBuilder()
                .addColumnVindexes(
                    Vschema.ColumnVindex.newBuilder().setName("hash").addColumns("id"))
                .build());
      }
      bench.cluster().topo().saveVSchema("customer", vschema.build());
      bench.cluster().topo().rebuildSrvVSchema(List.of());
    }

    int followed() {
      return stock.stream().mapToInt(StockTablet::followed).sum();
    }

    @Override
    public void close() {
      stock.forEach(StockTablet::close);
      ours.forEach(Tablet::close);
    }
  }

  @ParameterizedTest
  @EnumSource(Stock.class)
  void movesTablesThereAndBackUnderAWriter(Stock which) throws Exception {
    WorkflowKey move = new WorkflowKey("customer", "move_" + which.name().toLowerCase(Locale.ROOT));
    try (Tablets tablets = new Tablets(which);
        TrafficRouter router =
            new TrafficRouter(bench.cluster().topo(), clients, RouterConfig.of(CELL))) {
      try (MysqlConnection source = open(PLACES.getFirst())) {
        CountedItems.create(source);
      }
      assertThat(router.awaitKeyspace("customer", Bench.PATIENCE)).isTrue();
      CountedItems items = new CountedItems(router);
      items.start();

      bench.succeed(Asking.create(move, "commerce", CountedItems.TABLES.toArray(String[]::new)));
      bench.awaitRunning(move);
      diff(move);
      for (Direction way : List.of(Direction.FORWARD, Direction.BACKWARD, Direction.FORWARD)) {
        items.awaitMore(20);
        bench.succeed(Asking.switchTraffic(move, way));
        items.awaitMore(20);
      }
      items.naming("customer");
      bench.succeed(Asking.complete(move));
      items.awaitMore(20);
      items.stop();

      assertThat(items.failures()).isEmpty();
      assertThat(stored(List.of(PLACES.get(1), PLACES.get(2)))).isEqualTo(items.counted());
      assertThat(streams()).isEmpty();
      assertThat(tablets.followed()).as("streams that ran when the journal was written").isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(Stock.class)
  void cancelsAMoveWhoseTrafficWasSwitchedBack(Stock which) throws Exception {
    WorkflowKey move =
        new WorkflowKey("customer", "cancel_" + which.name().toLowerCase(Locale.ROOT));
    try (Tablets tablets = new Tablets(which)) {
      try (MysqlConnection source = open(PLACES.getFirst())) {
        CountedItems.create(source);
      }
      bench.succeed(Asking.create(move, "commerce", CountedItems.TABLES.toArray(String[]::new)));
      bench.awaitRunning(move);
      bench.succeed(Asking.switchTraffic(move, Direction.FORWARD));
      bench.succeed(Asking.switchTraffic(move, Direction.BACKWARD));
      bench.succeed(Asking.cancel(move));

      assertThat(streams()).isEmpty();
      assertThat(bench.cluster().topo().routingRules().value().getRulesList()).isEmpty();
      assertThat(tables(PLACES.get(1))).isEmpty();
      assertThat(tables(PLACES.get(0))).containsExactlyInAnyOrderElementsOf(CountedItems.TABLES);
      assertThat(tablets.followed()).isZero();
    }
  }

  private void diff(WorkflowKey move) {
    bench.succeed(Asking.diff(move));
    assertThat(
            bench
                .workflows()
                .await(
                    move,
                    status ->
                        status.isPresent()
                            && !status.get().diffs().isEmpty()
                            && status.get().inFlightDiffs().isEmpty(),
                    Bench.PATIENCE))
        .as("a diff ends: %s", bench.workflows().get(move))
        .isTrue();
    DiffStatus diff = bench.workflows().get(move).orElseThrow().diffs().getLast();
    assertThat(diff.tables())
        .isNotEmpty()
        .allSatisfy(table ->
            assertThat(table.mismatchedRows() + table.extraRowsSource() + table.extraRowsTarget())
                .isZero());
  }

  /** What stands in the databases: how often each item was counted. */
  private Map<Long, Long> stored(List<Layout.Place> places) {
    Map<Long, Long> stored = new TreeMap<>();
    for (Layout.Place place : places) {
      try (MysqlConnection database = open(place)) {
        for (Row row : database.execute("select id, n from item").rows()) {
          assertThat(stored.put(row.number(0), row.number(1)))
              .as("item %d is in one shard only", row.number(0))
              .isNull();
        }
      }
    }
    return stored;
  }

  private List<String> streams() {
    List<String> streams = new ArrayList<>();
    for (Layout.Place place : PLACES) {
      try (MysqlConnection database = open(place)) {
        database
            .execute("select workflow from _vt.vreplication")
            .rows()
            .forEach(row -> streams.add(place.name() + " " + row.text(0)));
      }
    }
    return streams;
  }

  private List<String> tables(Layout.Place place) {
    try (MysqlConnection database = open(place)) {
      return database.execute("show tables").rows().stream().map(row -> row.text(0)).toList();
    }
  }

  @AfterEach
  void dropTables() {
    for (Layout.Place place : PLACES) {
      for (String table : tables(place)) {
        try (MysqlConnection database = open(place)) {
          database.execute("drop table " + table);
        }
      }
    }
  }
}
