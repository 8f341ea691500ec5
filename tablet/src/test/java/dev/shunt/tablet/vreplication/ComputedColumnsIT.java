package dev.shunt.tablet.vreplication;

import static dev.shunt.tablet.vreplication.StreamingCluster.rows;
import static dev.shunt.tablet.vreplication.StreamingCluster.rule;
import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.embedded.DatabaseKind;
import dev.shunt.embedded.Engine;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Columns that servers compute and store. */
class ComputedColumnsIT {
  private static final String TABLE =
      "CREATE TABLE t (id INT PRIMARY KEY, ts TIMESTAMP NULL, d DATETIME, v VARCHAR(20), %s)";

  @TempDir Path directory;

  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void thatDependOnTheSessionAreRefusedUntilTheyArePlain(DatabaseKind kind) {
    boolean named = kind.engine() == Engine.MYSQL; // MariaDB takes no names of months there
    String day = "g DATE AS (DATE(ts)) STORED";
    String month = "g VARCHAR(30) AS (MONTHNAME(d)) STORED";
    for (String column : named ? List.of(day, month) : List.of(day)) {
      try (StreamingCluster cluster = new StreamingCluster(directory.resolve(column), kind, kind)) {
        String session =
            "SET SESSION time_zone = '+10:00'" + (named ? ", lc_time_names = 'de_DE'" : "");
        String insert =
            "INSERT INTO t (id, ts, d, v) VALUES (%d, '2024-03-01 01:00:00', '2024-03-01', '')";
        // Where the one who makes a table has that set, MySQL keeps the expression without quotes.
        String quotes = "SET SESSION sql_quote_show_create = " + (column.equals(day) ? 0 : 1);
        cluster.source.run(quotes, TABLE.formatted(column), session, insert.formatted(1));
        cluster.target.run(quotes, TABLE.formatted(column));
        int id = cluster.stream(cluster.binlogSource(rule("t", "select * from t")));
        cluster.awaitState(id, "Error");
        assertThat(cluster.column(id, "message")).contains("the column g of t is computed by");
        assertThat(rows(cluster.target, "t")).isEmpty();

        cluster.target.run("ALTER TABLE t DROP COLUMN g", "ALTER TABLE t ADD COLUMN g VARCHAR(30)");
        if (column.equals(day)) {
          cluster.target.run("ALTER TABLE t MODIFY COLUMN g DATE");
        }
        cluster.goOn(id);
        cluster.awaitState(id, "Running");
        cluster.source.run(
            session, insert.formatted(2), "UPDATE t SET d = '2024-10-01' WHERE id = 1");
        cluster.awaitCaughtUp(id);
        assertThat(rows(cluster.target, "t")).isEqualTo(rows(cluster.source, "t")).hasSize(2);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void thatDependOnNothingElseAreComputedAnew(DatabaseKind kind) {
    String columns =
        "g INT AS (IF(ts IS NULL, 1, NULL)) STORED, UNIQUE (g),"
            + " s VARCHAR(40) AS (CONCAT(v, 'it''s ts')) STORED, h INT AS (HOUR(d)) STORED,"
            + " w INT AS (HOUR(ts)) VIRTUAL";
    try (StreamingCluster cluster = new StreamingCluster(directory, kind, kind)) {
      cluster.source.run(
          TABLE.formatted(columns),
          "INSERT INTO t (id, ts, d, v) VALUES (1, NULL, '2024-03-01 05:00:00', 'a')");
      cluster.target.run(TABLE.formatted(columns));
      int id = cluster.stream(cluster.binlogSource(rule("t", "select * from t")));
      cluster.awaitState(id, "Running");
      cluster.source.run(
          "SET SESSION time_zone = '+10:00'",
          "INSERT INTO t (id, ts, d, v) VALUES (2, NOW(), '2024-03-01 05:00:00', 'a')");
      cluster.awaitCaughtUp(id);
      assertThat(rows(cluster.target, "t")).isEqualTo(rows(cluster.source, "t")).hasSize(2);
    }
  }
}
