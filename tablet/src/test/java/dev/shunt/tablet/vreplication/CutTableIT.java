package dev.shunt.tablet.vreplication;

import static dev.shunt.tablet.vreplication.StreamingCluster.rule;
import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.embedded.DatabaseKind;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.service.Secret;
import dev.shunt.tablet.LongSuites;
import dev.shunt.tablet.vstreamer.TestDatabase;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Large tables are copied in parts, several at a time, all from one snapshot. */
class CutTableIT {
  private static final String BIG =
      "CREATE TABLE %s (id BIGINT NOT NULL, sub INT NOT NULL, v INT, pad CHAR(200), PRIMARY KEY (id,"
          + " sub), KEY of_v (v))";
  private static final int ROWS = 32_768;
  private static final int MESSAGE_BYTES = 40_000;
  private static final List<String> TABLES = List.of("big", "other", "small");

  @TempDir Path directory;

  static List<DatabaseKind> kinds() {
    return LongSuites.kinds();
  }

  private StreamingCluster cluster(DatabaseKind kind) {
    StreamingCluster cluster = new StreamingCluster(directory.resolve("topo"), kind, MESSAGE_BYTES);
    fill(cluster);
    return cluster;
  }

  private static void fill(StreamingCluster cluster) {
    for (TestDatabase database : List.of(cluster.source, cluster.target)) {
      database.run(
          BIG.formatted("big"),
          BIG.formatted("other"),
          "CREATE TABLE small (name VARCHAR(20) PRIMARY KEY)");
    }
    cluster.source.run("INSERT INTO small VALUES ('x')", "INSERT INTO big VALUES (-5, 0, 1, 'p')");
    for (int count = 1; count < ROWS; count *= 2) {
      cluster.source.run(
          "INSERT INTO big SELECT id + %d, id %% 3, v + 1, REPEAT('p', 199) FROM big"
              .formatted(count));
    }
    cluster.source.run("INSERT INTO other SELECT * FROM big", "ANALYZE TABLE big, other");
  }

  private static int stream(StreamingCluster cluster) {
    return cluster.stream(
        cluster.binlogSource(
            rule("big", "select * from big"),
            rule("other", "select id, sub, v, pad from other where v > 0"),
            rule("small", "select * from small")));
  }

  private static final String PARTS = "SELECT COUNT(*) FROM _vt.shunt_copy_part WHERE vrepl_id = ";

  @ParameterizedTest
  @MethodSource("kinds")
  void areEqualInTheEnd(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = stream(cluster);
      long parts;
      try (MysqlConnection holding = cluster.holdCopy(id, 1)) {
        parts = cluster.target.number(PARTS + id);
        cluster.source.run(
            "UPDATE big SET v = -1 WHERE id % 100 = 1",
            "DELETE FROM other WHERE id % 100 = 2",
            "INSERT INTO big VALUES (-9000, 1, 1, 'before all'), (900000, 1, 1, 'behind all')",
            "INSERT INTO small VALUES ('y')");
        holding.execute("ROLLBACK");
      }
      cluster.awaitState(id, "Running");
      cluster.awaitCaughtUp(id);

      assertThat(parts).as("parts of both tables").isGreaterThan(8);
      cluster.assertEqual(TABLES);
      assertThat(cluster.target.number(PARTS + id)).isZero();
      assertThat(
              cluster.target.number("SELECT COUNT(*) FROM _vt.copy_state WHERE vrepl_id = " + id))
          .isZero();
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void goOnWithTheirUnfinishedPartsOnly(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = stream(cluster);
      for (int cut = 1; cut <= 3; cut++) {
        cluster.awaitRowsCopied(id, cut * ROWS / 4);
        cluster.restartTarget();
        cluster.source.run(
            "UPDATE big SET v = v + 1000 WHERE id % 50 = " + cut,
            "UPDATE big SET sub = sub + 100 WHERE id % 700 = " + cut,
            "DELETE FROM other WHERE id % 90 = " + cut);
      }
      long left = cluster.source.number("SELECT COUNT(*) FROM other");
      cluster.awaitState(id, "Running");
      cluster.awaitCaughtUp(id);

      assertThat(Long.parseLong(cluster.column(id, "rows_copied")))
          .as("rows of big, and those of other that were there when their part was read")
          .isBetween(ROWS + left + 1, 2L * ROWS + 1);
      cluster.assertEqual(TABLES);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void areCopiedOneByOneWhereTheSourceCannotShareASnapshot(DatabaseKind kind) {
    TestDatabase source = TestDatabase.source(kind);
    String user = "one_" + source.name();
    source.run(
        "CREATE USER '%s'@'%%' IDENTIFIED BY 'p'".formatted(user),
        "GRANT SELECT, CREATE, PROCESS, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO '%s'@'%%'"
            .formatted(user),
        "GRANT ALL ON `%s`.* TO '%s'@'%%'".formatted(source.name(), user),
        "GRANT ALL ON `_vt`.* TO '%s'@'%%'".formatted(user));
    try (MysqlConnection root = source.connect()) {
      TestDatabase.letSeePreparedTransactions(root, user);
    }
    try (StreamingCluster cluster =
        new StreamingCluster(
            directory.resolve("topo"),
            source,
            TestDatabase.target(kind),
            config ->
                config.uid() == StreamingCluster.SOURCE_UID
                    ? config.withMysql(
                        source.endpoint().host(), source.endpoint().port(), user, new Secret("p"))
                    : config)) {
      fill(cluster);
      int id = stream(cluster);
      cluster.awaitState(id, "Running");
      cluster.source.run("UPDATE big SET v = v + 1 WHERE id % 10 = 1", "DELETE FROM small");
      cluster.awaitCaughtUp(id);

      cluster.assertEqual(TABLES);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void leaveNoPartsBehindWhenTheirStreamIsDeleted(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = stream(cluster);
      cluster.awaitRowsCopied(id, 1);

      cluster.delete(id);

      assertThat(cluster.target.number(PARTS + id)).isZero();
    }
  }
}
