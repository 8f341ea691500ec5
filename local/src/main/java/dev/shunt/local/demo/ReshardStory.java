package dev.shunt.local.demo;

import dev.shunt.local.Layout;
import dev.shunt.local.LocalCluster;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.schemas.Direction;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.tabletclient.TabletClientConfig;
import dev.shunt.tabletclient.TabletClients;
import dev.shunt.topo.Topo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import vschema.Vschema;

/**
 * The keyspace of the shop gets two shards in place of one, then four, three, and one again. Prices
 * follow those of another keyspace all the while, and another one again follows the orders, by
 * streams that know nothing of it.
 */
final class ReshardStory implements Story {
  private static final String KEYSPACE = ShopLoader.TARGET;
  private static final String PRICES = "commerce";
  private static final String REPORT = "report";
  private static final List<List<String>> SHARDS =
      List.of(
          List.of("0"),
          List.of("-80", "80-"),
          List.of("-40", "40-80", "80-c0", "c0-"),
          List.of("-55", "55-aa", "aa-"),
          List.of("-"));
  private static final List<String> NAMES = List.of("to_two", "to_four", "to_three", "to_one");
  private static final String FIRST = KEYSPACE + "/" + SHARDS.getFirst().getFirst();
  private static final String LAST = KEYSPACE + "/" + SHARDS.getLast().getFirst();

  /** How long streams of other workflows may take to run again. */
  private static final Duration FOLLOWING = Duration.ofMinutes(1);

  private static final Materialized RATES =
      new Materialized(
          "rates",
          new Materialized.Name(PRICES, "rate"),
          new Materialized.Name(KEYSPACE, "rate"),
          "select * from rate where in_keyrange(product_id, 'customer.hash', '-')",
          "product_id, cents");
  private static final Materialized SOLD =
      new Materialized(
          "sold",
          new Materialized.Name(KEYSPACE, "corder"),
          new Materialized.Name(REPORT, "sold"),
          "select order_id, customer_id, price from corder",
          "order_id, customer_id, price");

  private final Shop shop;
  private @Nullable Thread pricing;
  private volatile boolean open = true;
  private volatile @Nullable RuntimeException failure;

  ReshardStory(Shop shop) {
    this.shop = shop;
  }

  @Override
  public Layout layout() {
    List<Layout.Place> places = new ArrayList<>();
    int uid = 100;
    places.add(new Layout.Place(uid, PRICES, "0"));
    for (List<String> shards : SHARDS) {
      for (String shard : shards) {
        uid += 100;
        places.add(new Layout.Place(uid, KEYSPACE, shard));
      }
    }
    places.add(new Layout.Place(uid + 100, REPORT, "0"));
    return new Layout(Layout.SHOP.cell(), places);
  }

  @Override
  public String opensIn() {
    return KEYSPACE;
  }

  @Override
  public void prepare(LocalCluster cluster, DemoProgress progress) {
    progress.say("loading the shop into " + FIRST);
    if (cluster.topo().shard(KEYSPACE, SHARDS.getFirst().getFirst()).isEmpty()) {
      throw new IllegalStateException(
          "keyspace %s has other shards by now: begin in an empty folder".formatted(KEYSPACE));
    }
    Vschema.Keyspace sharding = Shop.vschema();
    cluster
        .topo()
        .saveVSchema(
            KEYSPACE,
            sharding.toBuilder().putTables("rate", sharding.getTablesOrThrow("product")).build());
    cluster.topo().rebuildSrvVSchema(List.of());
    String rate =
        "create table rate (product_id int unsigned not null primary key, cents bigint not null)";
    try (MysqlConnection connection = open(cluster, FIRST)) {
      ShopLoader.fill(
          connection,
          shop,
          (table, rows, total) -> progress.advance("loading " + table, rows, total));
      connection.execute(rate);
    }
    try (MysqlConnection connection = open(cluster, PRICES + "/0")) {
      connection.execute(rate);
      for (long first = 1; first <= shop.products(); first += 1000) {
        StringBuilder rows = new StringBuilder("insert into rate values ");
        for (long id = first; id < Math.min(first + 1000, shop.products() + 1); id++) {
          rows.append(id == first ? "" : ",").append("(%d,100)".formatted(id));
        }
        connection.execute(rows.toString());
      }
    }
    try (MysqlConnection connection = open(cluster, REPORT + "/0")) {
      connection.execute(
          "create table sold (order_id bigint unsigned not null primary key,"
              + " customer_id bigint unsigned not null, price decimal(10,2) not null)");
    }
  }

  private static MysqlConnection open(LocalCluster cluster, String place) {
    return MysqlConnection.open(Objects.requireNonNull(cluster.databases().get(place)));
  }

