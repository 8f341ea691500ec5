package dev.shunt.tablet.vreplication;

import static dev.shunt.tablet.vreplication.StreamingCluster.rows;
import static dev.shunt.tablet.vreplication.StreamingCluster.rule;
import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.embedded.DatabaseKind;
import dev.shunt.embedded.Engine;
import dev.shunt.mysql.MysqlConnection;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tables of the target change, or come into being, while streams run into them. */
class TargetChangesIT {
  private static final String TABLE = "CREATE TABLE t (id INT PRIMARY KEY, v INT)";

  @TempDir Path directory;

  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  private StreamingCluster cluster(DatabaseKind kind) {
    StreamingCluster cluster = new StreamingCluster(directory.resolve("topo"), kind, kind);
    cluster.source.run(TABLE, "INSERT INTO t VALUES (1,1)", "CREATE TABLE o (id INT PRIMARY KEY)");
    cluster.target.run("CREATE TABLE o (id INT PRIMARY KEY)");
    return cluster;
  }

  private static int running(StreamingCluster cluster) {
    cluster.target.run(TABLE);
    int id =
        cluster.stream(
            cluster.binlogSource(rule("t", "select * from t"), rule("o", "select * from o")));
    cluster.awaitState(id, "Running");
    cluster.source.run("INSERT INTO t VALUES (2,2)", "INSERT INTO o VALUES (1)");
    cluster.awaitCaughtUp(id);
    return id;
  }

