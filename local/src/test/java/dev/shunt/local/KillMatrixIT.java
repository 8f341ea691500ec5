package dev.shunt.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shunt.embedded.DatabaseServer;
import dev.shunt.embedded.DatabaseSettings;
import dev.shunt.embedded.Engine;
import dev.shunt.embedded.EtcdServer;
import dev.shunt.embedded.MySqlServer;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.Password;
import dev.shunt.mysql.Row;
import dev.shunt.tabletclient.TabletClientConfig;
import dev.shunt.tabletclient.TabletClients;
import dev.shunt.topo.Topo;
import dev.shunt.topo.Topos;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Either tablet and either database die by SIGKILL at random moments of the copy, of catching up
 * and of running, while the source is written to: the tables end equal, no row of a table without a
 * key comes twice, and what a copy had finished is not copied again. A few kills; 50 of them with
 * -Pfull.
 */
class KillMatrixIT {
  private static final Logger log = LoggerFactory.getLogger(KillMatrixIT.class);
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final boolean FULL = Boolean.getBoolean("test.full");
  private static final int KILLS = FULL ? 50 : 8;
  private static final int KILLS_OF_A_COPY = 5;
  private static final int KILLS_OF_A_RUN = 3;
  private static final List<String> TABLES = List.of("big", "counted", "noted");
  private static final int BIG_ROWS = 120_000;
  private static final int NOTED_ROWS = 40_000;

  private final long seed = Long.getLong("test.seed", System.nanoTime());
  private final Random random = new Random(seed);

  @TempDir Path directory;

  private enum Victim {
    SOURCE_TABLET,
    TARGET_TABLET,
    SOURCE_DATABASE,
    TARGET_DATABASE
  }

  /** Where a stream is. */
  private record Progress(String state, String message, long rowsCopied, long copying) {
    boolean runs() {
      return state.equals("Running") && copying == 0;
    }
  }

  /** All that can be killed. */
  private record Parts(
      DatabaseServer source, DatabaseServer target, TabletChild from, TabletChild to) {
    void kill(Victim victim) {
      switch (victim) {
        case SOURCE_TABLET -> from.kill();
        case TARGET_TABLET -> to.kill();
        case SOURCE_DATABASE -> source.kill();
        case TARGET_DATABASE -> target.kill();
      }
    }

    void revive(Victim victim) throws IOException {
      switch (victim) {
        case SOURCE_TABLET -> from.start();
        case TARGET_TABLET -> to.start();
        case SOURCE_DATABASE -> source.start();
        case TARGET_DATABASE -> target.start();
      }
    }
  }

  /** What dies are processes; with -Pfull beside both databases. */
  static List<Engine> engines() {
    return Boolean.getBoolean("test.full") ? List.of(Engine.values()) : List.of(Engine.MARIADB);
  }

  @ParameterizedTest
  @MethodSource("engines")
  void everyPartMayDieAtAnyMoment(Engine engine) throws Exception {
    Assumptions.assumeTrue(EtcdServer.isAvailableOrRequired(), EtcdServer.HINT);
    if (engine == Engine.MYSQL) {
      Assumptions.assumeTrue(MySqlServer.isAvailableOrRequired(), MySqlServer.HINT);
    }
    log.atInfo().addKeyValue("seed", seed).addKeyValue("kills", KILLS).log("kill matrix");
    try (EtcdServer etcd = EtcdServer.start(directory.resolve("etcd"), 0);
        DatabaseServer source = database(engine, 100);
        DatabaseServer target = database(engine, 200);
        Topo topo = Topos.etcd(etcd.endpoint(), "/vitess/global");
        TabletClients clients = TabletClients.grpc(TabletClientConfig.DEFAULT)) {
      TabletChild.prepare(topo, etcd.endpoint());
      try (TabletChild from = tablet(etcd, 100, "commerce", source);
          TabletChild to = tablet(etcd, 200, "archive", target)) {
        fill(source);
        Parts parts = new Parts(source, target, from, to);
        List<Victim> victims = new ArrayList<>();
        while (victims.size() < KILLS) {
          List<Victim> each = new ArrayList<>(Arrays.asList(Victim.values()));
          Collections.shuffle(each, random);
          victims.addAll(each);
        }
        victims.subList(KILLS, victims.size()).clear();
        while (!victims.isEmpty()) {
          move(parts, topo, clients, victims);
        }
      }
    }
  }