  @Override
  public void tell(Stage stage) throws InterruptedException {
    Topo topo = stage.cluster().topo();
    try (TabletClients tablets = TabletClients.grpc(TabletClientConfig.DEFAULT)) {
      stage.say("prices of keyspace commerce flow into the shop, its orders into report");
      String first = SHARDS.getFirst().getFirst();
      RATES.create(topo, tablets, "0", first);
      SOLD.create(topo, tablets, first, "0");
      pricing = Thread.ofVirtual().name("pricing").start(() -> price(stage.cluster()));
      awaitForeign(topo, tablets);
      for (int i = 0; i < NAMES.size(); i++) {
        reshard(stage, tablets, i);
      }
    } finally {
      open = false;
    }
    if (pricing != null) {
      pricing.join();
    }
  }

  private void reshard(Stage stage, TabletClients tablets, int step) throws InterruptedException {
    List<String> from = SHARDS.get(step);
    List<String> to = SHARDS.get(step + 1);
    WorkflowKey key = new WorkflowKey(KEYSPACE, NAMES.get(step));
    stage.say("creating workflow %s, which moves shards %s to %s".formatted(key, from, to));
    long began = System.nanoTime();
    stage.commands().run(DemoCommands.reshard(key, from, to), event -> {});
    List.of("workflow-state", "copy", "topo-watcher").forEach(stage::killOne);
    stage.awaitCopy(key, began, Shop.TABLES.stream().mapToLong(shop::rows).sum() + shop.products());
    stage.compare(key, "before it is switched");
    stage.killOne("command");
    switchAndAwait(stage, tablets, key, "switch to %d shard(s)", to, Direction.FORWARD);
    if (step == 0) {
      WorkflowKey back = new WorkflowKey(KEYSPACE, key.workflow() + "_reverse");
      stage.awaitStreams(back);
      stage.compare(back, "in the reverse direction");
      switchAndAwait(stage, tablets, key, "take it back to %d", from, Direction.BACKWARD);
      stage.awaitStreams(key);
      switchAndAwait(stage, tablets, key, "and again to %d", to, Direction.FORWARD);
    }
    stage.say("the workflow is completed; shards %s go".formatted(from));
    stage.commands().run(DemoCommands.complete(key), event -> {});
  }

  private static void switchAndAwait(
      Stage stage,
      TabletClients tablets,
      WorkflowKey key,
      String what,
      List<String> to,
      Direction way)
      throws InterruptedException {
    stage.switchAndMeasure(
        key,
        what.formatted(to.size()),
        way,
        Stage.ALL,
        event -> {
          var unused = stage.kill("switcher", event.header().by());
        });
    awaitForeign(stage.cluster().topo(), tablets);
  }

  private static void awaitForeign(Topo topo, TabletClients tablets) {
    RATES.awaitRunning(topo, tablets, FOLLOWING);
    SOLD.awaitRunning(topo, tablets, FOLLOWING);
  }

  /** Changes prices some hundred times a second. */
  private void price(LocalCluster cluster) {
    SplittableRandom random = new SplittableRandom(5);
    try (MysqlConnection connection = open(cluster, PRICES + "/0")) {
      while (open) {
        connection.execute(
            "update rate set cents = cents + 1 where product_id = "
                + (1 + random.nextLong(shop.products())));
        LockSupport.parkNanos(3_000_000);
      }
    } catch (RuntimeException e) { // whatever it is, the story is not told as it should be
      failure = e;
    }
  }

  @Override
  public List<String> close(Stage stage) {
    List<String> wrong = new ArrayList<>();
    if (failure != null) {
      wrong.add("prices could not be changed: " + failure.getMessage());
    }
    LocalCluster cluster = stage.cluster();
    try (TabletClients tablets = TabletClients.grpc(TabletClientConfig.DEFAULT)) {
      for (Materialized one : List.of(RATES, SOLD)) {
        if (!one.isEqual(cluster, tablets, FOLLOWING)) {
          wrong.add(
              "%s.%s differs from %s.%s, which it follows"
                  .formatted(
                      one.target().keyspace(),
                      one.target().table(),
                      one.source().keyspace(),
                      one.source().table()));
        }
        one.delete(cluster.topo(), tablets);
      }
    }
    return wrong;
  }

  @Override
  public List<MysqlEndpoint> databasesAtTheEnd(LocalCluster cluster) {
    return List.of(Objects.requireNonNull(cluster.databases().get(LAST)));
  }

  @Override
  public String moral() {
    return "One shard became two, four, three and one, and nothing was lost.";
  }
}
