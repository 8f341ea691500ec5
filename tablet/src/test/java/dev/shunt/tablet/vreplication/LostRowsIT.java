package dev.shunt.tablet.vreplication;

import static dev.shunt.tablet.vreplication.StreamingCluster.rows;
import static dev.shunt.tablet.vreplication.StreamingCluster.rule;
import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.embedded.DatabaseKind;
import dev.shunt.tablet.vstreamer.TestDatabase;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A change of a row that is not on the target is told, unless the workflow says it may be so. */
class LostRowsIT {
  private static final List<String> TABLES = List.of("keyless", "twice", "plain");

  @TempDir Path directory;

  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  private static void assertLost(StreamingCluster cluster, int id) {
    cluster.awaitState(id, "Error");
    assertThat(cluster.column(id, "message")).contains("found no row on the target");
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void aChangeOfARowThatIsNotThereIsTold(DatabaseKind kind) {
    try (StreamingCluster cluster = new StreamingCluster(directory.resolve("topo"), kind, kind)) {
      for (TestDatabase database : List.of(cluster.source, cluster.target)) {
        database.run(
            "CREATE TABLE keyless (id INT, v INT)",
            "CREATE TABLE twice (id INT PRIMARY KEY, v INT, u INT UNIQUE)",
            "CREATE TABLE plain (id INT PRIMARY KEY, v INT)");
      }
      for (String table : TABLES) {
        String rows =
            table.equals("twice") ? "(1,1,1),(2,2,2),(3,3,3),(4,4,4)" : "(1,1),(2,2),(3,3),(4,4)";
        cluster.source.run("INSERT INTO " + table + " VALUES " + rows);
      }
      int id =
          cluster.stream(
              cluster.binlogSource(
                  rule("keyless", "select * from keyless"),
                  rule("twice", "select * from twice"),
                  rule("plain", "select * from plain")));
      cluster.awaitState(id, "Running");
      cluster.source.run(
          "UPDATE keyless SET v = v", "UPDATE twice SET v = v", "UPDATE plain SET v = 9");
      for (String table : TABLES) {
        cluster.target.run("DELETE FROM " + table + " WHERE id < 3");
      }

      cluster.source.run("UPDATE plain SET v = 7 WHERE id = 1", "DELETE FROM plain WHERE id = 2");
      cluster.source.run("DELETE FROM twice WHERE id = 2");
      cluster.awaitCaughtUp(id);
      assertThat(rows(cluster.target, "plain")).isEqualTo(rows(cluster.source, "plain"));

      cluster.source.run("UPDATE twice SET v = 8 WHERE id = 1");
      assertLost(cluster, id);
      cluster.target.run("INSERT INTO twice VALUES (1,1,1)");
      cluster.update(id, "state='Running', message=''");
      cluster.awaitState(id, "Running");
      cluster.awaitCaughtUp(id);
      assertThat(rows(cluster.target, "twice")).isEqualTo(rows(cluster.source, "twice"));

      cluster.source.run("DELETE FROM keyless WHERE id = 2");
      assertLost(cluster, id);
      cluster.update(id, "options='{\"config\": {\"shunt-target-may-be-purged\": \"true\"}}'");
      cluster.update(id, "state='Running', message=''");
      cluster.source.run("UPDATE keyless SET v = 8", "DELETE FROM keyless WHERE id = 1");
      cluster.awaitState(id, "Running");
      cluster.awaitCaughtUp(id);
      assertThat(rows(cluster.target, "keyless")).isEqualTo(rows(cluster.source, "keyless"));
    }
  }
}
