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

/** Tables of many chunks: loaded side by side, their keys built afterwards. */
class LargeCopyIT {
  private static final String PARENT = "CREATE TABLE parent (id INT PRIMARY KEY)";
  private static final String BIG =
      """
      CREATE TABLE big (
        id INT NOT NULL AUTO_INCREMENT,
        serial INT NOT NULL,
        name VARCHAR(60) COMMENT 'not AUTO_INCREMENT, and no KEY `x` (`y`)',
        parent_id INT,
        pad CHAR(200),
        note TEXT,
        PRIMARY KEY (serial),
        KEY counter (id),
        KEY plain (name, pad(10)) COMMENT 'with, commas) and `ticks`',
        KEY of_parent (parent_id),
        UNIQUE KEY two (serial, name),
        KEY `odd ``name` (pad),
        FULLTEXT KEY words (note),
        CONSTRAINT to_parent FOREIGN KEY (parent_id) REFERENCES parent (id)
      ) DEFAULT CHARSET=utf8mb4\
      """;
  private static final int ROWS = 64_000;

  @TempDir Path directory;

  static List<DatabaseKind> kinds() {
    return LongSuites.kinds();
  }

  private StreamingCluster cluster(DatabaseKind kind) {
    StreamingCluster cluster = new StreamingCluster(directory.resolve("topo"), kind, kind);
    cluster.source.run(PARENT, BIG, "INSERT INTO parent VALUES (1),(2)");
    cluster.target.run(PARENT, BIG, "INSERT INTO parent VALUES (1),(2)");
    return cluster;
  }

  /** Some 20 MB, so three chunks. */
  private static void fill(TestDatabase database) {
    String columns = "INSERT INTO big (serial, name, parent_id, pad, note) ";
    database.run(
        columns + "VALUES (0, 'a\tb\\\\c\nd', 1, REPEAT('é', 80), 'some words')",
        columns + "SELECT serial + 1, NULL, 2, '', NULL FROM big");
    for (int count = 2; count < ROWS; count *= 2) {
      database.run(
          columns
              + "SELECT serial + "
              + count
              + ", CONCAT(name, serial), parent_id, CONCAT(pad, 'x'), CONCAT(note, serial) FROM big"
              + (count * 2 > ROWS ? " WHERE serial < " + (ROWS - count) : ""));
    }
    database.run("UPDATE big SET pad = REPEAT('p', 199) WHERE pad NOT LIKE 'é%'");
  }

  private static List<String> definition(TestDatabase database) {
    try (MysqlConnection connection = database.connect()) {
      return connection
          .execute("SHOW CREATE TABLE big")
          .only()
          .text(1)
          .lines()
          .map(line -> line.replaceAll(",$", "").replaceAll("AUTO_INCREMENT=\\d+ ", ""))
          .toList();
    }
  }

  private static String count(TestDatabase database, String from) {
    try (MysqlConnection connection = database.connect()) {
      return connection.execute("SELECT COUNT(*) FROM " + from).only().text(0);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void keepsEveryRowAndEveryKey(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      fill(cluster.source);
      List<String> before = definition(cluster.target);

      int id = cluster.stream(cluster.binlogSource(rule("big", "select * from big")));
      cluster.awaitState(id, "Running");

      assertThat(cluster.column(id, "rows_copied")).isEqualTo(count(cluster.source, "big"));
      assertThat(rows(cluster.target, "big")).isEqualTo(rows(cluster.source, "big"));
      List<String> after = definition(cluster.target);
      assertThat(after).containsExactlyInAnyOrderElementsOf(before);
      assertThat(after)
          .as("the two plain keys were added again, behind the others")
          .isNotEqualTo(before);
      assertThat(count(cluster.target, "_vt.post_copy_action WHERE vrepl_id=" + id)).isEqualTo("0");
      assertThat(count(cluster.target, "_vt.copy_state WHERE vrepl_id=" + id)).isEqualTo("0");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void goesOnAfterRestartsWithoutCopyingAgain(DatabaseKind kind) throws Exception {
    try (StreamingCluster cluster = cluster(kind)) {
      fill(cluster.source);
      List<String> before = definition(cluster.target);
      int id = cluster.stream(cluster.binlogSource(rule("big", "select * from big")));
      cluster.awaitRowsCopied(id, 1);
      cluster.restartTarget();
      cluster.source.run("UPDATE big SET note = 'changed' WHERE serial % 1000 = 7");
      cluster.awaitState(id, "Running");
      cluster.awaitCaughtUp(id);

      assertThat(cluster.column(id, "rows_copied")).isEqualTo(count(cluster.source, "big"));
      assertThat(rows(cluster.target, "big")).isEqualTo(rows(cluster.source, "big"));
      assertThat(definition(cluster.target)).containsExactlyInAnyOrderElementsOf(before);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void endsWithAnErrorWhereARowIsInTheWay(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      fill(cluster.source);
      cluster.target.run("INSERT INTO big (serial, name) VALUES (3, 'mine')");

      int id = cluster.stream(cluster.binlogSource(rule("big", "select * from big")));
      cluster.awaitState(id, "Error");

      assertThat(cluster.column(id, "message")).contains("Duplicate entry '3'");
      assertThat(count(cluster.target, "big")).as("only the row in the way").isEqualTo("1");
    }
  }
}
