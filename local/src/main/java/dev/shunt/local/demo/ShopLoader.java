package dev.shunt.local.demo;

import dev.shunt.local.Cluster;
import dev.shunt.local.Layout;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;

/** Puts the shop into the unsharded keyspace, and tells the sharded one how to spread it. */
public final class ShopLoader {
  static final String SOURCE = "commerce";
  static final String TARGET = "customer";
  private static final int BATCH = 1000;

  private ShopLoader() {}

  /** Whether a layout has the keyspaces that are filled and told how to spread. */
  public static boolean fits(Layout layout) {
    return layout.places().stream().anyMatch(place -> place.name().equals(SOURCE + "/0"))
        && layout.keyspaces().contains(TARGET);
  }

  /** Told how many rows of a table are loaded. */
  @FunctionalInterface
  interface Watcher {
    void loaded(String table, long rows, long total);
  }

  /**
   * Creates and fills the tables {@code customer}, {@code corder} and {@code product} of keyspace
   * {@code commerce}; does nothing when {@code commerce} has them.
   *
   * @param rows rows of the largest table, at least 100
   */
  public static void load(Cluster cluster, long rows) {
    load(cluster, new Shop(rows), (table, loaded, total) -> {});
  }

  /**
   * As {@link #load(Cluster, long)}, telling how far it is.
   *
   * @param terminal whether a person looks on: bars instead of lines
   */
  public static void load(Cluster cluster, long rows, PrintStream out, boolean terminal) {
    try (Progress progress = new Progress(out, terminal)) {
      progress.say("loading the shop into " + SOURCE);
      load(
          cluster,
          new Shop(rows),
          (table, loaded, total) -> progress.advance("loading " + table, loaded, total));
    }
  }

  static void load(Cluster cluster, Shop shop, Watcher watcher) {
    cluster.topo().saveVSchema(TARGET, Shop.vschema());
    cluster.topo().rebuildSrvVSchema(List.of());
    MysqlEndpoint database =
        Optional.ofNullable(cluster.databases().get(SOURCE + "/0"))
            .orElseThrow(() -> new IllegalStateException("the cluster has no " + SOURCE + "/0"));
    try (MysqlConnection connection = MysqlConnection.open(database)) {
      if (!connection.execute("show tables like 'corder'").rows().isEmpty()) {
        return;
      }
      Shop.schema().forEach(connection::execute);
      for (String table : Shop.TABLES) {
        long total = shop.rows(table);
        for (long from = 0; from < total; from += BATCH) {
          long to = Math.min(total, from + BATCH);
          connection.execute(shop.insert(table, from, to));
          watcher.loaded(table, to, total);
        }
      }
    }
  }
}