  /**
   * One stream from its beginning to equal tables; takes the victims that it kills off the list.
   */
  private void move(Parts parts, Topo topo, TabletClients clients, List<Victim> victims)
      throws Exception {
    createTables(parts);
    long before = rows(parts.source());
    ShopWriter writer = new ShopWriter(() -> open(parts.source(), "vt_commerce"), BIG_ROWS);
    try {
      clients.of(topo.primary("archive", "0").orElseThrow()).vReplicationExec(stream());
      long copied = 0;
      for (int i = 0; i < KILLS_OF_A_COPY && !victims.isEmpty(); i++) {
        Progress now = awaitCopied(parts, copied + random.nextLong(before / KILLS_OF_A_COPY));
        if (now.runs()) {
          break;
        }
        assertThat(now.rowsCopied()).as("seed %d", seed).isGreaterThanOrEqualTo(copied);
        copied = now.rowsCopied();
        killOne(parts, victims.removeLast(), now);
      }
      Progress running = awaitRunning(parts);
      long writtenMeanwhile = writer.begunWithNewRows();
      for (int i = 0; i < KILLS_OF_A_RUN && !victims.isEmpty(); i++) {
        TimeUnit.MILLISECONDS.sleep(random.nextInt(1500));
        killOne(parts, victims.removeLast(), running);
      }
      writer.stop();
      assertThat(writer.done()).as("changes while parts died").isPositive();
      awaitEqual(parts);
      assertThat(running.rowsCopied())
          .as("every row copied once and nothing again, seed %d", seed)
          .isBetween(before, before + writtenMeanwhile);
    } finally {
      writer.stop();
    }
    clients
        .of(topo.primary("archive", "0").orElseThrow())
        .vReplicationExec("delete from _vt.vreplication where workflow = 'kill'");
  }

  private void killOne(Parts parts, Victim victim, Progress at) throws Exception {
    parts.kill(victim);
    log.atInfo()
        .addKeyValue("victim", victim)
        .addKeyValue("state", at.state())
        .addKeyValue("rowsCopied", at.rowsCopied())
        .log("killed");
    TimeUnit.MILLISECONDS.sleep(random.nextInt(600));
    parts.revive(victim);
  }

  private DatabaseServer database(Engine engine, int id) {
    return engine.start(
        DatabaseSettings.in(directory.resolve("mysql-" + id)).withServerId(id).withBufferPool(128));
  }

  private TabletChild tablet(EtcdServer etcd, int uid, String keyspace, DatabaseServer database)
      throws IOException {
    return new TabletChild(
        etcd.endpoint(), uid, keyspace, database.port(), directory.resolve(keyspace + ".log"));
  }

  private static MysqlConnection open(DatabaseServer server, String database) {
    return MysqlConnection.open(
        new MysqlEndpoint(
            server.host(), server.port(), server.user(), Password.of(server.password()), database));
  }

  /** Wide rows, so that the tables make several chunks each. */
  private static void fill(DatabaseServer server) {
    try (MysqlConnection source = open(server, "vt_commerce")) {
      source.execute(
          "create table big (id bigint primary key, v varchar(400), n int, key n_of_big (n))");
      source.execute("create table counted (id int auto_increment primary key, c int)");
      source.execute("create table noted (n bigint, note varchar(400))");
      insert(source, "big", BIG_ROWS, "concat(repeat('x', 200), i), i % 97");
      insert(source, "noted", NOTED_ROWS, "repeat('y', 300)");
    }
  }

