package dev.shunt.tablet.vreplication;

import static dev.shunt.tablet.vreplication.StreamingCluster.rows;
import static dev.shunt.tablet.vreplication.StreamingCluster.rule;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.shunt.embedded.DatabaseKind;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.tablet.LongSuites;
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
    return LongSuites.kinds();
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

      if (kind == DatabaseKind.MYSQL) { // of a MariaDB these are refused
        cluster.source.run(
            "SET SESSION binlog_row_image = NOBLOB",
            "UPDATE t SET v = 10, changed = changed WHERE id = 1",
            "SET SESSION binlog_row_image = MINIMAL",
            "UPDATE t SET id = 22, changed = changed WHERE id = 2",
            "UPDATE t SET id = 2, changed = changed WHERE id = 22");
      }
      cluster.source.run(
          "SET SESSION binlog_row_image = MINIMAL",
          "UPDATE t SET v = 10, changed = changed WHERE id = 1",
          "UPDATE t SET body = 'c', changed = changed WHERE id = 2",
          "INSERT INTO t VALUES (4, 3, NULL, 'd', '2001-02-03 04:05:06')",
          "INSERT INTO t SELECT 5, v, note, body, changed FROM t WHERE id = 4",
          "DELETE FROM t WHERE id = 5");
      cluster.awaitCaughtUp(id);

      String time = "'2001-02-03 04:05:06',";
      assertThat(rows(cluster.target, "t"))
          .containsExactly(
              "'1','10','of the target','b'," + time,
              "'2','2','of the target','c'," + time,
              "'4','3',NULL,'d'," + time);
    }
  }

  /** What such a column took was the source's default of that time. */
  @ParameterizedTest
  @MethodSource("kinds")
  void endAStreamWhereTheyLeaveOutDefaults(DatabaseKind kind) {
    for (String column : List.of("v INT DEFAULT 3", "v INT", "v INT NOT NULL")) {
      String source = "CREATE TABLE t (id INT PRIMARY KEY, a INT, " + column + ")";
      String target = "CREATE TABLE t (id INT PRIMARY KEY, a INT, v INT DEFAULT 4)";
      try (StreamingCluster cluster = new StreamingCluster(directory.resolve(column), kind, kind)) {
        cluster.source.run(source);
        cluster.target.run(target);
        int id = running(cluster, "select * from t");
        cluster.source.run(
            "SET SESSION binlog_row_image = MINIMAL", "INSERT INTO t (id, a) VALUES (1, 1)");
        cluster.awaitState(id, "Error");
        assertThat(cluster.column(id, "message"))
            .contains("table t leaves out column v of a new row", "binlog_row_image=FULL");
        assertThat(rows(cluster.target, "t")).isEmpty();
      }
    }
  }

  /** Of a MariaDB it may be a default as well. */
  @ParameterizedTest
  @MethodSource("kinds")
  void leaveOutTextsThatAreNull(DatabaseKind kind) {
    String source =
        "CREATE TABLE t (id INT PRIMARY KEY, v INT DEFAULT 3, note TEXT, body BLOB, j JSON)";
    String target =
        "CREATE TABLE t (id INT PRIMARY KEY, v INT DEFAULT 4, note TEXT DEFAULT ('other'),"
            + " body BLOB, j JSON)";
    try (StreamingCluster cluster = cluster(kind, source, target)) {
      int id = running(cluster, "select * from t");
      cluster.source.run(
          "SET SESSION binlog_row_image = NOBLOB",
          "INSERT INTO t (id, body) VALUES (1, 'b')",
          "INSERT INTO t (id, note) VALUES (2, 'x')");
      if (kind == DatabaseKind.MYSQL) {
        cluster.awaitCaughtUp(id);
        assertThat(rows(cluster.target, "t")).isEqualTo(rows(cluster.source, "t")).hasSize(2);
      } else {
        cluster.awaitState(id, "Error");
        assertThat(cluster.column(id, "message")).contains("of a new row");
      }
    }
  }

  /** What became of the column since tells nothing of the default that it took. */
  @ParameterizedTest
  @MethodSource("kinds")
  void areReadByWhatTheColumnsWere(DatabaseKind kind) {
    for (String was : List.of("v VARCHAR(9) NULL DEFAULT 'x'", "v TEXT NOT NULL")) {
      String table = "CREATE TABLE t (id INT PRIMARY KEY, a INT, %s)";
      try (StreamingCluster cluster = new StreamingCluster(directory.resolve(was), kind, kind)) {
        cluster.source.run(table.formatted(was));
        cluster.target.run(table.formatted("v TEXT NULL"));
        int id = running(cluster, "select * from t");
        cluster.stop(id);
        cluster.source.run(
            "SET SESSION binlog_row_image = MINIMAL, sql_mode = ''",
            "INSERT INTO t (id, a) VALUES (1, 1)",
            "ALTER TABLE t MODIFY v TEXT NULL");
        cluster.goOn(id);
        cluster.awaitState(id, "Error");
        assertThat(cluster.column(id, "message")).contains("leaves out column v of a new row");
      }
    }
  }

  /** These are in each image, whatever the statement names. */
  @ParameterizedTest
  @MethodSource("kinds")
  void haveTheDefaultsThatAreNoConstants(DatabaseKind kind) {
    String table =
        "CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, v INT, w INT DEFAULT (v + 1),"
            + " u VARCHAR(40) DEFAULT (UUID()), made TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,"
            + " changed DATETIME(6) DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),"
            + " g INT AS (v + 2) VIRTUAL, s INT AS (v + 3) STORED)";
    try (StreamingCluster cluster = cluster(kind, table, table)) {
      int id = running(cluster, "select * from t");
      cluster.source.run(
          "SET SESSION binlog_row_image = MINIMAL",
          "INSERT INTO t (v) VALUES (1), (2)",
          "UPDATE t SET v = 7 WHERE id = 2");
      cluster.awaitCaughtUp(id);
      assertThat(rows(cluster.target, "t")).isEqualTo(rows(cluster.source, "t")).hasSize(2);
    }
  }

  /** Nothing tells it from an UPDATE that leaves these columns as they are. */
  @ParameterizedTest
  @MethodSource("kinds")
  void tellAReplaceOrEndTheStream(DatabaseKind kind) {
    String table =
        "CREATE TABLE t (id INT, k INT NOT NULL DEFAULT 0, v INT DEFAULT 3, note TEXT,"
            + " PRIMARY KEY (%s))";
    for (String key : List.of("id", "k", "id, k")) {
      for (String image : List.of("NOBLOB", "MINIMAL")) {
        try (StreamingCluster cluster =
            new StreamingCluster(directory.resolve(key + image), kind, kind)) {
          cluster.source.run(table.formatted(key), "INSERT INTO t VALUES (1, 0, 9, 'old')");
          cluster.target.run(table.formatted(key));
          int id = running(cluster, "select * from t");
          cluster.source.run("SET SESSION binlog_row_image = " + image, "REPLACE t SET id = 1");
          if (kind == DatabaseKind.MYSQL) {
            cluster.awaitCaughtUp(id);
            assertThat(rows(cluster.target, "t")).isEqualTo(rows(cluster.source, "t"));
          } else {
            cluster.awaitState(id, "Error");
            assertThat(cluster.column(id, "message")).contains("MariaDB logs a REPLACE so");
          }
        }
      }
    }
  }

  /** What the table had when the row was logged counts. */
  @Test
  void tellAReplaceWhoseKeyIsGoneSince() {
    try (StreamingCluster cluster = mariaDb()) {
      int id = logsBehindTheEndOfItsKey(cluster, "REPLACE t SET id = 1, a = 2");
      cluster.awaitState(id, "Error");
      assertThat(cluster.column(id, "message")).contains("MariaDB logs a REPLACE so");
    }
  }

  /** What is no REPLACE for sure goes on, also when the key is gone since. */
  @Test
  void goOnWithUpdatesWhoseKeyIsGoneSince() {
    try (StreamingCluster cluster = mariaDb()) {
      int id = logsBehindTheEndOfItsKey(cluster, "UPDATE t SET a = 2 WHERE id = 1");
      cluster.awaitCaughtUp(id);
      assertThat(rows(cluster.target, "t")).isEqualTo(rows(cluster.source, "t"));
    }
  }

  private StreamingCluster mariaDb() {
    return new StreamingCluster(directory, DatabaseKind.MARIADB_11_4, DatabaseKind.MARIADB_11_4);
  }

  /** A stream that reads what was logged before the table's key was dropped. */
  private static int logsBehindTheEndOfItsKey(StreamingCluster cluster, String statement) {
    String table = "CREATE TABLE t (id INT PRIMARY KEY, a INT, v INT DEFAULT 3)";
    cluster.source.run(table, "INSERT INTO t VALUES (1, 1, 9)");
    cluster.target.run(table);
    int id = running(cluster, "select * from t");
    cluster.stop(id);
    cluster.source.run(
        "SET SESSION binlog_row_image = MINIMAL", statement, "ALTER TABLE t DROP PRIMARY KEY");
    cluster.goOn(id);
    return id;
  }

  /** In this mode a row that is replaced is told in full, and one that is updated is not. */
  @Test
  void tellAReplaceWithoutDuplicates() {
    for (String key : List.of("id", "k", "id, k")) {
      try (StreamingCluster cluster =
          new StreamingCluster(
              directory.resolve(key), DatabaseKind.MARIADB_11_4, DatabaseKind.MARIADB_11_4)) {
        String table =
            "CREATE TABLE t (id INT, k INT NOT NULL DEFAULT 0, v INT DEFAULT 3, note TEXT,"
                + " PRIMARY KEY (%s))";
        cluster.source.run(
            table.formatted(key), "INSERT INTO t VALUES (1, 0, 9, 'old'), (5, 5, 9, 'x')");
        cluster.target.run(table.formatted(key));
        int id = running(cluster, "select * from t");
        cluster.source.run(
            "SET SESSION binlog_row_image = FULL_NODUP",
            "UPDATE t SET id = 6, k = 6 WHERE id = 5",
            "UPDATE t SET v = 8 WHERE id = 6",
            "REPLACE t SET id = 1");
        cluster.awaitCaughtUp(id);
        assertThat(rows(cluster.target, "t")).isEqualTo(rows(cluster.source, "t")).hasSize(2);
      }
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
      String image = kind == DatabaseKind.MYSQL ? "NOBLOB" : "MINIMAL";
      cluster.source.run("SET SESSION binlog_row_image = " + image, "UPDATE t SET g = 8");
      cluster.source.run("SET SESSION binlog_row_image = " + image, "UPDATE t SET note = 'y'");
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
