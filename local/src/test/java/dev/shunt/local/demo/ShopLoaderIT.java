package dev.shunt.local.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.shunt.embedded.DatabaseKind;
import dev.shunt.embedded.DatabaseServer;
import dev.shunt.embedded.DatabaseSettings;
import dev.shunt.local.Endpoints;
import dev.shunt.local.Layout;
import dev.shunt.local.LocalCluster;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.Password;
import dev.shunt.service.KafkaSettings;
import dev.shunt.topo.Topo;
import dev.shunt.topo.Topos;
import io.vitess.proto.Topodata;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vschema.Vschema;

/** A shop is loaded once, whatever became of it. */
class ShopLoaderIT {
  @TempDir static Path directory;
  private static DatabaseServer server;

  @TempDir Path topology;
  private Topo topo;
  private MysqlConnection commerce;
  private MysqlConnection customer;

  /** The databases and the topology of a cluster. */
  private record Parts(Topo topo, Map<String, MysqlEndpoint> databases) implements LocalCluster {
    @Override
    public Layout layout() {
      return Layout.SHOP;
    }

    @Override
    public KafkaSettings kafka() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Endpoints endpoints() {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean kill(String service, String instance) {
      return false;
    }

    @Override
    public void close() {}
  }

  @BeforeAll
  static void start() {
    server = DatabaseKind.MARIADB_11_4.start(DatabaseSettings.in(directory));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static MysqlEndpoint endpoint(String database) {
    return new MysqlEndpoint(
        server.host(), server.port(), server.user(), Password.of(server.password()), database);
  }

  @BeforeEach
  void makeDatabases() {
    topo = Topos.local(topology);
    topo.createCell("zone1", Topodata.CellInfo.newBuilder().setRoot("/vitess/zone1").build());
    topo.createKeyspace("customer", Topodata.Keyspace.getDefaultInstance());
    commerce = MysqlConnection.open(endpoint("mysql"));
    for (String database : new String[] {"commerce", "customer"}) {
      commerce.execute("drop database if exists " + database);
      commerce.execute("create database " + database);
    }
    commerce.execute("use commerce");
    customer = MysqlConnection.open(endpoint("customer"));
  }

  @AfterEach
  void close() {
    customer.close();
    commerce.close();
    topo.close();
  }

  private void load(long orders) {
    ShopLoader.load(cluster(), orders);
  }

  private LocalCluster cluster() {
    return new Parts(
        topo, Map.of("commerce/0", endpoint("commerce"), "customer/-80", endpoint("customer")));
  }

  private static long rows(MysqlConnection database, String table) {
    return database.execute("select count(*) from " + table).only().number(0);
  }

  @Test
  void leavesWhatWasToldOfSpreadingSince() {
    load(200);
    Vschema.Keyspace others =
        Vschema.Keyspace.newBuilder()
            .setSharded(true)
            .putVindexes("xx", Vschema.Vindex.newBuilder().setType("xxhash").build())
            .build();
    topo.saveVSchema("customer", others);

    load(200);

    assertThat(topo.vschema("customer").orElseThrow().value()).isEqualTo(others);
    assertThat(rows(commerce, "corder")).isEqualTo(200);
  }

  @Test
  void tellsHowToSpreadWhereNothingButTheShardingIsKnown() {
    topo.saveVSchema("customer", Vschema.Keyspace.newBuilder().setSharded(true).build());

    load(200);

    assertThat(topo.vschema("customer").orElseThrow().value()).isEqualTo(Shop.vschema());
  }

  @Test
  void loadsAnewWhatWasBrokenOff() {
    Shop.schema().forEach(commerce::execute);
    commerce.execute(new Shop(200).insert("corder", 0, 100));

    load(200);

    assertThat(rows(commerce, "corder")).isEqualTo(200);
    assertThat(rows(commerce, "customer")).isEqualTo(50);
    assertThat(rows(commerce, "product")).isEqualTo(10);
  }

  @Test
  void refusesWhereThereIsAnother() {
    load(200);

    assertThatIllegalStateException()
        .isThrownBy(() -> load(300))
        .withMessageContaining(
            "commerce/0 has a table corder already, with the comment 'of the shop with 200 orders'");
    assertThat(rows(commerce, "corder")).isEqualTo(200);
  }

  @Test
  void refusesWhereATableHasItsName() {
    commerce.execute("create table corder (a int)");

    assertThatIllegalStateException().isThrownBy(() -> load(200));
    assertThat(rows(commerce, "corder")).isZero();
  }

  @Test
  void leavesAShopThatWasMoved() {
    load(200);
    commerce.execute("rename table corder to customer.corder");

    load(200);

    assertThat(commerce.execute("show tables like 'corder'").rows()).isEmpty();
    assertThat(rows(customer, "corder")).isEqualTo(200);
  }

  @Test
  void endsBehindTheRowsThatItWritesWhenItIsInterrupted() {
    try {
      assertThatIllegalStateException()
          .isThrownBy(() ->
              ShopLoader.load(
                  cluster(),
                  new Shop(5000),
                  (table, rows, total) -> Thread.currentThread().interrupt()))
          .withMessageContaining("interrupted");
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(rows(commerce, "corder")).isEqualTo(1000);
  }
}
