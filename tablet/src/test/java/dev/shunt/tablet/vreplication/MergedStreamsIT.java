package dev.shunt.tablet.vreplication;

import static dev.shunt.tablet.vreplication.StreamingCluster.rows;
import static dev.shunt.tablet.vreplication.StreamingCluster.rule;
import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.embedded.DatabaseKind;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.tablet.LongSuites;
import dev.shunt.tablet.vstreamer.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Two streams fill one table, as when shards are merged. */
class MergedStreamsIT {
  @TempDir Path directory;

  static List<DatabaseKind> kinds() {
    return LongSuites.kinds();
  }

  private StreamingCluster cluster(DatabaseKind kind, String... rowsOfB) {
    StreamingCluster cluster = new StreamingCluster(directory.resolve("topo"), kind, kind);
    cluster.source.run(
        "CREATE TABLE a (id INT PRIMARY KEY, v VARCHAR(9))",
        "CREATE TABLE b (id INT PRIMARY KEY, v VARCHAR(9))",
        "INSERT INTO a VALUES (2,'a2'),(5,'a5')",
        "INSERT INTO b VALUES " + String.join(",", rowsOfB));
    cluster.target.run("CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(9))");
    int id = cluster.stream(cluster.binlogSource(rule("t", "select * from a")));
    cluster.awaitState(id, "Running");
    return cluster;
  }

