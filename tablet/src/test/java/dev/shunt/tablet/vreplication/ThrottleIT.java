package dev.shunt.tablet.vreplication;

import static dev.shunt.tablet.vreplication.StreamingCluster.rows;
import static dev.shunt.tablet.vreplication.StreamingCluster.rule;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shunt.embedded.DatabaseKind;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.tablet.ThrottlerSettings;
import dev.shunt.tablet.vstreamer.TestDatabase;
import dev.shunt.tabletclient.TabletException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tabletmanagerdata.Tabletmanagerdata.UpdateVReplicationWorkflowRequest;

/** Streams wait for busy databases, say so, give up in time, and take over options as they go. */
class ThrottleIT {
  @TempDir Path directory;

  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  /** Both databases count as busy while the row of theirs in the table {@code busy} says so. */
  private StreamingCluster cluster(DatabaseKind kind) {
    TestDatabase source = TestDatabase.source(kind);
    TestDatabase target = TestDatabase.target(kind);
    for (TestDatabase database : List.of(source, target)) {
      database.run(
          "CREATE TABLE busy (n INT)",
          "INSERT INTO busy VALUES (0)",
          "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(200))");
    }
    source.run("INSERT INTO t VALUES (1,'a'),(2,'b')");
    return new StreamingCluster(
        directory.resolve("topo"),
        source,
        target,
        config ->
            config.withStreams(
                Duration.ofSeconds(2),
                new ThrottlerSettings(0, 0, "SELECT n FROM " + config.database() + ".busy", 5)));
  }

  private static void awaitThrottled(StreamingCluster cluster, int id, String component) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () -> assertThat(cluster.column(id, "component_throttled")).isEqualTo(component));
    assertThat(cluster.column(id, "reason_throttled")).isEqualTo("custom: 7 exceeds threshold 5");
    assertThat(Long.parseLong(cluster.column(id, "time_throttled"))).isPositive();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void waitsForABusyTarget(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      cluster.target.run("UPDATE busy SET n = 7");
      int id = cluster.stream(cluster.binlogSource(rule("t", "select * from t")));
      awaitThrottled(cluster, id, "vcopier");
      assertThat(rows(cluster.target, "t")).isEmpty();
      String held = connectionOfStream(cluster, id);

      // Options are taken over meanwhile, without starting again.
      cluster
          .targetClient()
          .updateVReplicationWorkflow(
              UpdateVReplicationWorkflowRequest.newBuilder()
                  .setWorkflow("move")
                  .addCells("NULL")
                  .addTabletTypesValue(-1)
                  .putConfigOverrides("vreplication-parallel-insert-workers", "5")
                  .build());
      assertThat(cluster.column(id, "options")).contains("insert-workers").contains("5");
      assertThat(connectionOfStream(cluster, id)).isEqualTo(held);
      assertThatThrownBy(() ->
              cluster
                  .targetClient()
                  .updateVReplicationWorkflow(
                      UpdateVReplicationWorkflowRequest.newBuilder()
                          .setWorkflow("move")
                          .putConfigOverrides("nonsense", "1")
                          .build()))
          .isInstanceOf(TabletException.class)
          .hasMessageContaining("nonsense");

      cluster.target.run("UPDATE busy SET n = 0");
      cluster.awaitState(id, "Running");
      assertThat(rows(cluster.target, "t")).hasSize(2);

      cluster.target.run("UPDATE busy SET n = 7");
      cluster.source.run("INSERT INTO t VALUES (3,'c')");
      awaitThrottled(cluster, id, "vplayer");
      cluster.target.run("UPDATE busy SET n = 0");
      cluster.awaitCaughtUp(id);
      assertThat(rows(cluster.target, "t")).hasSize(3);
    }
  }

  private static String connectionOfStream(StreamingCluster cluster, int id) {
    try (MysqlConnection connection = cluster.target.connect()) {
      String name =
          "shunt-stream-" + id + "-" + Integer.toHexString(cluster.target.name().hashCode());
      return String.valueOf(
          connection.execute("SELECT IS_USED_LOCK('" + name + "')").only().textOrNull(0));
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void waitsForABusySource(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      cluster.source.run("UPDATE busy SET n = 7");
      int id = cluster.stream(cluster.binlogSource(rule("t", "select * from t")));
      awaitThrottled(cluster, id, "rowstreamer");
      cluster.source.run("UPDATE busy SET n = 0");
      cluster.awaitState(id, "Running");

      cluster.source.run("UPDATE busy SET n = 7", "INSERT INTO t VALUES (3,'c')");
      awaitThrottled(cluster, id, "vstreamer");
      cluster.source.run("UPDATE busy SET n = 0");
      cluster.awaitCaughtUp(id);
      assertThat(rows(cluster.target, "t")).hasSize(3);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void givesUpWhenTheSameErrorComesForTooLong(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      var nowhere =
          cluster.binlogSource(rule("t", "select * from t")).toBuilder()
              .setKeyspace("nowhere")
              .build();
      int id = cluster.stream(nowhere);
      cluster.awaitState(id, "Error");
      assertThat(cluster.column(id, "message")).startsWith("terminal error: ").contains("nowhere");
    }
  }
}
