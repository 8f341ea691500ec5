package dev.shunt.tablet.vreplication;

import static dev.shunt.tablet.vreplication.StreamingCluster.rows;
import static dev.shunt.tablet.vreplication.StreamingCluster.rule;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.shunt.embedded.DatabaseKind;
import dev.shunt.mysql.MysqlConnection;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Sources that log less than full row images. */
class PartialImagesIT {
  private static final String TABLE =
      "CREATE TABLE t (id INT PRIMARY KEY, v INT DEFAULT 3, note TEXT, body BLOB,"
          + " changed TIMESTAMP NOT NULL DEFAULT '2001-02-03 04:05:06'"
          + " ON UPDATE CURRENT_TIMESTAMP)";

  @TempDir Path directory;

  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  private StreamingCluster cluster(DatabaseKind kind, String from, String to) {
    StreamingCluster cluster = new StreamingCluster(directory.resolve("topo"), kind, kind);
    cluster.source.run(from);
    cluster.target.run(to);
    return cluster;
  }

  private static int running(StreamingCluster cluster, String query) {
    int id = cluster.stream(cluster.binlogSource(rule("t", query)));
    cluster.awaitState(id, "Running");
    return id;
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void leaveWhatTheyDoNotHoldAsItIs(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind, TABLE, TABLE)) {
      cluster.source.run(
          "INSERT INTO t (id, v, note, body) VALUES (1, 1, 'a', 'b'), (2, 2, '', '')");
      int id = running(cluster, "select * from t");
      cluster.target.run("UPDATE t SET note = 'of the target', changed = changed WHERE id < 3");

      cluster.source.run(
          "SET SESSION binlog_row_image = NOBLOB",
          "UPDATE t SET v = 10, changed = changed WHERE id = 1",
          "INSERT INTO t (id, v) VALUES (3, 3)",
          "SET SESSION binlog_row_image = MINIMAL",
          "UPDATE t SET body = 'c', changed = changed WHERE id = 2",
          "UPDATE t SET id = 22, changed = changed WHERE id = 2",
          "INSERT INTO t (id, body) VALUES (4, 'd'), (5, 'e')",
          "DELETE FROM t WHERE id = 5");
      cluster.awaitCaughtUp(id);

      String time = "'2001-02-03 04:05:06',";
      assertThat(rows(cluster.target, "t"))
          .containsExactly(
              "'1','10','of the target','b'," + time,
              "'22','2','of the target','c'," + time,
              "'3','3',NULL,NULL," + time,
              "'4','3',NULL,'d'," + time);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void takeWhatALenientSourceTook(DatabaseKind kind) {
    String table = "CREATE TABLE t (id INT PRIMARY KEY, v INT NOT NULL, note TEXT NOT NULL)";
    try (StreamingCluster cluster = cluster(kind, table, table)) {
      int id = running(cluster, "select * from t");
      cluster.source.run(
          "SET SESSION binlog_row_image = MINIMAL", "INSERT INTO t (id, note) VALUES (1, 'a')");
      cluster.source.run("SET SESSION binlog_row_image = NOBLOB", "INSERT INTO t (id) VALUES (2)");
      cluster.awaitCaughtUp(id);
      assertThat(rows(cluster.target, "t")).containsExactly("'1','0','a',", "'2','0','',");
    }
  }

  /** A server may set the bits behind those of the columns. */
  @ParameterizedTest
  @MethodSource("kinds")
  void areReadBehindOneThatFillsAByte(DatabaseKind kind) {
    String table =
        "CREATE TABLE t (id INT PRIMARY KEY, note TEXT, a INT, b INT, c INT, d INT, e INT, f INT,"
            + " g INT)";
    try (StreamingCluster cluster = cluster(kind, table, table)) {
      cluster.source.run("INSERT INTO t VALUES (1, 'x', 1, 2, 3, 4, 5, 6, 7)");
      int id = running(cluster, "select * from t");
      cluster.source.run("SET SESSION binlog_row_image = NOBLOB", "UPDATE t SET g = 8");
      cluster.source.run("SET SESSION binlog_row_image = NOBLOB", "UPDATE t SET note = 'y'");
      cluster.awaitCaughtUp(id);
      assertThat(rows(cluster.target, "t")).containsExactly("'1','y','1','2','3','4','5','6','8',");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void endAStreamWhoseTargetHasAnotherKey(DatabaseKind kind) {
    String source = "CREATE TABLE t (id INT PRIMARY KEY, code INT NOT NULL, v INT)";
    String target = "CREATE TABLE t (id INT, code INT PRIMARY KEY, v INT)";
    try (StreamingCluster cluster = cluster(kind, source, target)) {
      cluster.source.run("INSERT INTO t VALUES (1, 10, 100)");
      int id = running(cluster, "select * from t");
      cluster.source.run("SET SESSION binlog_row_image = MINIMAL", "UPDATE t SET v = 101");
      cluster.awaitState(id, "Error");
      assertThat(cluster.column(id, "message")).contains("lack column code of the target's key");
      assertThat(rows(cluster.target, "t")).containsExactly("'1','10','100',");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void endAStreamWhoseFilterNeedsMore(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind, TABLE, TABLE)) {
      cluster.source.run("INSERT INTO t (id, v) VALUES (1, 1), (2, 2)");
      int id = running(cluster, "select * from t where v = 1");
      cluster.source.run("SET SESSION binlog_row_image = MINIMAL", "UPDATE t SET body = 'x'");
      cluster.awaitState(id, "Error");
      assertThat(cluster.column(id, "message")).contains("filter of table t needs column v");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void endAStreamWithoutAKeyToFindRowsBy(DatabaseKind kind) {
    try (StreamingCluster cluster =
        cluster(
            kind, "CREATE TABLE t (id INT PRIMARY KEY, v INT)", "CREATE TABLE t (id INT, v INT)")) {
      cluster.source.run("INSERT INTO t VALUES (1, 1), (2, 2)");
      int id = running(cluster, "select * from t");
      cluster.source.run("SET SESSION binlog_row_image = MINIMAL", "DELETE FROM t WHERE id = 1");
      cluster.awaitState(id, "Error");
      assertThat(cluster.column(id, "message")).contains("no unique key");
    }
  }

  @Test
  void changesOfJsonAreMadeOnTheTarget() {
    assumeTrue(DatabaseKind.MYSQL.isAvailableOrRequired());
    String table = "CREATE TABLE t (id INT PRIMARY KEY, j JSON, v INT, k JSON)";
    try (StreamingCluster cluster = cluster(DatabaseKind.MYSQL, table, table)) {
      try (MysqlConnection source = MysqlConnection.open(cluster.source.endpoint())) {
        String json =
            "{\"a\": \"a long enough text\", \"b\": [1, 2, 3], \"%s\": \"100 % of it's\"}";
        source.execute("INSERT INTO t VALUES (1, '" + json.replace("'", "''") + "', 1, '[1, 2]')");
        source.execute("INSERT INTO t SELECT 2, j, v, k FROM t");
        source.execute("INSERT INTO t SELECT 3, j, v, k FROM t WHERE id = 1");
        int id = running(cluster, "select * from t");
        cluster.target.run("UPDATE t SET j = JSON_SET(j, _utf8mb4'$.own', 1)");
        for (String image : List.of("FULL", "NOBLOB", "MINIMAL")) {
          int row = 1 + List.of("FULL", "NOBLOB", "MINIMAL").indexOf(image);
          String where = " WHERE id = " + row;
          source.execute("SET SESSION binlog_row_image = " + image);
          source.execute("SET SESSION binlog_row_value_options = PARTIAL_JSON");
          source.execute("UPDATE t SET j = JSON_REPLACE(j, '$.a', 'q''%s\\\\\"\\n')" + where);
          source.execute("UPDATE t SET k = JSON_ARRAY_INSERT(k, '$[1]', 7), v = 5" + where);
          source.execute(
              "UPDATE t SET j = JSON_REMOVE(JSON_SET(j, '$.b[3]', 4), '$.b[0]')" + where);
          source.execute("UPDATE t SET j = JSON_SET(j, '$.\"%s\"', CAST(1.5 AS DOUBLE))" + where);
          source.execute("UPDATE t SET k = NULL, j = JSON_SET(j, '$.z', NULL)" + where);
        }
        cluster.awaitCaughtUp(id);

        // The target's own change outlives only what is no whole value.
        assertThat(rows(cluster.target, "t")).allMatch(row -> row.contains("own"));
        cluster.target.run("UPDATE t SET j = JSON_REMOVE(j, _utf8mb4'$.own')");
        assertThat(rows(cluster.target, "t")).isEqualTo(rows(cluster.source, "t"));
      }
    }
  }
}
