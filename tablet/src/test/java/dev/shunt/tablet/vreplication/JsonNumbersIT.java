package dev.shunt.tablet.vreplication;

import static dev.shunt.tablet.vreplication.StreamingCluster.rows;
import static dev.shunt.tablet.vreplication.StreamingCluster.rule;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.shunt.embedded.DatabaseKind;
import dev.shunt.mysql.MysqlConnection;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Numbers in MySQL's JSON keep their digits, however they come. */
class JsonNumbersIT {
  private static final String TABLE = "CREATE TABLE %s (id INT PRIMARY KEY, j JSON, v INT)";
  private static final String KEYLESS = "CREATE TABLE %s (id INT, j JSON, v INT)";

  private static final List<String> DOCUMENTS =
      List.of(
          "JSON_OBJECT('x', CAST(99999999999999999999.5 AS DECIMAL(30,1)))",
          "JSON_OBJECT('x', CAST(1234567890123456.78 AS DECIMAL(20,2)), 'k\"1.50''s\\\\', 2)",
          "JSON_ARRAY('1.50', JSON_OBJECT('a\"b''c\\\\', JSON_ARRAY(1, CAST(12.5 AS DECIMAL(10,3)))))",
          "CAST(CAST(0.10 AS DECIMAL(5,2)) AS JSON)",
          "CAST(CAST(123456789012345678901234567890 AS DECIMAL(30,0)) AS JSON)",
          "JSON_ARRAY(1.5e0, 1e100, 18446744073709551615, -0.0e0, CAST(1.0 AS DECIMAL(3,1)))",
          "JSON_ARRAY(CAST(2.50 AS DECIMAL(10,2)), CAST('10:11:12' AS TIME), X'00ff')");

  @TempDir Path directory;

  @Test
  void keepTheirDigits() {
    assumeTrue(DatabaseKind.MYSQL.isAvailableOrRequired());
    try (StreamingCluster cluster =
        new StreamingCluster(directory.resolve("topo"), DatabaseKind.MYSQL, DatabaseKind.MYSQL)) {
      for (String local : List.of("0", "1")) {
        cluster.target.run("SET GLOBAL local_infile = " + local);
        keepTheirDigits(cluster, "keyed" + local, TABLE);
        keepTheirDigits(cluster, "keyless" + local, KEYLESS);
      }
    }
  }

  private static void keepTheirDigits(StreamingCluster cluster, String table, String definition) {
    cluster.source.run(definition.formatted(table));
    cluster.target.run(definition.formatted(table));
    try (MysqlConnection source = MysqlConnection.open(cluster.source.endpoint())) {
      int next = 0;
      for (String document : DOCUMENTS) {
        source.execute("INSERT INTO " + table + " VALUES (" + next++ + ", " + document + ", 0)");
      }
      int id = cluster.stream(cluster.binlogSource(rule(table, "select * from " + table)));
      cluster.awaitState(id, "Running");
      assertThat(rows(cluster.target, table)).isEqualTo(rows(cluster.source, table));

      for (String document : DOCUMENTS) {
        source.execute("INSERT INTO " + table + " VALUES (" + next++ + ", " + document + ", 0)");
      }
      source.execute("UPDATE " + table + " SET v = v + 1");
      source.execute("SET SESSION binlog_row_value_options = PARTIAL_JSON");
      source.execute(
          "UPDATE "
              + table
              + " SET j = JSON_SET(j, '$.x', CAST(3.1400 AS DECIMAL(6,4))) WHERE id = 0");
      source.execute("SET SESSION binlog_row_value_options = ''");
      source.execute("DELETE FROM " + table + " WHERE id % 3 = 1");
      cluster.awaitCaughtUp(id);
      assertThat(rows(cluster.target, table)).isEqualTo(rows(cluster.source, table));
      assertThat(rows(cluster.target, table)).anyMatch(row -> row.contains("3.1400"));
    }
  }
}
