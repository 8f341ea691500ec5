package dev.shunt.tablet.vreplication;

import static dev.shunt.tablet.vreplication.StreamingCluster.rows;
import static dev.shunt.tablet.vreplication.StreamingCluster.rule;
import static org.assertj.core.api.Assertions.assertThat;

import binlogdata.Binlogdata.OnDDLAction;
import dev.shunt.embedded.DatabaseKind;
import dev.shunt.embedded.Engine;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.Position;
import dev.shunt.tablet.vstreamer.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Definitions by which rows go or come without an event, in each mode of on_ddl. */
class ChangedRowsWithoutEventsIT {
  private static final String TABLE =
      "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20)) PARTITION BY RANGE (id)"
          + " (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (100))";
  private static final String PLAIN = "(id INT PRIMARY KEY, v VARCHAR(20))";

  @TempDir Path directory;

  static List<DatabaseKind> kinds() {
    return DatabaseKind.available().stream()
        .filter(kind -> kind != DatabaseKind.MARIADB_10_11)
        .toList();
  }

  private StreamingCluster cluster(DatabaseKind kind) {
    StreamingCluster cluster = new StreamingCluster(directory, kind, kind);
    for (TestDatabase database : List.of(cluster.source, cluster.target)) {
      database.run(TABLE, "CREATE TABLE s " + PLAIN);
    }
    cluster.source.run(
        "CREATE TABLE x " + PLAIN,
        "INSERT INTO x VALUES (2,'x')",
        "INSERT INTO t VALUES (1,'a'),(11,'b')",
        "INSERT INTO s VALUES (1,'a')");
    return cluster;
  }

  private static int stream(StreamingCluster cluster, OnDDLAction action) {
    int id =
        cluster.stream(
            cluster
                .binlogSource(rule("t", "select * from t"), rule("s", "select * from s"))
                .toBuilder()
                .setOnDdl(action)
                .build());
    cluster.awaitState(id, "Running");
    return id;
  }

