package dev.shunt.tablet.vreplication;

import static dev.shunt.tablet.vreplication.StreamingCluster.rows;
import static dev.shunt.tablet.vreplication.StreamingCluster.rule;
import static org.assertj.core.api.Assertions.assertThat;

import binlogdata.Binlogdata.OnDDLAction;
import dev.shunt.embedded.DatabaseKind;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.tablet.LongSuites;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Others hold locks on the target for long: the stream says what it waits for, and goes on. */
class TargetLocksIT {
  private static final Duration SHOWN = Duration.ofSeconds(45);

  @TempDir Path directory;

  static List<DatabaseKind> kinds() {
    return LongSuites.kinds();
  }

  private StreamingCluster cluster(DatabaseKind kind) {
    StreamingCluster cluster = new StreamingCluster(directory.resolve("topo"), kind, kind);
    String table = "CREATE TABLE t (id INT PRIMARY KEY, v INT)";
    cluster.source.run(table, "INSERT INTO t VALUES (1,1), (2,2)");
    cluster.target.run(table);
    return cluster;
  }

  private static int running(StreamingCluster cluster, OnDDLAction action) {
    int id =
        cluster.stream(
            cluster.binlogSource(rule("t", "select * from t")).toBuilder()
                .setOnDdl(action)
                .build());
    cluster.awaitState(id, "Running");
    return id;
  }

  private static void awaitMessage(StreamingCluster cluster, int id, String... texts) {
    Awaitility.await()
        .atMost(SHOWN)
        .untilAsserted(() -> assertThat(cluster.column(id, "message")).contains(texts));
  }

  private static void awaitEqual(StreamingCluster cluster, int id) {
    cluster.awaitCaughtUp(id);
    assertThat(rows(cluster.target, "t")).isEqualTo(rows(cluster.source, "t"));
    assertThat(cluster.column(id, "message")).isEmpty();
    assertThat(cluster.column(id, "state")).isEqualTo("Running");
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void ofARowAreToldAndWaitedFor(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind);
        MysqlConnection holder = cluster.target.connect()) {
      int id = running(cluster, OnDDLAction.IGNORE);
      holder.execute("BEGIN");
      holder.execute("SELECT * FROM t WHERE id = 1 FOR UPDATE");
      cluster.source.run("UPDATE t SET v = v + 10", "INSERT INTO t VALUES (3,3)");
      awaitMessage(cluster, id, "changes can't be made to table t", "Lock wait timeout");
      assertThat(cluster.column(id, "state")).isEqualTo("Running");
      holder.execute("ROLLBACK");
      awaitEqual(cluster, id);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void ofATableAreToldAndWaitedFor(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind);
        MysqlConnection holder = cluster.target.connect()) {
      int id = running(cluster, OnDDLAction.IGNORE);
      cluster.source.run("UPDATE t SET v = v + 1");
      cluster.awaitCaughtUp(id);
      holder.execute("LOCK TABLES t WRITE");
      cluster.source.run("UPDATE t SET v = v + 10");
      awaitMessage(cluster, id, "changes can't be made to table t", "Lock wait timeout");
      holder.execute("UNLOCK TABLES");
      awaitEqual(cluster, id);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void thatKeepATableFromBeingChangedAreToldAndWaitedFor(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind);
        MysqlConnection reader = cluster.target.connect()) {
      int id = running(cluster, OnDDLAction.EXEC);
      reader.execute("BEGIN");
      reader.execute("SELECT * FROM t");
      cluster.source.run("ALTER TABLE t ADD w INT", "INSERT INTO t VALUES (3,3,3)");
      awaitMessage(cluster, id, "ALTER TABLE t ADD w INT", "Waiting for table metadata lock");
      reader.execute("COMMIT");
      awaitEqual(cluster, id);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void inTheWayOfACopyAreToldAndWaitedFor(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind);
        MysqlConnection holder = cluster.target.connect()) {
      holder.execute("BEGIN");
      holder.execute("SELECT * FROM t WHERE id < 100 FOR UPDATE"); // the gap
      int id = cluster.stream(cluster.binlogSource(rule("t", "select * from t")));
      awaitMessage(cluster, id, "rows can't be copied into table t", "Lock wait timeout");
      holder.execute("ROLLBACK");
      cluster.awaitState(id, "Running");
      awaitEqual(cluster, id);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void inTheWayOfACopyHoldUpNoStop(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind);
        MysqlConnection holder = cluster.target.connect();
        MysqlConnection looking = cluster.target.connect()) {
      holder.execute("BEGIN");
      holder.execute("SELECT * FROM t WHERE id < 100 FOR UPDATE"); // the gap
      int id = cluster.stream(cluster.binlogSource(rule("t", "select * from t")));
      Awaitility.await()
          .atMost(SHOWN)
          .until(() ->
              looking
                      .execute(
                          "SELECT COUNT(*) FROM information_schema.INNODB_TRX"
                              + " WHERE trx_state = 'LOCK WAIT'")
                      .only()
                      .number(0)
                  > 0);
      long began = System.nanoTime();
      cluster.stop(id);
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(8));

      holder.execute("ROLLBACK");
      cluster.goOn(id);
      cluster.awaitState(id, "Running");
      awaitEqual(cluster, id);
    }
  }
}
