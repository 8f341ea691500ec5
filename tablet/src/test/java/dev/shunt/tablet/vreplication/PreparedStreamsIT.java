package dev.shunt.tablet.vreplication;

import static dev.shunt.tablet.vreplication.StreamingCluster.rows;
import static dev.shunt.tablet.vreplication.StreamingCluster.rule;
import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.embedded.DatabaseKind;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.tablet.vstreamer.TestDatabase;
import java.nio.file.Path;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Streams begin, and go on with a copy, while transactions of the source are prepared. */
class PreparedStreamsIT {
  @TempDir Path directory;

  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  private StreamingCluster cluster(DatabaseKind kind) {
    StreamingCluster cluster = new StreamingCluster(directory.resolve("topo"), kind, kind);
    for (TestDatabase database : List.of(cluster.source, cluster.target)) {
      database.run(
          "CREATE TABLE t1 (id INT PRIMARY KEY, v VARCHAR(9))",
          "CREATE TABLE t2 (id INT PRIMARY KEY, v VARCHAR(9))");
    }
    cluster.source.run("INSERT INTO t1 VALUES (1,'a'), (2,'b')", "INSERT INTO t2 SELECT * FROM t1");
    return cluster;
  }

  private static int stream(StreamingCluster cluster, String state) {
    return cluster.stream(
        cluster.binlogSource(rule("t1", "select * from t1"), rule("t2", "select * from t2")),
        state);
  }

  private static String id(StreamingCluster cluster) {
    return "'xa_" + cluster.source.name() + "'";
  }

  /** Prepares changes of a table, as a client that dies behind it does. */
  private static void prepare(StreamingCluster cluster, String table) {
    cluster.source.runAndDie(
        "XA START " + id(cluster),
        "INSERT INTO " + table + " VALUES (100,'p')",
        "UPDATE " + table + " SET v='changed' WHERE id=2",
        "XA END " + id(cluster),
        "XA PREPARE " + id(cluster));
  }

  private static void end(StreamingCluster cluster, String how) {
    cluster.source.run("XA " + how + " " + id(cluster));
  }

  /** How often anybody has looked for prepared transactions of the source. */
  private static long looks(StreamingCluster cluster) {
    try (MysqlConnection connection = cluster.source.connect()) {
      return connection.execute("SHOW GLOBAL STATUS LIKE 'Com_xa_recover'").only().number(1);
    }
  }

  private static void assertSame(StreamingCluster cluster, int id, String changed) {
    cluster.awaitState(id, "Running");
    cluster.awaitCaughtUp(id);
    assertThat(rows(cluster.target, changed)).contains("'100','p',", "'2','changed',");
    for (String table : List.of("t1", "t2")) {
      assertThat(rows(cluster.target, table)).isEqualTo(rows(cluster.source, table));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"MARIADB_11_4", "MYSQL"})
  void endWithTheIdsOfThoseThatStayPrepared(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      prepare(cluster, "t1");
      int id = stream(cluster, "Init");
      try {
        cluster.awaitState(id, "Error");
        assertThat(cluster.column(id, "message"))
            .contains("XA COMMIT or XA ROLLBACK and start again: " + id(cluster));
        assertThat(rows(cluster.target, "t1")).isEmpty();
        assertThat(rows(cluster.target, "t2")).isEmpty();
      } finally {
        end(cluster, "COMMIT");
      }
      cluster.source.run("INSERT INTO t1 VALUES (101,'after')");

      cluster.goOn(id);

      assertSame(cluster, id, "t1");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void waitForThoseOfTablesThatAreYetToBeCopied(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = stream(cluster, "Stopped");
      cluster.target.run("INSERT INTO t1 VALUES (1,'a')");
      cluster.cutOff(id, "t1", "id", 1);
      cluster.target.run(
          "INSERT INTO _vt.copy_state (vrepl_id, table_name) VALUES (" + id + ", 't2')");
      prepare(cluster, "t2");
      long looked = looks(cluster);
      cluster.goOn(id);
      try {
        Awaitility.await().until(() -> looks(cluster) > looked + 3);
        assertThat(cluster.column(id, "state")).isEqualTo("Copying");
        assertThat(rows(cluster.target, "t2")).isEmpty();
      } finally {
        end(cluster, "COMMIT");
      }
      cluster.source.run("INSERT INTO t2 VALUES (101,'after')");

      assertSame(cluster, id, "t2");
    }
  }

  /** Their rows are in the log, where only what is committed with them may be taken from. */
  @ParameterizedTest
  @MethodSource("kinds")
  void endAtThoseOfATableThatIsPartlyCopied(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = stream(cluster, "Stopped");
      cluster.target.run("INSERT INTO t1 VALUES (1,'a')");
      cluster.cutOff(id, "t1", "id", 1);
      prepare(cluster, "t1");
      try {
        cluster.goOn(id);
        cluster.awaitState(id, "Error");
        assertThat(cluster.column(id, "message")).contains("XA PREPARE");
        assertThat(rows(cluster.target, "t1")).containsExactly("'1','a',");
      } finally {
        end(cluster, "COMMIT");
      }
    }
  }
}
