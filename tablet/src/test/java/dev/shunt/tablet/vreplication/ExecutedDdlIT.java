package dev.shunt.tablet.vreplication;

import static dev.shunt.tablet.vreplication.StreamingCluster.rows;
import static dev.shunt.tablet.vreplication.StreamingCluster.rule;
import static org.assertj.core.api.Assertions.assertThat;

import binlogdata.Binlogdata.OnDDLAction;
import dev.shunt.embedded.DatabaseKind;
import dev.shunt.embedded.Engine;
import dev.shunt.mysql.MysqlConnection;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Changes of tables that on_ddl carries out, and what they do to rows that are there. */
class ExecutedDdlIT {
  private static final String TABLE =
      "CREATE TABLE t (a VARCHAR(9), b VARCHAR(9), ts TIMESTAMP NULL, n INT, d DATETIME)";

  @TempDir Path directory;

  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  private StreamingCluster cluster(DatabaseKind kind) {
    StreamingCluster cluster = new StreamingCluster(directory.resolve("topo"), kind, kind);
    cluster.source.run(
        TABLE,
        "INSERT INTO t VALUES ('1','2','2024-02-03 04:05:06',7,'2024-02-03 04:05:06'),"
            + " ('3','4',NULL,NULL,NULL)");
    cluster.target.run(TABLE);
    return cluster;
  }

  private static int stream(StreamingCluster cluster, OnDDLAction action) {
    int id =
        cluster.stream(
            cluster.binlogSource(rule("t", "select * from t")).toBuilder()
                .setOnDdl(action)
                .build());
    cluster.awaitState(id, "Running");
    return id;
  }

  /** Each with the session that it is carried out in. */
  private static List<List<String>> dependent(DatabaseKind kind) {
    List<List<String>> statements =
        new ArrayList<>(
            List.of(
                List.of("ALTER TABLE t ADD made DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)"),
                List.of("SET time_zone='+05:00'", "ALTER TABLE t MODIFY ts DATETIME"),
                List.of("SET time_zone='+05:00'", "ALTER TABLE t CHANGE ts tx VARCHAR(30)"),
                List.of(
                    "SET time_zone='+05:00'",
                    "ALTER TABLE t ADD x TIMESTAMP NULL DEFAULT '2024-01-01 00:00:00'"),
                List.of(
                    "SET sql_mode=PIPES_AS_CONCAT",
                    "ALTER TABLE t ADD g VARCHAR(40) AS (a||b) STORED"),
                List.of("ALTER TABLE t ADD i INT AUTO_INCREMENT UNIQUE"),
                List.of(
                    "SET NAMES binary",
                    "ALTER TABLE t ADD l VARCHAR(9) CHARACTER SET latin1 DEFAULT 'é'")));
    if (kind.engine() == Engine.MARIADB) { // a MySQL refuses it by itself, for its log
      statements.add(List.of("ALTER TABLE t ADD u UUID DEFAULT UUID()"));
    }
    return statements;
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void endTheStreamWhereRowsWouldDependOnTheSession(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = stream(cluster, OnDDLAction.EXEC_IGNORE);
      List<String> before = rows(cluster.target, "t");
      for (List<String> session : dependent(kind)) {
        try (MysqlConnection source = cluster.source.connect()) {
          session.forEach(source::execute);
        }
        cluster.awaitState(id, "Error");
        assertThat(cluster.column(id, "message"))
            .as(session.getLast())
            .contains("rows might get other values", "--on-ddl STOP");
        assertThat(rows(cluster.target, "t")).as(session.getLast()).isEqualTo(before);
        cluster.delete(id);
        cluster.source.run("DROP TABLE t", TABLE, "INSERT INTO t (a) VALUES ('x')");
        cluster.target.run("DROP TABLE t", TABLE);
        id = stream(cluster, OnDDLAction.EXEC_IGNORE);
        before = rows(cluster.target, "t");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void areCarriedOutWhereRowsAreSurelyEqual(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = stream(cluster, OnDDLAction.EXEC);
      cluster.source.run(
          "ALTER TABLE t ADD k INT NOT NULL DEFAULT -1, ADD KEY (k), DROP COLUMN b",
          "ALTER TABLE t ADD (x VARCHAR(9) DEFAULT 'x y', y DECIMAL(5,2) NOT NULL DEFAULT 1.25)",
          "ALTER TABLE t ADD z TIMESTAMP NULL, MODIFY n BIGINT, RENAME COLUMN a TO a2",
          "ALTER TABLE t MODIFY d DATETIME(3) NULL, CHANGE n m DECIMAL(20,0)",
          "CREATE INDEX i ON t (m)",
          "DROP INDEX i ON t",
          "INSERT INTO t (a2, m, x) VALUES ('new', 1, NULL)",
          "ALTER TABLE t ADD e ENUM('p', 'q') NOT NULL, ROW_FORMAT=DYNAMIC COMMENT='ä'");
      cluster.awaitCaughtUp(id);
      assertThat(rows(cluster.target, "t")).isEqualTo(rows(cluster.source, "t")).hasSize(3);
      cluster.source.run("TRUNCATE t", "INSERT INTO t (a2) VALUES ('z')");
      cluster.awaitCaughtUp(id);
      assertThat(rows(cluster.target, "t")).isEqualTo(rows(cluster.source, "t")).hasSize(1);
    }
  }
}
