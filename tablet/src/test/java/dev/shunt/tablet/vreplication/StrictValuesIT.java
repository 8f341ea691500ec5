package dev.shunt.tablet.vreplication;

import static dev.shunt.tablet.vreplication.StreamingCluster.rows;
import static dev.shunt.tablet.vreplication.StreamingCluster.rule;
import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.embedded.DatabaseKind;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.tablet.vstreamer.TestDatabase;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A value arrives as it is or ends the stream; it is never made to fit. */
class StrictValuesIT {
  @TempDir Path directory;

  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  /** Tables of the target with a column that is too small for a value of the source. */
  static Stream<Arguments> tooSmall() {
    return kinds().stream()
        .flatMap(kind ->
            Stream.of(
                    "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(3), n INT)",
                    "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(10), n SMALLINT)",
                    "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(4), n INT, UNIQUE (n))",
                    "CREATE TABLE t (id INT, v VARCHAR(4), n INT)")
                .map(create -> Arguments.of(kind, create)));
  }

  private StreamingCluster cluster(DatabaseKind kind, String create) {
    StreamingCluster cluster = new StreamingCluster(directory.resolve("topo"), kind, kind);
    cluster.source.run("CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(10), n INT)");
    cluster.target.run(create);
    return cluster;
  }

  @ParameterizedTest
  @MethodSource("tooSmall")
  void areNotCutWhenRowsAreInserted(DatabaseKind kind, String create) {
    try (StreamingCluster cluster = cluster(kind, create)) {
      cluster.target.run("SET GLOBAL local_infile = 0");
      cluster.source.run("INSERT INTO t VALUES (1,'abcdef',70000)");
      int id = cluster.stream(cluster.binlogSource(rule("t", "select * from t")));
      cluster.awaitState(id, "Error");
      assertThat(cluster.column(id, "message")).contains("terminal error").contains("errno");
      assertThat(rows(cluster.target, "t")).isEmpty();
    } finally {
      kindTarget(kind).run("SET GLOBAL local_infile = 1");
    }
  }

  private static TestDatabase kindTarget(DatabaseKind kind) {
    return TestDatabase.target(kind);
  }

  @ParameterizedTest
  @MethodSource("tooSmall")
  void areNotCutWhenChangesAreApplied(DatabaseKind kind, String create) {
    try (StreamingCluster cluster = cluster(kind, create)) {
      int id = cluster.stream(cluster.binlogSource(rule("t", "select * from t")));
      cluster.awaitState(id, "Running");
      cluster.source.run("INSERT INTO t VALUES (1,NULL,7)");
      cluster.awaitCaughtUp(id);
      cluster.source.run("UPDATE t SET v = 'abcdef', n = 70000");
      cluster.awaitState(id, "Error");
      assertThat(cluster.column(id, "message")).contains("terminal error").contains("errno");
      assertThat(rows(cluster.target, "t")).containsExactly("'1',NULL,'7',");
    }
  }

  /** Tables of the target that refuse a row for a reason each, and changes that leave none such. */
  static Stream<Arguments> refusing() {
    return kinds().stream()
        .flatMap(kind ->
            Stream.of(
                    "v VARCHAR(3), n INT",
                    "v VARCHAR(10) CHARACTER SET latin1, n INT",
                    "v VARCHAR(10), n SMALLINT",
                    "v VARCHAR(10) NOT NULL DEFAULT '', n INT, CHECK (n < 1000)",
                    "v VARCHAR(10), n INT, g SMALLINT GENERATED ALWAYS AS (n) STORED")
                .flatMap(columns ->
                    Stream.of(
                            "UPDATE t SET v = 'жжжж', n = 70000;UPDATE t SET v = 'b', n = 2",
                            "INSERT INTO t VALUES (2, 'жжжж', 70000);DELETE FROM t WHERE id = 2")
                        .map(changes ->
                            Arguments.of(
                                kind,
                                "CREATE TABLE t (id INT PRIMARY KEY, " + columns + ")",
                                changes))));
  }

