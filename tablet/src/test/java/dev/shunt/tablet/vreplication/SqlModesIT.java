package dev.shunt.tablet.vreplication;

import static dev.shunt.tablet.vreplication.StreamingCluster.rows;
import static dev.shunt.tablet.vreplication.StreamingCluster.rule;
import static org.assertj.core.api.Assertions.assertThat;

import binlogdata.Binlogdata.OnDDLAction;
import dev.shunt.embedded.DatabaseKind;
import dev.shunt.embedded.Engine;
import dev.shunt.tablet.vstreamer.TestDatabase;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Statements of the log that are read by the sql_mode of their session. */
class SqlModesIT {
  @TempDir Path directory;

  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  private StreamingCluster cluster(DatabaseKind kind) {
    StreamingCluster cluster = new StreamingCluster(directory, kind, kind);
    for (TestDatabase database : List.of(cluster.source, cluster.target)) {
      database.run(
          "CREATE TABLE t1 (id INT PRIMARY KEY, v VARCHAR(20))", "CREATE TABLE t2 LIKE t1");
    }
    cluster.source.run("CREATE TABLE x LIKE t1", "INSERT INTO x VALUES (2, 'x')");
    return cluster;
  }

  private static int stream(StreamingCluster cluster, OnDDLAction action) {
    int id =
        cluster.stream(cluster.binlogSource(rule("/t.*", "")).toBuilder().setOnDdl(action).build());
    cluster.awaitState(id, "Running");
    return id;
  }

  /** One of a table that the source dropped. */
  private static int streamWithoutT2(StreamingCluster cluster) {
    int id = stream(cluster, OnDDLAction.IGNORE);
    cluster.source.run("DROP TABLE t2");
    cluster.awaitState(id, "Error");
    cluster.update(
        id, "state='Running', message='', pos='" + cluster.sourcePosition().encoded() + "'");
    cluster.awaitState(id, "Running");
    return id;
  }

  /** Else the table's name is taken for a part of a string, and its rows are never seen. */
  @ParameterizedTest
  @MethodSource("kinds")
  void backslashesThatEscapeNothingHideNoTable(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = streamWithoutT2(cluster);
      cluster.source.run(
          "SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES'",
          "ALTER TABLE x COMMENT '\\', RENAME TO t2 /* it's a table of the stream */");
      cluster.awaitState(id, "Error");
      assertThat(cluster.column(id, "message")).contains("on_ddl=IGNORE", "RENAME TO t2");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void changesOfTablesAreCarriedOut(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = stream(cluster, OnDDLAction.EXEC);
      List<String> statements =
          new ArrayList<>(
              List.of(
                  "SET SESSION sql_mode = 'ANSI_QUOTES'",
                  "ALTER TABLE \"t1\" ADD COLUMN \"w\"\"`\" INT",
                  "INSERT INTO t1 VALUES (1, 'a', 1)",
                  "SET SESSION sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'",
                  "ALTER TABLE t1 ADD COLUMN \"y\\\" VARCHAR(9) COMMENT '\\'",
                  "INSERT INTO t1 VALUES (2, 'b', 2, 'y')"));
      if (kind.engine() == Engine.MARIADB) {
        statements.add("SET SESSION sql_mode = 'MSSQL'");
        statements.add("ALTER TABLE [t1] ADD COLUMN [z] INT");
        statements.add("INSERT INTO t1 VALUES (3, 'c', 3, 'y', 3)");
      }
      cluster.source.run(statements.toArray(String[]::new));
      cluster.awaitCaughtUp(id);
      assertThat(rows(cluster.target, "t1")).isEqualTo(rows(cluster.source, "t1"));
      assertThat(cluster.column(id, "state")).isEqualTo("Running");
    }
  }

  /** MariaDB reads it by the mode of the session, and logs the other one. */
  @ParameterizedTest
  @EnumSource(
      value = DatabaseKind.class,
      names = {"MARIADB_11_4", "MARIADB_10_11"})
  void aStatementWithAModeOfItsOwnEndsAStream(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = streamWithoutT2(cluster);
      cluster.source.run(
          "SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES'",
          "SET STATEMENT sql_mode = '' FOR ALTER TABLE x COMMENT '\\', RENAME TO t2 /* it's new */");
      cluster.awaitState(id, "Error");
      assertThat(cluster.column(id, "message")).contains("SET STATEMENT sql_mode");
    }
  }
}
