package dev.shunt.tablet.vreplication;

import static dev.shunt.tablet.vreplication.StreamingCluster.rows;
import static dev.shunt.tablet.vreplication.StreamingCluster.rule;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import binlogdata.Binlogdata;
import dev.shunt.embedded.DatabaseKind;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.Positions;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.Tablet;
import dev.shunt.tablet.database.StoredPosition;
import dev.shunt.tablet.vstreamer.ReplicaServer;
import dev.shunt.tablet.vstreamer.TestDatabase;
import dev.shunt.tabletclient.EventPacket;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.tabletclient.TabletStream;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A tablet whose database is behind the stream takes its place as the source. */
class LaggingSourceIT {
  private static final int REPLICA_UID = 101;
  private static final int ROWS = 32_768;

  @TempDir Path directory;

  private static void fill(StreamingCluster cluster) {
    for (TestDatabase database : List.of(cluster.source, cluster.target)) {
      database.run(
          "CREATE TABLE t (id INT PRIMARY KEY, v INT, pad CHAR(200))",
          "CREATE TABLE u (id INT PRIMARY KEY, v INT, pad CHAR(200))");
    }
    cluster.source.run("INSERT INTO t VALUES (0, 0, 'p')");
    for (int count = 1; count < ROWS; count *= 2) {
      cluster.source.run("INSERT INTO t SELECT id + " + count + ", v, REPEAT('p', 199) FROM t");
    }
    cluster.source.run("INSERT INTO u SELECT * FROM t", "ANALYZE TABLE t, u");
  }

  /** Whoever else follows from where the stream is. */
  private static void follow(StreamingCluster cluster, int id) throws InterruptedException {
    TabletClient replica = cluster.sourceClient(REPLICA_UID);
    String position = StoredPosition.read(cluster.column(id, "pos").getBytes(ISO_8859_1));
    try (TabletStream<EventPacket> events =
        replica.vStream(
            Binlogdata.VStreamRequest.newBuilder()
                .setTarget(replica.target())
                .setPosition(position)
                .setFilter(cluster.binlogSource(rule("t", "")).getFilter())
                .build())) {
      while (events.hasNext()) {
        var unused = events.next();
      }
    }
  }

  private static void stopsAtAPositionOnlyOnceItIsThere(
      ReplicaServer servers, StreamingCluster cluster, int id) {
    servers.stopApplying();
    cluster.source.run("INSERT INTO t VALUES (900001, 9, 'to be had')");
    String end = cluster.sourcePosition().encoded();
    cluster.source.run("INSERT INTO t VALUES (900002, 9, 'behind the end')");
    cluster.update(id, "state='Stopped'");
    cluster.update(id, "stop_pos=" + SqlText.literal(end) + ", state='Running'");
    assertThatThrownBy(() -> await(cluster, id, end))
        .isInstanceOfSatisfying(
            TabletException.class,
            e -> assertThat(e.code()).isEqualTo(Status.Code.DEADLINE_EXCEEDED));
    assertThat(cluster.column(id, "state")).isEqualTo("Running");

    servers.goOnApplying();

    cluster.awaitState(id, "Stopped");
    assertThat(cluster.column(id, "message")).contains(end);
    assertThat(rows(cluster.target, "t WHERE id > 900000"))
        .containsExactly("'900001','9','to be had',");
  }

  private static void await(StreamingCluster cluster, int id, String position) {
    cluster
        .targetClient()
        .withDeadline(Duration.ofMillis(1500))
        .vReplicationWaitForPos(id, position);
  }

  /** As the streams of the way back do, which copy nothing. */
  private static void beginsAtAPositionOnlyOnceItIsThere(
      ReplicaServer servers, StreamingCluster cluster) {
    servers.stopApplying();
    int id = cluster.stream(cluster.binlogSource(rule("t", "select * from t")), "Stopped");
    cluster.source.run("INSERT INTO t VALUES (900003, 9, 'before the start')");
    cluster.target.run(
        "UPDATE _vt.vreplication SET tablet_types='in_order:REPLICA', pos="
            + SqlText.literal(cluster.sourcePosition().encoded())
            + " WHERE id="
            + id);
    cluster.update(id, "state='Running'");
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () -> assertThat(cluster.column(id, "message")).contains("is behind the stream"));
    cluster.source.run("INSERT INTO t VALUES (900004, 9, 'behind the start')");

    servers.goOnApplying();

    cluster.awaitCaughtUp(id);
    assertThat(rows(cluster.target, "t WHERE id > 900000"))
        .containsExactly("'900001','9','to be had',", "'900004','9','behind the start',");
  }

  @ParameterizedTest
  @EnumSource(names = {"MARIADB_11_4", "MYSQL"})
  void isNotCopiedFromUntilItHasWhatTheStreamHas(DatabaseKind kind) throws Exception {
    try (ReplicaServer servers = ReplicaServer.start(kind, directory)) {
      TestDatabase source = TestDatabase.on(servers.source());
      try (StreamingCluster cluster =
          new StreamingCluster(
              directory.resolve("topo"), source, TestDatabase.target(kind), 20_000)) {
        fill(cluster);
        servers.awaitCaughtUp();
        TestDatabase copy = TestDatabase.existing(servers.replica().withDatabase(source.name()));
        Tablet replica = cluster.startSourceReplica(REPLICA_UID, copy);
        servers.stopApplying();
        source.run(
            "UPDATE t SET v = 1 WHERE id % 10 = 1",
            "UPDATE u SET v = 1 WHERE id % 10 = 1",
            "DELETE FROM t WHERE id % 10 = 2",
            "DELETE FROM u WHERE id % 10 = 2",
            "INSERT INTO t VALUES (900000, 9, 'new')",
            "INSERT INTO u VALUES (900000, 9, 'new')");
        int id;
        try (MysqlConnection blocking = cluster.target.connect()) {
          blocking.execute("BEGIN");
          blocking.execute("INSERT INTO t VALUES (" + (ROWS - 1) + ", 0, 'in the way')");
          id =
              cluster.stream(
                  cluster.binlogSource(rule("t", "select * from t"), rule("u", "select * from u")));
          cluster.awaitRowsCopied(id, 1);
          cluster.update(id, "state='Stopped'");
          assertThat(Long.parseLong(cluster.column(id, "rows_copied"))).isLessThan(2 * ROWS);
          blocking.execute("ROLLBACK");
        }

        cluster.update(id, "tablet_types='in_order:REPLICA', state='Copying'");
        Awaitility.await()
            .atMost(Duration.ofSeconds(60))
            .untilAsserted(
                () -> assertThat(cluster.column(id, "message")).contains("is behind the stream"));
        assertThat(cluster.column(id, "state")).isEqualTo("Copying");
        assertThatThrownBy(() -> follow(cluster, id)).hasMessageContaining("behind the reader");
        servers.goOnApplying();

        cluster.awaitState(id, "Running");
        cluster.awaitCaughtUp(id);
        assertThat(rows(cluster.target, "t")).isEqualTo(rows(source, "t"));
        assertThat(rows(cluster.target, "u")).isEqualTo(rows(source, "u"));
        stopsAtAPositionOnlyOnceItIsThere(servers, cluster, id);
        beginsAtAPositionOnlyOnceItIsThere(servers, cluster);
        try (MysqlConnection connection = copy.connect()) {
          assertThat(cluster.sourcePosition().atLeast(Positions.current(connection)))
              .as("the tablet added nothing to its replica")
              .isTrue();
        }
        replica.close();
      }
    }
  }
}
