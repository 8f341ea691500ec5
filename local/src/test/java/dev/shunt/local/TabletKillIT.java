package dev.shunt.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shunt.embedded.DatabaseSettings;
import dev.shunt.embedded.EtcdServer;
import dev.shunt.embedded.MariaDbServer;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.Password;
import dev.shunt.mysql.Row;
import dev.shunt.tablet.Tablet;
import dev.shunt.tabletclient.TabletClientConfig;
import dev.shunt.tabletclient.TabletClients;
import dev.shunt.topo.Topo;
import dev.shunt.topo.Topos;
import io.vitess.proto.Topodata;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The JVM of a target's tablet dies in the middle of a copy, twice, and the copy goes on. */
class TabletKillIT {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final int ROWS = 600_000;

  @TempDir Path directory;
  private TabletChild child;

  @AfterEach
  void endChild() {
    if (child != null) {
      child.close();
    }
  }

  @Test
  void theCopyGoesOnFromWhereItWas() throws Exception {
    Assumptions.assumeTrue(EtcdServer.isAvailableOrRequired(), EtcdServer.HINT);
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    try (EtcdServer etcd = EtcdServer.start(directory.resolve("etcd"), 0);
        MariaDbServer sourceServer = database(100);
        MariaDbServer targetServer = database(200);
        Topo topo = Topos.etcd(etcd.endpoint(), "/vitess/global");
        TabletClients clients = TabletClients.grpc(TabletClientConfig.DEFAULT)) {
      TabletChild.prepare(topo, etcd.endpoint());
      try (Tablet _ = TabletMain.start(etcd.endpoint(), 100, "commerce", "0", sourceServer.port());
          MysqlConnection source = open(sourceServer, "vt_commerce")) {
        fill(source);
        child =
            new TabletChild(
                etcd.endpoint(),
                200,
                "archive",
                targetServer.port(),
                directory.resolve("tablet.log"));
        try (MysqlConnection target = open(targetServer, "vt_archive");
            MysqlConnection half = open(targetServer, "vt_archive");
            MysqlConnection most = open(targetServer, "vt_archive")) {
          target.execute(source.execute("show create table big").only().text(1));
          holdUp(half, ROWS / 2);
          holdUp(most, ROWS * 9 / 10);
          Topodata.Tablet primary = topo.primary("archive", "0").orElseThrow();
          clients.of(primary).vReplicationExec(stream());
          long first = killAt(target, ROWS / 10 + random.nextInt(ROWS / 5), seed);
          source.execute("update big set v = 'changed meanwhile' where id % 1000 = 7");
          half.execute("rollback");
          child.start();
          long second = killAt(target, first + 1 + random.nextInt(ROWS / 5), seed);
          assertThat(second).as("seed %d", seed).isGreaterThan(first);
          most.execute("rollback");
          child.start();
          requireEnd(source, target, second, seed);
        }
      }
    }
  }

  private MariaDbServer database(int id) {
    return MariaDbServer.start(
        DatabaseSettings.in(directory.resolve("mysql-" + id)).withServerId(id).withBufferPool(128));
  }

  private static MysqlConnection open(MariaDbServer server, String database) {
    return MysqlConnection.open(
        new MysqlEndpoint(
            server.host(), server.port(), server.user(), Password.of(server.password()), database));
  }

  private static void fill(MysqlConnection source) {
    source.execute("create table big (id bigint primary key, v varchar(200), n int)");
    source.execute(
        "insert into big select seq, concat(repeat('x', 60), seq), seq % 97 from seq_1_to_" + ROWS);
  }

  /** Keeps the copy from coming past a row until the session rolls back. */
  private static void holdUp(MysqlConnection session, int id) {
    session.execute("begin");
    session.execute("insert into big values (" + id + ", 'in the way', 0)");
  }

  private static String stream() {
    return "insert into _vt.vreplication (workflow, source, pos, max_tps, max_replication_lag,"
        + " cell, tablet_types, time_updated, transaction_timestamp, state, db_name,"
        + " workflow_type, workflow_sub_type, defer_secondary_keys, options) values ('kill',"
        + " 'keyspace:\"commerce\" shard:\"0\" filter:{rules:{match:\"big\""
        + " filter:\"select * from big\"}}', '', 9223372036854775807, 9223372036854775807,"
        + " 'zone1', 'PRIMARY', 0, 0, 'Init', 'vt_archive', 1, 0, 0, '{}')";
  }

  /** Kills the tablet once so many rows are copied; returns how many were in the end. */
  private long killAt(MysqlConnection target, long rows, long seed) {
    long before = copied(target);
    await()
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(5))
        .until(() -> copied(target) >= rows);
    child.kill();
    // In one statement: the server may still be at the last packet that it got. Ids have no gaps,
    // so
    // as many rows as are copied have ids up to that number; changes of later rows may be there.
    Row row =
        target
            .execute(
                "select rows_copied, (select count(*) from big where id <= rows_copied), (select count(*) from"
                    + " _vt.copy_state) from _vt.vreplication")
            .only();
    long after = row.number(0);
    assertThat(after)
        .as("killed in the middle, seed %d", seed)
        .isGreaterThan(before)
        .isBetween(ROWS / 10L, ROWS * 9L / 10);
    assertThat(row.number(1)).as("rows and progress agree, seed %d", seed).isEqualTo(after);
    assertThat(row.number(2)).as("the copy is under way, seed %d", seed).isPositive();
    return after;
  }

  private static long copied(MysqlConnection target) {
    return target.execute("select rows_copied from _vt.vreplication").only().number(0);
  }

  private static void requireEnd(
      MysqlConnection source, MysqlConnection target, long before, long seed) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> {
          Row row =
              target
                  .execute(
                      "select rows_copied, state, (select count(*) from _vt.copy_state) from"
                          + " _vt.vreplication")
                  .only();
          assertThat(row.number(0)).as("seed %d", seed).isGreaterThanOrEqualTo(before);
          return row.text(1).equals("Running") && row.number(2) == 0;
        });
    assertThat(copied(target)).as("no row was copied again, seed %d", seed).isEqualTo(ROWS);
    String checksum = "checksum table big extended";
    String expected = source.execute(checksum).only().text(1);
    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(target.execute(checksum).only().text(1))
                .as("seed %d", seed)
                .isEqualTo(expected));
  }
}