  private static void insert(MysqlConnection source, String table, int rows, String columns) {
    source.execute(
        "insert into "
            + table
            + " with recursive d as (select 0 as x union all select x + 1 from d where x < 99)"
            + " select i, "
            + columns
            + " from (select a.x + 100 * b.x + 10000 * c.x + 1 as i from d a, d b, d c where c.x < "
            + rows / 10_000
            + ") s");
  }

  private static void createTables(Parts parts) {
    try (MysqlConnection source = open(parts.source(), "vt_commerce");
        MysqlConnection target = open(parts.target(), "vt_archive")) {
      for (String table : TABLES) {
        target.execute("drop table if exists " + table);
        target.execute(source.execute("show create table " + table).only().text(1));
      }
    }
  }

  private static String stream() {
    StringBuilder rules = new StringBuilder();
    for (String table : TABLES) {
      rules.append(" rules:{match:\"%s\" filter:\"select * from %s\"}".formatted(table, table));
    }
    return "insert into _vt.vreplication (workflow, source, pos, max_tps, max_replication_lag,"
        + " cell, tablet_types, time_updated, transaction_timestamp, state, db_name,"
        + " workflow_type, workflow_sub_type, defer_secondary_keys, options) values ('kill',"
        + " 'keyspace:\"commerce\" shard:\"0\" filter:{"
        + rules
        + "}', '', 9223372036854775807, 9223372036854775807,"
        + " 'zone1', 'PRIMARY', 0, 0, 'Init', 'vt_archive', 1, 0, 1, '{}')";
  }

  private static long rows(DatabaseServer server) {
    try (MysqlConnection source = open(server, "vt_commerce")) {
      return TABLES.stream()
          .mapToLong(table -> source.execute("select count(*) from " + table).only().number(0))
          .sum();
    }
  }

  private Progress progress(Parts parts) {
    return await()
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> read(parts), Optional::isPresent)
        .orElseThrow();
  }

  private Optional<Progress> read(Parts parts) {
    try (MysqlConnection target = open(parts.target(), "vt_archive")) {
      Row row =
          target
              .execute(
                  "select state, coalesce(message, ''), rows_copied, (select count(*) from _vt.copy_state)"
                      + " from _vt.vreplication")
              .only();
      Progress now = new Progress(row.text(0), row.text(1), row.number(2), row.number(3));
      assertThat(now.state()).as("%s, seed %d", now.message(), seed).isNotEqualTo("Error");
      return Optional.of(now);
    } catch (MysqlException e) {
      return Optional.empty(); // it is just coming back
    }
  }

  /** Waits until so many rows are copied, and a moment more. */
  private Progress awaitCopied(Parts parts, long rows) throws InterruptedException {
    await()
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(10))
        .until(() -> progress(parts), now -> now.runs() || now.rowsCopied() >= rows);
    TimeUnit.MILLISECONDS.sleep(random.nextInt(200));
    return progress(parts);
  }

  private Progress awaitRunning(Parts parts) {
    return await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(100))
        .until(() -> progress(parts), Progress::runs);
  }

  private void awaitEqual(Parts parts) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(200))
        .ignoreException(MysqlException.class)
        .untilAsserted(() -> {
          assertThat(contents(parts.target(), "vt_archive"))
              .as("seed %d, %s", seed, progress(parts))
              .isEqualTo(contents(parts.source(), "vt_commerce"));
        });
  }

  private static List<String> contents(DatabaseServer server, String database) {
    List<String> contents = new ArrayList<>();
    try (MysqlConnection connection = open(server, database)) {
      for (String table : TABLES) {
        String rows = connection.execute("select count(*) from " + table).only().text(0);
        String sum = connection.execute("checksum table " + table + " extended").only().text(1);
        contents.add(table + " " + rows + " " + sum);
      }
    }
    return contents;
  }
}
