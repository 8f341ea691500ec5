package dev.shunt.tablet.vreplication;

import static dev.shunt.tablet.vreplication.StreamingCluster.rows;
import static dev.shunt.tablet.vreplication.StreamingCluster.rule;
import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.embedded.DatabaseKind;
import dev.shunt.mysql.MysqlConnection;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The target has other unique keys than the source: what collides there is an error. */
class UnlikeKeysIT {
  private static final List<String> BEFORE = List.of("'1','1','10',", "'2','1','20',");

  @TempDir Path directory;

  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  /** Transactions of the source after which two rows have the same key on the target. */
  static Stream<Arguments> collisions() {
    return kinds().stream()
        .flatMap(kind ->
            Stream.of(
                    "INSERT INTO t VALUES (5,1,50); INSERT INTO t VALUES (5,2,51)",
                    "INSERT INTO t VALUES (5,1,50), (5,2,51)",
                    "UPDATE t SET c = 11 WHERE a = 1; INSERT INTO t VALUES (1,2,20)",
                    "INSERT INTO t VALUES (1,2,20)",
                    "UPDATE t SET c = 11 WHERE a = 1; UPDATE t SET a = 1, b = 2 WHERE a = 2",
                    "UPDATE t SET a = 1, b = 2 WHERE a = 2",
                    "INSERT INTO t VALUES (7,1,70); UPDATE t SET a = 7, b = 2 WHERE a = 1")
                .map(statements -> Arguments.of(kind, statements)));
  }

  private StreamingCluster cluster(DatabaseKind kind) {
    StreamingCluster cluster = new StreamingCluster(directory.resolve("topo"), kind, kind);
    cluster.source.run(
        "CREATE TABLE t (a INT, b INT, c INT, PRIMARY KEY (a, b))",
        "INSERT INTO t VALUES (1,1,10), (2,1,20)");
    cluster.target.run("CREATE TABLE t (a INT PRIMARY KEY, b INT, c INT)");
    return cluster;
  }

  private static void run(StreamingCluster cluster, String statements) {
    try (MysqlConnection source = cluster.source.connect()) {
      source.execute("BEGIN");
      for (String statement : statements.split("; ", -1)) {
        source.execute(statement);
      }
      source.execute("COMMIT");
    }
  }

  @ParameterizedTest
  @MethodSource("collisions")
  void inABatchTheyCollideAsAlone(DatabaseKind kind, String statements) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = cluster.stream(cluster.binlogSource(rule("t", "select * from t")));
      cluster.awaitState(id, "Running");
      run(cluster, statements);
      cluster.awaitState(id, "Error");
      assertThat(cluster.column(id, "message")).contains("Duplicate entry").contains("1062");
      assertThat(rows(cluster.target, "t")).isEqualTo(BEFORE);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void oneThatTakesThePlaceOfAnotherIsNone(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = cluster.stream(cluster.binlogSource(rule("t", "select * from t")));
      cluster.awaitState(id, "Running");
      run(cluster, "DELETE FROM t WHERE a = 1; INSERT INTO t VALUES (1,2,12)");
      run(cluster, "UPDATE t SET b = 3 WHERE a = 2; UPDATE t SET a = 4 WHERE a = 2");
      cluster.awaitCaughtUp(id);
      assertThat(rows(cluster.target, "t")).containsExactly("'1','2','12',", "'4','3','20',");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void theyCollideInACopy(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      cluster.source.run("INSERT INTO t VALUES (2,2,22)");
      int id = cluster.stream(cluster.binlogSource(rule("t", "select * from t")));
      cluster.awaitState(id, "Error");
      assertThat(cluster.column(id, "message")).contains("Duplicate entry '2'");
      assertThat(rows(cluster.target, "t")).isEmpty();
    }
  }

  /** A copy that goes on must not replace rows that only a further key of the target finds. */
  @ParameterizedTest
  @MethodSource("kinds")
  void theyCollideInACopyThatGoesOn(DatabaseKind kind) {
    try (StreamingCluster cluster = new StreamingCluster(directory.resolve("topo"), kind, kind)) {
      cluster.source.run(
          "CREATE TABLE t (a INT PRIMARY KEY, u INT)", "INSERT INTO t VALUES (1,7), (5,7)");
      cluster.target.run(
          "CREATE TABLE t (a INT PRIMARY KEY, u INT UNIQUE)", "INSERT INTO t VALUES (1,7)");
      int id = cluster.stream(cluster.binlogSource(rule("t", "select * from t")), "Stopped");
      cluster.cutOff(id, "t", "a", 1);
      cluster.goOn(id);
      cluster.awaitState(id, "Error");
      assertThat(cluster.column(id, "message")).contains("Duplicate entry '7'");
      assertThat(rows(cluster.target, "t")).containsExactly("'1','7',");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void changesWhileACopyIsCutOffCollide(DatabaseKind kind) {
    try (StreamingCluster cluster = new StreamingCluster(directory.resolve("topo"), kind, kind)) {
      cluster.source.run(
          "CREATE TABLE t (a INT PRIMARY KEY, u INT)", "INSERT INTO t VALUES (2,7), (5,8)");
      cluster.target.run(
          "CREATE TABLE t (a INT PRIMARY KEY, u INT UNIQUE)", "INSERT INTO t VALUES (2,7)");
      int id = cluster.stream(cluster.binlogSource(rule("t", "select * from t")), "Stopped");
      cluster.cutOff(id, "t", "a", 2);
      cluster.source.run("INSERT INTO t VALUES (1,7)");
      cluster.goOn(id);
      cluster.awaitState(id, "Error");
      assertThat(cluster.column(id, "message")).contains("Duplicate entry '7'");
      assertThat(rows(cluster.target, "t")).containsExactly("'2','7',");
    }
  }
}
