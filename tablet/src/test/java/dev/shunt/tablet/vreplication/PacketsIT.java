package dev.shunt.tablet.vreplication;

import static dev.shunt.tablet.vreplication.StreamingCluster.rows;
import static dev.shunt.tablet.vreplication.StreamingCluster.rule;
import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.embedded.DatabaseKind;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.tablet.LongSuites;
import dev.shunt.tablet.vstreamer.TestDatabase;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is sent stays below the packets that the target's server takes. */
class PacketsIT {
  private static final List<String> TABLES = List.of("plain", "unique_too", "keyless");
  private static final String[] CREATES = {
    "CREATE TABLE plain (id INT PRIMARY KEY, v VARBINARY(2000))",
    "CREATE TABLE unique_too (id INT PRIMARY KEY, u INT UNIQUE, v VARBINARY(2000))",
    "CREATE TABLE keyless (id INT, v VARBINARY(2000))"
  };

  @TempDir Path directory;

  static List<DatabaseKind> kinds() {
    return LongSuites.kinds();
  }

  /** A target that takes packets of 1 MB, while the source takes 64 MB. */
  private StreamingCluster cluster(DatabaseKind kind, String... tables) {
    StreamingCluster cluster = new StreamingCluster(directory.resolve("topo"), kind, kind);
    for (TestDatabase database : List.of(cluster.source, cluster.target)) {
      database.run(tables);
    }
    cluster.target.run("SET GLOBAL max_allowed_packet = 1048576");
    return cluster;
  }

  private static void end(StreamingCluster cluster) {
    cluster.target.run("SET GLOBAL max_allowed_packet = 67108864", "SET GLOBAL local_infile = 1");
    cluster.close();
  }

  /** One transaction of some 9 MB, whose bytes are escaped as two each. */
  private static void fill(TestDatabase database) {
    try (MysqlConnection connection = database.connect()) {
      connection.execute("BEGIN");
      connection.execute("INSERT INTO plain VALUES (0, REPEAT(CHAR(0), 1400))");
      for (int count = 1; count < 2048; count *= 2) {
        connection.execute("INSERT INTO plain SELECT id + " + count + ", v FROM plain");
      }
      connection.execute("INSERT INTO unique_too SELECT id, id, v FROM plain");
      connection.execute("INSERT INTO keyless SELECT * FROM plain");
      connection.execute("COMMIT");
    }
  }

  private static void assertEqual(StreamingCluster cluster) {
    for (String table : TABLES) {
      assertThat(rows(cluster.target, table).equals(rows(cluster.source, table)))
          .as("rows of %s are equal", table)
          .isTrue();
    }
  }

  private static int stream(StreamingCluster cluster) {
    return cluster.stream(
        cluster.binlogSource(
            rule("plain", "select * from plain"),
            rule("unique_too", "select * from unique_too"),
            rule("keyless", "select * from keyless")));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void largeTransactionsGoInSeveral(DatabaseKind kind) {
    StreamingCluster cluster = cluster(kind, CREATES);
    try {
      int id = stream(cluster);
      cluster.awaitState(id, "Running");
      fill(cluster.source);
      cluster.awaitCaughtUp(id);
      assertEqual(cluster);

      cluster.source.run(
          "UPDATE plain SET v = REPEAT('''', 1500)",
          "UPDATE unique_too SET v = REPEAT('''', 1500)",
          "DELETE FROM keyless WHERE id % 2 = 0");
      cluster.awaitCaughtUp(id);
      assertEqual(cluster);
    } finally {
      end(cluster);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void insertedCopiesGoInSeveral(DatabaseKind kind) {
    StreamingCluster cluster = cluster(kind, CREATES);
    try {
      cluster.target.run("SET GLOBAL local_infile = 0", "SET GLOBAL max_allowed_packet = 131072");
      fill(cluster.source);
      int id = stream(cluster);
      cluster.awaitState(id, "Running");
      assertEqual(cluster);
    } finally {
      end(cluster);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void aRowThatIsTooLargeIsRefused(DatabaseKind kind) {
    String large = "INSERT INTO large VALUES (1, REPEAT(CHAR(0), 800000))";
    StreamingCluster cluster = cluster(kind, "CREATE TABLE large (id INT PRIMARY KEY, v LONGBLOB)");
    try {
      int id = cluster.stream(cluster.binlogSource(rule("large", "select * from large")));
      cluster.awaitState(id, "Running");
      cluster.source.run(large);
      assertRefused(cluster, id);
      cluster.delete(id);

      cluster.target.run("SET GLOBAL local_infile = 0");
      int copying = cluster.stream(cluster.binlogSource(rule("large", "select * from large")));
      assertRefused(cluster, copying);
    } finally {
      end(cluster);
    }
  }

  private static void assertRefused(StreamingCluster cluster, int id) {
    cluster.awaitState(id, "Error");
    assertThat(cluster.column(id, "message"))
        .contains("a row of table large")
        .contains("1,600,0")
        .contains("max_allowed_packet is 1,048,576");
    assertThat(rows(cluster.target, "large")).isEmpty();
  }
}