  /** A stream of b whose copy was cut off behind the row with id 1. */
  private static int cutOff(StreamingCluster cluster) {
    cluster.target.run("INSERT INTO t VALUES (1,'b1')");
    int id = cluster.stream(cluster.binlogSource(rule("t", "select * from b")), "Stopped");
    cluster.cutOff(id, "t", "id", 1);
    return id;
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void aResumedCopyDoesNotReplaceRowsOfTheOther(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind, "(1,'b1')", "(2,'b2')", "(3,'b3')")) {
      int id = cutOff(cluster);
      cluster.goOn(id);
      cluster.awaitState(id, "Error");
      assertThat(cluster.column(id, "message")).contains("Duplicate entry '2'");
      assertThat(rows(cluster.target, "t")).containsExactly("'1','b1',", "'2','a2',", "'5','a5',");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void changesOfRowsThatAreNotCopiedDoNotReachRowsOfTheOther(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind, "(1,'b1')", "(2,'b2')", "(3,'b3')", "(6,'b6')")) {
      int id = cutOff(cluster);
      cluster.source.run(
          "UPDATE b SET v = 'new' WHERE id < 4",
          "DELETE FROM b WHERE id = 2",
          "INSERT INTO b VALUES (5,'b5'),(7,'b7'),(0,'b0')",
          "SET SESSION binlog_row_image = MINIMAL",
          "UPDATE b SET v = 'less' WHERE id = 5",
          "INSERT INTO b VALUES (-1, NULL), (8, NULL)",
          "UPDATE b SET v = 'more' WHERE id IN (1, 3)");
      cluster.source.run("DELETE FROM b WHERE id = 5");
      cluster.goOn(id);
      cluster.awaitState(id, "Running");
      cluster.awaitCaughtUp(id);
      assertThat(rows(cluster.target, "t"))
          .containsExactly(
              "'-1',NULL,",
              "'0','b0',",
              "'1','more',",
              "'2','a2',",
              "'3','more',",
              "'5','a5',",
              "'6','b6',",
              "'7','b7',",
              "'8',NULL,");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void endEqualHoweverOftenTheyAreCutOff(DatabaseKind kind) {
    String create =
        "CREATE TABLE %s (k VARCHAR(40), n INT, u INT UNIQUE, pad CHAR(100), PRIMARY KEY (k, n))"
            + " DEFAULT CHARSET utf8mb4";
    try (StreamingCluster cluster = new StreamingCluster(directory.resolve("topo"), kind, 3000)) {
      cluster.source.run(create.formatted("a"), create.formatted("b"));
      cluster.target.run(create.formatted("t"), "SET GLOBAL local_infile = 0");
      for (String table : List.of("a", "b")) {
        int odd = table.equals("b") ? 1 : 0;
        cluster.source.run("INSERT INTO %s VALUES ('Key', %d, %d, 'p')".formatted(table, odd, odd));
        for (int count = 1; count < 2048; count *= 2) {
          cluster.source.run(
              "INSERT INTO %s SELECT CONCAT(IF(n %% 3, 'key ', 'KEY '), n %% 89), n + %d, u + %d, pad FROM %s"
                  .formatted(table, 2 * count, 2 * count, table));
        }
      }
      List<Integer> ids = new ArrayList<>();
      for (String table : List.of("a", "b")) {
        ids.add(cluster.stream(cluster.binlogSource(rule("t", "select * from " + table))));
      }
      for (int cut = 1; cut <= 3; cut++) {
        int least = cut * 400;
        Awaitility.await()
            .atMost(Duration.ofSeconds(60))
            .pollInterval(Duration.ofMillis(2))
            .until(() ->
                ids.stream()
                    .anyMatch(id -> Long.parseLong(cluster.column(id, "rows_copied")) >= least));
        cluster.restartTarget();
        for (String table : List.of("a", "b")) {
          cluster.source.run(
              "UPDATE %s SET pad = 'changed %d' WHERE n %% 50 < 2".formatted(table, cut),
              "UPDATE %s SET k = CONCAT('z', k) WHERE n %% 70 < 2".formatted(table),
              "DELETE FROM %s WHERE n %% 90 = %d".formatted(table, 10 + cut));
        }
      }
      for (int id : ids) {
        cluster.awaitState(id, "Running");
        cluster.awaitCaughtUp(id);
      }
      List<String> wanted = new ArrayList<>(rows(cluster.source, "a"));
      wanted.addAll(rows(cluster.source, "b"));
      wanted.sort(null);
      assertThat(rows(cluster.target, "t").equals(wanted)).as("rows are equal").isTrue();
    } finally {
      TestDatabase.target(kind).run("SET GLOBAL local_infile = 1");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void aCopyWhoseProgressCannotBeToldIsRefused(DatabaseKind kind) throws Exception {
    String create =
        "CREATE TABLE %s (k ENUM('x','\u00fc'), n INT, pad CHAR(100), PRIMARY KEY (k, n))";
    try (StreamingCluster cluster = new StreamingCluster(directory.resolve("topo"), kind, 3000);
        MysqlConnection source = cluster.source.connect();
        MysqlConnection blocking = cluster.target.connect()) {
      cluster.source.run("SET NAMES utf8mb4", create.formatted("a"), create.formatted("b"));
      cluster.target.run("SET NAMES utf8mb4", create.formatted("t"), "SET GLOBAL local_infile = 0");
      source.execute("INSERT INTO b VALUES ('x', 0, 'p')");
      for (int count = 1; count < 4096; count *= 2) {
        source.execute("INSERT INTO b SELECT k, n + " + count + ", pad FROM b");
      }
      blocking.execute("BEGIN");
      blocking.execute("INSERT INTO t VALUES ('x', 4095, 'p')"); // the copy does not end before
      int one = cluster.stream(cluster.binlogSource(rule("t", "select * from a")));
      cluster.awaitState(one, "Running");
      int id = cluster.stream(cluster.binlogSource(rule("t", "select * from b")));
      cluster.awaitRowsCopied(id, 1);
      cluster.restartTarget();
      source.execute("UPDATE b SET pad = 'q' WHERE n = 1");
      blocking.execute("ROLLBACK");
      cluster.awaitState(id, "Error");
      assertThat(cluster.column(id, "message")).contains("can't be told of an ENUM");
    } finally {
      TestDatabase.target(kind).run("SET GLOBAL local_infile = 1");
    }
  }
}
