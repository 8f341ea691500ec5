package dev.shunt.tablet.vreplication;

import static dev.shunt.tablet.vreplication.StreamingCluster.rows;
import static dev.shunt.tablet.vreplication.StreamingCluster.rule;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shunt.embedded.DatabaseKind;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.Row;
import dev.shunt.tablet.vstreamer.TestDatabase;
import dev.shunt.tabletclient.TabletException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Two tablets, each with a database of its own, on one server and in one sidecar database. */
class TwoTabletsIT {
  @TempDir Path directory;

  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  private StreamingCluster cluster(DatabaseKind kind, int number) {
    StreamingCluster cluster =
        StreamingCluster.beside(directory.resolve("topo" + number), kind, 40_000, number);
    for (TestDatabase database : List.of(cluster.source, cluster.target)) {
      database.run("CREATE TABLE t (id INT PRIMARY KEY, v INT, KEY of_v (v))");
    }
    cluster.source.run("INSERT INTO t VALUES (0, " + number + ")");
    for (int count = 1; count < 16_384; count *= 2) {
      cluster.source.run("INSERT INTO t SELECT id + %d, v FROM t".formatted(count));
    }
    return cluster;
  }

  private static int stream(StreamingCluster cluster) {
    return cluster.stream(cluster.binlogSource(rule("t", "select * from t")));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void touchTheirOwnStreamsOnly(DatabaseKind kind) {
    try (StreamingCluster one = cluster(kind, 1);
        StreamingCluster two = cluster(kind, 2)) {
      int first = stream(one);
      int second = stream(two);
      one.restartTarget();
      one.awaitState(first, "Running");
      two.awaitState(second, "Running");
      for (StreamingCluster cluster : List.of(one, two)) {
        cluster.source.run(
            "UPDATE t SET v = v + 10 WHERE id % 3 = 0", "DELETE FROM t WHERE id < 9");
      }
      one.awaitCaughtUp(first);
      two.awaitCaughtUp(second);

      one.targetClient()
          .vReplicationExec("update _vt.vreplication set state='Stopped' where workflow='move'");
      one.awaitState(first, "Stopped");
      assertThat(two.column(second, "state")).isEqualTo("Running");
      one.targetClient()
          .vReplicationExec("update _vt.vreplication set message='x' where id=" + second);
      assertThatThrownBy(() ->
              one.targetClient()
                  .withDeadline(Duration.ofSeconds(5))
                  .vReplicationWaitForPos(second, two.sourcePosition().encoded()))
          .isInstanceOf(TabletException.class);
      assertThat(
              one.targetClient().readVReplicationWorkflow("move").orElseThrow().getStreamsCount())
          .isOne();
      one.targetClient().deleteVReplicationWorkflow("move");
      assertThat(one.column(second, "state")).isEqualTo("Running");
      two.source.run("INSERT INTO t VALUES (-1, -1)");
      two.awaitCaughtUp(second);
      for (StreamingCluster cluster : List.of(one, two)) {
        assertThat(rows(cluster.target, "t")).isEqualTo(rows(cluster.source, "t"));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void createStreamsAtTheSameTime(DatabaseKind kind) {
    try (StreamingCluster one = cluster(kind, 1);
        StreamingCluster two = cluster(kind, 2)) {
      List<Integer> ids = new ArrayList<>();
      CompletableFuture<Void> beside =
          CompletableFuture.runAsync(() -> {
            for (int i = 0; i < 30; i++) {
              two.stream(two.binlogSource(rule("t", "select * from t")), "Stopped");
            }
          });
      for (int i = 0; i < 30; i++) {
        ids.add(one.stream(one.binlogSource(rule("t", "select * from t")), "Stopped"));
      }
      beside.join();
      try (MysqlConnection connection = one.target.connect()) {
        for (Row row :
            connection
                .execute(
                    "SELECT vrepl_id, COUNT(*), SUM(count) FROM _vt.vreplication_log WHERE type ="
                        + " 'Stream Created' GROUP BY vrepl_id")
                .rows()) {
          assertThat(row.text(1) + " " + row.text(2)).as("stream " + row.text(0)).isEqualTo("1 1");
        }
      }
      one.targetClient().deleteVReplicationWorkflow("move");
      two.targetClient().deleteVReplicationWorkflow("move");
      assertThat(ids).doesNotHaveDuplicates();
    }
  }
}
