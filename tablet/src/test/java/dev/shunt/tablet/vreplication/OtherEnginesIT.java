package dev.shunt.tablet.vreplication;

import static dev.shunt.tablet.vreplication.StreamingCluster.rows;
import static dev.shunt.tablet.vreplication.StreamingCluster.rule;
import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.embedded.DatabaseKind;
import dev.shunt.embedded.Engine;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.tablet.vstreamer.TestDatabase;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Tables without transactions are not streamed, also when they become so later. */
class OtherEnginesIT {
  @TempDir Path directory;

  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  private StreamingCluster cluster(DatabaseKind kind, String source, String target) {
    StreamingCluster cluster = new StreamingCluster(directory.resolve("topo"), kind, kind);
    cluster.source.run("CREATE TABLE t (id INT, v VARCHAR(20)) " + source);
    cluster.target.run("CREATE TABLE t (id INT, v VARCHAR(20)) " + target);
    cluster.source.run("INSERT INTO t VALUES (1,'a')");
    return cluster;
  }

  private static int stream(StreamingCluster cluster) {
    return cluster.stream(cluster.binlogSource(rule("t", "select * from t")));
  }

  private static void assertRefused(StreamingCluster cluster, int id, String... said) {
    cluster.awaitState(id, "Error");
    assertThat(cluster.column(id, "message")).contains(said);
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void refusesASourceWithoutTransactions(DatabaseKind kind) {
    String engine = kind.engine() == Engine.MARIADB ? "Aria" : "MyISAM";
    try (StreamingCluster cluster = cluster(kind, "ENGINE=" + engine, "")) {
      assertRefused(cluster, stream(cluster), "the source", "table t has the engine " + engine);
      assertThat(rows(cluster.target, "t")).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void refusesATargetWithoutTransactions(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind, "", "ENGINE=MyISAM")) {
      assertRefused(cluster, stream(cluster), "the target", "table t has the engine MyISAM");
      assertThat(rows(cluster.target, "t")).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void endsWhenTheSourceLosesItsTransactions(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind, "", "")) {
      int id = stream(cluster);
      cluster.awaitState(id, "Running");
      cluster.source.run("ALTER TABLE t ENGINE=MyISAM", "INSERT INTO t VALUES (2,'b')");

      assertRefused(cluster, id, "the source", "table t has the engine MyISAM");

      assertThat(rows(cluster.target, "t")).containsExactly("'1','a',");
      cluster.source.run("ALTER TABLE t ENGINE=InnoDB");
      cluster.update(id, "state='Running'");
      cluster.awaitCaughtUp(id);
      assertThat(rows(cluster.target, "t")).containsExactly("'1','a',", "'2','b',");
    }
  }

  /** One row, many in a transaction, and a transaction that goes in pieces. */
  static Stream<Arguments> changes() {
    return kinds().stream()
        .flatMap(kind ->
            Stream.of(
                Arguments.of(kind, 1, 20),
                Arguments.of(kind, 3000, 20),
                Arguments.of(kind, 4, 3 << 20)));
  }

  @ParameterizedTest
  @MethodSource("changes")
  void endsWhenTheTargetAloneLosesItsTransactions(DatabaseKind kind, int rows, int bytes) {
    try (StreamingCluster cluster = cluster(kind, "", "")) {
      for (TestDatabase database : List.of(cluster.source, cluster.target)) {
        database.run("ALTER TABLE t MODIFY v LONGTEXT");
      }
      int id = stream(cluster);
      cluster.awaitState(id, "Running");
      cluster.source.run("INSERT INTO t VALUES (2,'b')");
      cluster.awaitCaughtUp(id);
      cluster.target.run("ALTER TABLE t ENGINE=MyISAM");
      try (MysqlConnection source = cluster.source.connect()) {
        source.execute("BEGIN");
        for (int row = 0; row < rows; row++) {
          source.execute("INSERT INTO t VALUES (3,REPEAT('c'," + bytes + "))");
        }
        source.execute("COMMIT");
      }

      assertRefused(cluster, id, "the target", "table t has the engine MyISAM");

      assertThat(rows(cluster.target, "t")).containsExactly("'1','a',", "'2','b',");
      cluster.target.run("ALTER TABLE t ENGINE=InnoDB");
      cluster.update(id, "state='Running'");
      cluster.awaitCaughtUp(id);
      assertThat(rows(cluster.target, "t")).isEqualTo(rows(cluster.source, "t"));
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void endsWhenTheSourceKeepsHistory(DatabaseKind kind) {
    if (kind.engine() != Engine.MARIADB) {
      return;
    }
    try (StreamingCluster cluster = cluster(kind, "", "")) {
      TestDatabase source = cluster.source;
      int id = stream(cluster);
      cluster.awaitState(id, "Running");
      source.run("ALTER TABLE t ADD SYSTEM VERSIONING", "INSERT INTO t VALUES (2,'b')");

      assertRefused(cluster, id, "the source", "table t has system versioning");
    }
  }
}
