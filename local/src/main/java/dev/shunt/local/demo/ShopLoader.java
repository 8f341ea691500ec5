package dev.shunt.local.demo;

import dev.shunt.local.Layout;
import dev.shunt.local.LocalCluster;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.SqlText;
import dev.shunt.topo.Topo;
import dev.shunt.topo.Versioned;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import vschema.Vschema;

/** Puts the shop into the unsharded keyspace, and sets how the sharded one spreads it. */
public final class ShopLoader {
  static final String SOURCE = "commerce";
  static final String TARGET = "customer";

  /** The fewest rows of the largest table. */
  public static final long LEAST_ROWS = Shop.LEAST_ORDERS;

  private static final String PLACE = SOURCE + "/0";
  private static final int BATCH = 1000;

  private ShopLoader() {}

  /** Whether a layout has the keyspaces that are filled and spread. */
  public static boolean fits(Layout layout) {
    return layout.places().stream().anyMatch(place -> place.name().equals(PLACE))
        && layout.keyspaces().contains(TARGET);
  }

  /** Learns how many rows of a table are loaded. */
  @FunctionalInterface
  interface Watcher {
    void loaded(String table, long rows, long total);
  }

  /**
   * Creates and fills the tables {@code customer}, {@code corder} and {@code product} of keyspace
   * {@code commerce}, and sets how keyspace {@code customer} spreads them, unless it spreads
   * something already. Once: does nothing when the shop is there, be it moved to {@code customer}
   * since. One that was broken off is loaded anew.
   *
   * @param rows rows of the largest table, at least {@link #LEAST_ROWS}
   * @throws IllegalStateException when there is a table {@code corder} that is not of this shop, or
   *     the thread is interrupted
   */
  public static void load(LocalCluster cluster, long rows) {
    load(cluster, new Shop(rows), (table, loaded, total) -> {});
  }

  /**
   * As {@link #load(LocalCluster, long)}, reporting how far it is.
   *
   * @param terminal whether a person looks on: bars instead of lines
   */
  public static void load(LocalCluster cluster, long rows, PrintStream out, boolean terminal) {
    try (DemoProgress progress = new DemoProgress(out, terminal)) {
      progress.say("loading the shop into " + SOURCE);
      load(
          cluster,
          new Shop(rows),
          (table, loaded, total) -> progress.advance("loading " + table, loaded, total));
    }
  }

  static void load(LocalCluster cluster, Shop shop, Watcher watcher) {
    saveSharding(cluster.topo());
    MysqlEndpoint database =
        Optional.ofNullable(cluster.databases().get(PLACE))
            .orElseThrow(() -> new IllegalStateException("the cluster has no " + PLACE));
    if (isLoaded(cluster, shop)) {
      return;
    }
    try (MysqlConnection connection = MysqlConnection.open(database)) {
      dropUnfinished(connection);
      fill(connection, shop, watcher);
    }
  }

  /** Creates and fills the tables in an empty database. */
  static void fill(MysqlConnection connection, Shop shop, Watcher watcher) {
    Shop.schema().forEach(connection::execute);
    for (String table : Shop.TABLES) {
      fill(connection, shop, table, watcher);
    }
    connection.execute("alter table corder comment = " + SqlText.literal(shop.finished()));
  }

  private static void saveSharding(Topo topo) {
    Vschema.Keyspace known =
        topo.vschema(TARGET).map(Versioned::value).orElse(Vschema.Keyspace.getDefaultInstance());
    if (known.getTablesCount() == 0 && known.getVindexesCount() == 0) {
      topo.saveVSchema(TARGET, Shop.vschema());
      topo.rebuildSrvVSchema(List.of());
    }
  }

  /** Looks at the shop where it was loaded and where it may have been moved to. */
  private static boolean isLoaded(LocalCluster cluster, Shop shop) {
    for (Map.Entry<String, MysqlEndpoint> place : new TreeMap<>(cluster.databases()).entrySet()) {
      if (!place.getKey().equals(PLACE) && !place.getKey().startsWith(TARGET + "/")) {
        continue;
      }
      try (MysqlConnection connection = MysqlConnection.open(place.getValue())) {
        Optional<String> comment = comment(connection, "corder");
        if (comment.isPresent() && !comment.get().equals(Shop.UNFINISHED)) {
          if (!comment.get().equals(shop.finished())) {
            throw new IllegalStateException(
                ("%s has a table corder already, with the comment '%s', not '%s'. Leave --shop out"
                        + " to keep it, or drop customer, corder and product first")
                    .formatted(place.getKey(), comment.get(), shop.finished()));
          }
          return true;
        }
      }
    }
    return false;
  }

  /** Comment of a table of the connection's database; empty when there is no such table. */
  private static Optional<String> comment(MysqlConnection connection, String table) {
    return connection
        .execute(
            "select table_comment from information_schema.tables where table_schema = database()"
                + " and table_name = "
                + SqlText.literal(table))
        .rows()
        .stream()
        .map(row -> row.text(0))
        .findFirst();
  }

  /** Only where corder says that they are: without it they may be in use, and corder elsewhere. */
  private static void dropUnfinished(MysqlConnection connection) {
    boolean unfinished = comment(connection, "corder").isPresent();
    for (String table :
        Shop.TABLES.reversed()) { // corder last, as its comment speaks for the others
      boolean ours = comment(connection, table).orElse("").startsWith(Shop.COMMENT);
      if (ours && !unfinished) {
        throw new IllegalStateException(
            ("%s has a table %s of the shop but no corder, which may have been moved to another"
                    + " keyspace. Leave --shop out to keep it, or drop it first")
                .formatted(PLACE, table));
      }
      if (ours) {
        connection.execute("drop table " + table);
      }
    }
  }

  private static void fill(MysqlConnection connection, Shop shop, String table, Watcher watcher) {
    long total = shop.rows(table);
    for (long from = 0; from < total; from += BATCH) {
      if (Thread.currentThread().isInterrupted()) {
        throw new IllegalStateException("interrupted while the shop was loaded");
      }
      long to = Math.min(total, from + BATCH);
      connection.execute(shop.insert(table, from, to));
      watcher.loaded(table, to, total);
    }
  }
}