  private static void passOver(StreamingCluster cluster, int id) {
    cluster.update(
        id, "state='Running', message='', pos='" + cluster.sourcePosition().encoded() + "'");
    cluster.awaitState(id, "Running");
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void endAStreamThatWouldPassThemOver(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      List<String> statements =
          new ArrayList<>(
              List.of(
                  "TRUNCATE t",
                  "ALTER TABLE t TRUNCATE PARTITION p1",
                  "ALTER TABLE t EXCHANGE PARTITION p0 WITH TABLE x",
                  "ALTER TABLE t DROP PARTITION p1",
                  "RENAME TABLE s TO s_old, x TO s",
                  "ALTER TABLE s DISCARD TABLESPACE",
                  "DROP TABLE s"));
      if (kind.engine() == Engine.MARIADB) {
        statements.add("CREATE OR REPLACE TABLE t " + PLAIN);
        statements.add("ALTER IGNORE TABLE t ADD UNIQUE (v)");
      }
      int id = stream(cluster, OnDDLAction.IGNORE);
      for (String statement : statements) {
        Position before = cluster.sourcePosition();
        cluster.source.run(statement);
        cluster.awaitState(id, "Error");
        assertThat(cluster.column(id, "message").replace("`", ""))
            .as(statement)
            .contains("on_ddl=IGNORE", before.encoded(), statement);
        assertThat(cluster.hasReached(id, before.encoded())).as(statement).isTrue();
        passOver(cluster, id);
      }
      cluster.source.run("ALTER TABLE t ADD KEY (v)");
      cluster.awaitCaughtUp(id);
      assertThat(cluster.column(id, "state")).isEqualTo("Running");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void areCarriedOutOnTheTargetOrRefused(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = stream(cluster, OnDDLAction.EXEC);
      String there = cluster.source.name();
      cluster.source.run(
          "ALTER TABLE t TRUNCATE PARTITION p1",
          "INSERT INTO t VALUES (12,'c')",
          "ALTER TABLE `" + there + "`.t ADD w INT",
          "INSERT INTO t VALUES (3,'d',4)",
          "ALTER TABLE x ADD w INT",
          "CREATE TRIGGER tg_table BEFORE INSERT ON t FOR EACH ROW SET NEW.w = 5",
          "INSERT INTO t VALUES (4,'e',0)",
          "TRUNCATE " + there + ".s",
          "INSERT INTO s VALUES (9,'z')");
      cluster.awaitCaughtUp(id);
      assertThat(rows(cluster.target, "t"))
          .isEqualTo(rows(cluster.source, "t"))
          .containsExactly("'1','a',NULL,", "'12','c',NULL,", "'3','d','4',", "'4','e','5',");
      assertThat(rows(cluster.target, "s")).isEqualTo(rows(cluster.source, "s"));
      assertThat(
              rows(
                  cluster.target,
                  "(SELECT TRIGGER_NAME FROM information_schema.TRIGGERS"
                      + " WHERE TRIGGER_SCHEMA = '"
                      + cluster.target.name()
                      + "') g"))
          .isEmpty();

      cluster.source.run("ALTER TABLE x DROP w", "RENAME TABLE s TO s_old, x TO s");
      cluster.awaitState(id, "Error");
      assertThat(cluster.column(id, "message")).contains("fills no table s_old", "--on-ddl STOP");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void stopAStreamThatIsToStop(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = stream(cluster, OnDDLAction.STOP);
      cluster.source.run("TRUNCATE t");
      String behind = cluster.sourcePosition().encoded();
      cluster.awaitState(id, "Stopped");
      assertThat(cluster.column(id, "message")).isEqualTo("Stopped at DDL TRUNCATE t");
      assertThat(cluster.hasReached(id, behind)).isTrue();
      assertThat(rows(cluster.target, "t")).hasSize(2);
    }
  }

  /** Also where other changes that fail are passed over; it may still be made to hold. */
  @ParameterizedTest
  @MethodSource("kinds")
  void holdUpAStreamAsLongAsTheyFail(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = stream(cluster, OnDDLAction.EXEC_IGNORE);
      cluster.target.run("ALTER TABLE t REMOVE PARTITIONING");
      cluster.source.run("ALTER TABLE t TRUNCATE PARTITION p1", "INSERT INTO t VALUES (3,'c')");
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(() -> assertThat(cluster.column(id, "message")).contains("errno 1505"));
      assertThat(rows(cluster.target, "t")).containsExactly("'1','a',", "'11','b',");

      cluster.target.run(
          "ALTER TABLE t PARTITION BY RANGE (id)"
              + " (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (100))");
      cluster.awaitCaughtUp(id);
      assertThat(rows(cluster.target, "t"))
          .isEqualTo(rows(cluster.source, "t"))
          .containsExactly("'1','a',", "'3','c',");
    }
  }

  /** Read before the database is there again, or only then. */
  @ParameterizedTest
  @MethodSource("kinds")
  void theLossOfTheWholeDatabaseEndsTheStream(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind);
        MysqlConnection source = cluster.source.connect()) {
      int id = stream(cluster, OnDDLAction.IGNORE);
      String name = cluster.source.name();
      source.execute("DROP DATABASE `" + name + "`");
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(() -> assertThat(cluster.column(id, "message")).isNotEmpty());
      source.execute("CREATE DATABASE `" + name + "`");
      source.execute("CREATE TABLE `" + name + "`.t " + PLAIN);
      source.execute("CREATE TABLE `" + name + "`.s " + PLAIN);
      cluster.awaitState(id, "Error");
      assertThat(cluster.column(id, "message")).contains("the source's database is dropped");
      assertThat(rows(cluster.target, "t")).hasSize(2);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void ofTablesWhoseCopyHasNotBegunAreCarriedOutBeforeIt(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id =
          cluster.stream(
              cluster
                  .binlogSource(rule("t", "select * from t"), rule("s", "select * from s"))
                  .toBuilder()
                  .setOnDdl(OnDDLAction.EXEC)
                  .build(),
              "Stopped");
      cluster.target.run(
          "INSERT INTO _vt.copy_state (vrepl_id, table_name) VALUES (" + id + ",'s')");
      cluster.cutOff(id, "t", "id", 1);
      cluster.target.run("INSERT INTO t VALUES (1,'a')");
      cluster.source.run(
          "INSERT INTO s VALUES (2,'b')",
          "ALTER TABLE s ADD w INT DEFAULT 7",
          "INSERT INTO s VALUES (3,'c',8)",
          "UPDATE t SET v = 'b' WHERE id = 1");

      cluster.goOn(id);

      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(() -> assertThat(cluster.column(id, "state")).isEqualTo("Running"));
      cluster.awaitCaughtUp(id);
      assertThat(rows(cluster.target, "s")).isEqualTo(rows(cluster.source, "s"));
      assertThat(rows(cluster.target, "t")).isEqualTo(rows(cluster.source, "t"));
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void aFilterThatTheSourceRefusesEndsTheStream(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = cluster.stream(cluster.binlogSource(rule("s", "select * from s where v = 5")));
      cluster.awaitState(id, "Error");
      assertThat(cluster.column(id, "message")).contains("terminal error").contains("v");
    }
  }
}