  @ParameterizedTest
  @MethodSource("refusing")
  void endTheStreamAlsoWhenTheyDoNotLast(DatabaseKind kind, String create, String changes) {
    try (StreamingCluster cluster = cluster(kind, create);
        MysqlConnection source = cluster.source.connect()) {
      int id = cluster.stream(cluster.binlogSource(rule("t", "select * from t")));
      cluster.awaitState(id, "Running");
      cluster.source.run("INSERT INTO t VALUES (1,'a',1)");
      cluster.awaitCaughtUp(id);
      source.execute("BEGIN");
      for (String change : changes.split(";", -1)) {
        source.execute(change);
      }
      source.execute("COMMIT");

      cluster.awaitState(id, "Error");

      assertThat(cluster.column(id, "message")).contains("terminal error").contains("errno");
      assertThat(rows(cluster.target, "t")).hasSize(1);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void nullIsNotMadeSomethingElse(DatabaseKind kind) {
    try (StreamingCluster cluster =
        cluster(kind, "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(10), n INT NOT NULL)")) {
      int id = cluster.stream(cluster.binlogSource(rule("t", "select * from t")));
      cluster.awaitState(id, "Running");
      cluster.source.run("INSERT INTO t VALUES (1,'a',1),(2,'b',NULL)");
      cluster.awaitState(id, "Error");
      assertThat(rows(cluster.target, "t")).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void groupsAreNotCut(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind, "CREATE TABLE t (v VARCHAR(3) PRIMARY KEY)")) {
      int id = cluster.stream(cluster.binlogSource(rule("t", "select v from t group by v")));
      cluster.awaitState(id, "Running");
      cluster.source.run("INSERT INTO t VALUES (1,'abc',1),(2,'abc',1),(3,'b',1)");
      cluster.source.run("UPDATE t SET v = 'c' WHERE id = 3");
      cluster.awaitCaughtUp(id);
      assertThat(rows(cluster.target, "t")).containsExactly("'abc',", "'b',", "'c',");
      cluster.source.run("INSERT INTO t VALUES (4,'abcd',1)");
      cluster.awaitState(id, "Error");
      assertThat(rows(cluster.target, "t")).containsExactly("'abc',", "'b',", "'c',");
    }
  }

  /** What a lenient source took is no error. */
  @ParameterizedTest
  @MethodSource("kinds")
  void whatTheSourceTookIsTaken(DatabaseKind kind) {
    String table =
        "CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, d DATE NOT NULL, e ENUM('a','b'),"
            + " dt DATETIME, x INT UNIQUE)";
    String again = table.replace(" UNIQUE", "").replace("TABLE t", "TABLE plain");
    try (StreamingCluster cluster = new StreamingCluster(directory.resolve("topo"), kind, kind);
        MysqlConnection source = cluster.source.connect()) {
      cluster.source.run(table, again);
      cluster.target.run(table, again, "SET GLOBAL local_infile = 0");
      for (String name : List.of("t", "plain")) {
        source.execute(
            "INSERT INTO "
                + name
                + " VALUES (0,'0000-00-00','',NULL,1),(1,'2024-02-31','a',"
                + "'2024-00-15 00:00:00',2),(2,'2024-01-01','none','0000-00-00',3)");
      }
      int id =
          cluster.stream(
              cluster
                  .binlogSource(rule("t", "select * from t"), rule("plain", "select * from plain"))
                  .toBuilder()
                  .setSourceTimeZone("+02:00")
                  .setTargetTimeZone("+02:00")
                  .build());
      cluster.awaitState(id, "Running");
      for (String name : List.of("t", "plain")) {
        source.execute("UPDATE " + name + " SET e = 'none' WHERE id = 1");
        source.execute("UPDATE " + name + " SET e = 'b', dt = '2024-02-31' WHERE id = 0");
        source.execute(
            "INSERT INTO "
                + name
                + " VALUES (7,'2024-00-00','a',NULL,7),(8,'2024-01-01','none',"
                + "'0000-00-00 00:00:00',8),(9,'0000-00-00','b','2024-01-01 01:02:03',9)");
        source.execute("SET SESSION binlog_row_image = MINIMAL");
        source.execute("UPDATE " + name + " SET e = 'none' WHERE id = 7");
        source.execute("SET SESSION binlog_row_image = FULL");
      }
      cluster.awaitCaughtUp(id);
      for (String name : List.of("t", "plain")) {
        assertThat(rows(cluster.target, name)).isEqualTo(rows(cluster.source, name)).hasSize(6);
      }
    } finally {
      kindTarget(kind).run("SET GLOBAL local_infile = 1");
    }
  }
}
