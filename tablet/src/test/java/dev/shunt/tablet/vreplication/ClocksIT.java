package dev.shunt.tablet.vreplication;

import static dev.shunt.tablet.vreplication.StreamingCluster.rows;
import static dev.shunt.tablet.vreplication.StreamingCluster.rule;
import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.embedded.DatabaseKind;
import dev.shunt.mysql.SqlText;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Source and target don't agree on the time. */
class ClocksIT {
  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(value = DatabaseKind.class, names = "MARIADB_11_4")
  void catchesUpWithASourceWhoseClockIsSlow(DatabaseKind kind) {
    Clock slow = Clock.offset(Clock.systemUTC(), Duration.ofHours(-1));
    String then = "SET timestamp = " + Instant.now(slow).getEpochSecond();
    try (StreamingCluster cluster = new StreamingCluster(directory.resolve("topo"), kind, slow)) {
      String table = "CREATE TABLE t (id INT PRIMARY KEY)";
      cluster.source.run(table, "INSERT INTO t VALUES (1), (2)");
      cluster.target.run(table);
      int id = cluster.stream(cluster.binlogSource(rule("t", "select * from t")), "Stopped");
      cluster.target.run(
          "UPDATE _vt.vreplication SET pos="
              + SqlText.literal(cluster.sourcePosition().encoded())
              + " WHERE id="
              + id,
          "INSERT INTO _vt.copy_state (vrepl_id, table_name) VALUES (" + id + ", 't')");
      cluster.source.run(then, "INSERT INTO t VALUES (3)");

      cluster.update(id, "state='Copying'");

      cluster.awaitState(id, "Running");
      assertThat(rows(cluster.target, "t")).hasSize(3);
    }
  }
}