  private static void awaitMessage(StreamingCluster cluster, int id, String text) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(cluster.column(id, "message")).contains(text));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void aColumnIsAddedThereAndThenOnTheSource(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = running(cluster);
      cluster.target.run("ALTER TABLE t ADD w INT");
      cluster.source.run(
          "ALTER TABLE t ADD w INT", "INSERT INTO t VALUES (3,3,3)", "INSERT INTO o VALUES (2)");
      cluster.awaitCaughtUp(id);
      assertThat(rows(cluster.target, "t")).isEqualTo(rows(cluster.source, "t"));
      assertThat(rows(cluster.target, "o")).isEqualTo(rows(cluster.source, "o"));
      assertThat(cluster.log(id)).doesNotContain("unknown column");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void aColumnIsAddedThereLater(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = running(cluster);
      cluster.source.run("ALTER TABLE t ADD w INT", "INSERT INTO t VALUES (3,3,3)");
      awaitMessage(cluster, id, "unknown column w in table t");
      cluster.target.run("ALTER TABLE t ADD w INT");
      cluster.awaitCaughtUp(id);
      assertThat(rows(cluster.target, "t")).isEqualTo(rows(cluster.source, "t"));
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void aColumnIsMissingForAWhile(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = running(cluster);
      cluster.target.run("ALTER TABLE t DROP v");
      cluster.source.run("INSERT INTO t VALUES (3,3)");
      awaitMessage(cluster, id, "unknown column v in table t");
      cluster.target.run("ALTER TABLE t ADD v INT", "UPDATE t SET v = id");
      cluster.awaitCaughtUp(id);
      assertThat(rows(cluster.target, "t")).isEqualTo(rows(cluster.source, "t"));
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void aTableIsCreatedThereLater(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = cluster.stream(cluster.binlogSource(rule("t", "select * from t")));
      awaitMessage(cluster, id, "table t not found");
      cluster.target.run(TABLE);
      cluster.awaitState(id, "Running");
      assertThat(rows(cluster.target, "t")).isEqualTo(rows(cluster.source, "t"));
    }
  }

  /** Rows that a further unique key ties together can't be changed in any order. */
  @ParameterizedTest
  @MethodSource("kinds")
  void aUniqueKeyIsAddedOnBothSides(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = running(cluster);
      cluster.target.run("ALTER TABLE t ADD UNIQUE (v)");
      cluster.source.run("ALTER TABLE t ADD UNIQUE (v)");
      try (MysqlConnection source = cluster.source.connect()) {
        source.execute("BEGIN");
        source.execute("UPDATE t SET v = 3 WHERE id = 2");
        source.execute("UPDATE t SET v = 2 WHERE id = 1");
        source.execute("COMMIT");
      }
      cluster.awaitCaughtUp(id);
      assertThat(rows(cluster.target, "t")).containsExactly("'1','2',", "'2','3',");
    }
  }

  /** What a foreign key does to the children of a parent that goes must be done here, too. */
  @ParameterizedTest
  @MethodSource("kinds")
  void aForeignKeyIsAddedOnTheSourceAndThenThere(DatabaseKind kind) {
    String key = "ALTER TABLE c ADD FOREIGN KEY (p) REFERENCES p (id) ON DELETE CASCADE";
    String[] tables = {
      "CREATE TABLE p (id INT PRIMARY KEY)", "CREATE TABLE c (id INT PRIMARY KEY, p INT)"
    };
    try (StreamingCluster cluster = new StreamingCluster(directory.resolve("topo"), kind, kind)) {
      cluster.source.run(tables);
      cluster.target.run(tables);
      int id =
          cluster.stream(
              cluster.binlogSource(rule("p", "select * from p"), rule("c", "select * from c")));
      cluster.awaitState(id, "Running");
      cluster.source.run(
          "INSERT INTO p WITH RECURSIVE n (i) AS (SELECT 1 UNION SELECT i + 1 FROM n WHERE i < 900)"
              + " SELECT i FROM n",
          "INSERT INTO c SELECT id, id FROM p",
          key,
          "INSERT INTO p VALUES (1000)",
          "INSERT INTO c VALUES (1000, 1000)");
      if (kind.engine() == Engine.MARIADB) { // whose log does not tell what it does
        cluster.awaitState(id, "Error");
        cluster.target.run(key);
        cluster.goOn(id);
      } else {
        cluster.awaitCaughtUp(id);
        cluster.target.run(key);
      }
      cluster.source.run(
          "DELETE FROM p WHERE id <= 900",
          "UPDATE c SET id = 1001 WHERE id = 1000",
          "INSERT INTO p VALUES (5)");
      cluster.awaitCaughtUp(id);
      assertThat(rows(cluster.target, "p")).containsExactly("'1000',", "'5',");
      assertThat(rows(cluster.target, "c")).containsExactly("'1001','1000',");
    }
  }

  /** Each change is seen by a trigger then, however many are made in a transaction. */
  @ParameterizedTest
  @MethodSource("kinds")
  void aTriggerIsAddedThere(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind);
        MysqlConnection source = cluster.source.connect()) {
      int id = running(cluster);
      cluster.target.run(
          "CREATE TABLE seen (n INT AUTO_INCREMENT PRIMARY KEY, v INT)",
          "CREATE TRIGGER sees AFTER UPDATE ON t FOR EACH ROW INSERT INTO seen (v) VALUES (NEW.v)");
      source.execute("BEGIN");
      source.execute("UPDATE t SET v = 11 WHERE id = 1");
      source.execute("UPDATE t SET v = 12 WHERE id = 1");
      source.execute("COMMIT");
      cluster.awaitCaughtUp(id);
      assertThat(rows(cluster.target, "(SELECT v FROM seen) s")).containsExactly("'11',", "'12',");
    }
  }

  /** Rows that a further unique key of the target ties together, from one change to the next. */
  @ParameterizedTest
  @MethodSource("kinds")
  void aUniqueKeyIsAddedThereAlone(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind);
        MysqlConnection source = cluster.source.connect()) {
      int id = running(cluster);
      cluster.target.run("ALTER TABLE t ADD UNIQUE (v)");
      source.execute("BEGIN");
      source.execute("UPDATE t SET v = 3 WHERE id = 2");
      source.execute("UPDATE t SET v = 2 WHERE id = 1");
      source.execute("COMMIT");
      cluster.awaitCaughtUp(id);
      assertThat(rows(cluster.target, "t")).containsExactly("'1','2',", "'2','3',");
      source.execute("UPDATE t SET v = 3 WHERE id = 1");
      cluster.awaitState(id, "Error");
      assertThat(cluster.column(id, "message")).contains("Duplicate entry '3'");
      assertThat(rows(cluster.target, "t")).containsExactly("'1','2',", "'2','3',");
    }
  }
}
