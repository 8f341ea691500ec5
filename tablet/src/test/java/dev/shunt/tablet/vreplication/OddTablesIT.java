package dev.shunt.tablet.vreplication;

import static dev.shunt.tablet.vreplication.StreamingCluster.rows;
import static dev.shunt.tablet.vreplication.StreamingCluster.rule;
import static org.assertj.core.api.Assertions.assertThat;

import binlogdata.Binlogdata;
import dev.shunt.embedded.DatabaseKind;
import dev.shunt.embedded.Engine;
import dev.shunt.mysql.MysqlConnection;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tables of kinds that random ones once failed with. */
class OddTablesIT {
  @TempDir Path directory;

  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  static List<DatabaseKind> mariaDbs() {
    return kinds().stream().filter(kind -> kind.engine() == Engine.MARIADB).toList();
  }

  static List<DatabaseKind> mySqls() {
    return kinds().stream().filter(kind -> kind.engine() == Engine.MYSQL).toList();
  }

  /** Copies a table with some rows, changes them, and compares; statements' literals are text. */
  private void assertMoves(
      DatabaseKind kind, List<String> creates, List<String> before, List<String> after) {
    try (StreamingCluster cluster = new StreamingCluster(directory.resolve("topo"), kind, kind);
        MysqlConnection source = MysqlConnection.open(cluster.source.endpoint())) {
      source.execute("SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO'");
      creates.forEach(source::execute);
      cluster.target.run(creates.toArray(String[]::new));
      List<String> tables = creates.stream().map(create -> create.split(" ", -1)[2]).toList();
      before.forEach(source::execute);
      int id =
          cluster.stream(
              cluster.binlogSource(
                  tables.stream()
                      .map(table -> rule(table, "select * from " + table))
                      .toArray(Binlogdata.Rule[]::new)));
      cluster.awaitState(id, "Running");
      after.forEach(source::execute);
      cluster.awaitCaughtUp(id);
      for (String table : tables) {
        assertThat(rows(cluster.target, table).equals(rows(cluster.source, table)))
            .as("rows of %s are equal", table)
            .isTrue();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void keyedByBits(DatabaseKind kind) {
    assertMoves(
        kind,
        List.of(
            "CREATE TABLE a (id BIT(7) PRIMARY KEY, v INT)",
            "CREATE TABLE b (k BIT(64), v VARCHAR(9), PRIMARY KEY (v, k))"),
        List.of(
            "INSERT INTO a VALUES (1, 1), (2, 2), (57, 3), (127, 4)",
            "INSERT INTO b VALUES (18446744073709551615, 'x'), (0, 'x'), (57, 'y')"),
        List.of(
            "UPDATE a SET v = v + 1",
            "DELETE FROM a WHERE id IN (2, 57)",
            "UPDATE b SET v = 'z' WHERE k > 1",
            "DELETE FROM b WHERE k = 57"));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void withoutAKeyAndWithLongRows(DatabaseKind kind) {
    assertMoves(
        kind,
        List.of(
            "CREATE TABLE a (n INT, t LONGTEXT, u LONGTEXT, b LONGBLOB, c TEXT)",
            "CREATE TABLE b (g GEOMETRY)",
            "CREATE TABLE c (j JSON)"),
        List.of(
            "INSERT INTO a SELECT 1, REPEAT('t', 100000), REPEAT('u', 2000000), 'b', 'c'",
            "INSERT INTO a SELECT n, t, CONCAT(u, 'v'), b, c FROM a",
            "INSERT INTO a SELECT n, t, CONCAT(u, 'w'), b, c FROM a",
            "INSERT INTO b VALUES (ST_GeomFromText('POINT(1 2)')), (NULL)",
            "INSERT INTO c VALUES ('{\"a\": 1}'), ('[2]'), (NULL)"),
        List.of(
            "UPDATE a SET n = 2 WHERE u LIKE '%uv' LIMIT 1",
            "DELETE FROM a WHERE u LIKE '%w' LIMIT 1",
            "UPDATE b SET g = ST_GeomFromText('POINT(3 4)') WHERE g IS NOT NULL",
            "DELETE FROM c WHERE j IS NULL"));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void withEnumsThatHoldNoElement(DatabaseKind kind) {
    assertMoves(
        kind,
        List.of("CREATE TABLE a (id INT PRIMARY KEY, e ENUM('x', 'y'), f ENUM('z'))"),
        List.of("INSERT INTO a VALUES (1, 'none', 'none'), (2, 'x', NULL), (3, 'none', 'z')"),
        List.of("INSERT INTO a VALUES (4, 'none', 'z')", "UPDATE a SET e = 'none' WHERE id = 2"));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void countedFromZeroBesideConvertedColumns(DatabaseKind kind) {
    assertMoves(
        kind,
        List.of(
            "CREATE TABLE a (id INT AUTO_INCREMENT PRIMARY KEY, j "
                + (kind.engine() == Engine.MYSQL ? "JSON" : "INET6")
                + ")"),
        List.of("INSERT INTO a (id) VALUES (0), (1), (-1)"),
        List.of("UPDATE a SET id = 5 WHERE id = 1", "INSERT INTO a (id) VALUES (1)"));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void keyedByTheTimeOfTheLastChange(DatabaseKind kind) {
    String changed = "changed TIMESTAMP DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP";
    assertMoves(
        kind,
        List.of(
            "CREATE TABLE a (" + changed + ", v INT, PRIMARY KEY (changed))",
            "CREATE TABLE b (" + changed + ", k VARCHAR(9), v INT, PRIMARY KEY (changed, k))"),
        List.of(
            "INSERT INTO a VALUES ('2001-02-03 04:05:06', 1)",
            "INSERT INTO b VALUES ('2001-02-03 04:05:06', 'a', 1)"),
        List.of("UPDATE a SET v = 2, changed = changed", "UPDATE b SET v = 2, changed = changed"));
  }

  @ParameterizedTest
  @MethodSource("mariaDbs")
  void withCompressedColumns(DatabaseKind kind) {
    assertMoves(
        kind,
        List.of(
            "CREATE TABLE a (id INT PRIMARY KEY, v VARCHAR(900) COMPRESSED, s VARCHAR(9) COMPRESSED,"
                + " b LONGBLOB COMPRESSED)"),
        List.of("INSERT INTO a VALUES (1, 'a', 'b', REPEAT('c', 100000))"),
        List.of(
            "INSERT INTO a VALUES (2, REPEAT('a', 800), '', REPEAT('c', 70000)), (3, '', 'x', NULL)",
            "UPDATE a SET b = CONCAT(b, 'more')"));
  }

  @ParameterizedTest
  @MethodSource("mySqls")
  void whoseParentsAreReplaced(DatabaseKind kind) {
    assertMoves(
        kind,
        List.of(
            "CREATE TABLE p (id INT PRIMARY KEY, v INT)",
            "CREATE TABLE c (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES p (id))",
            "CREATE TABLE q (id INT PRIMARY KEY, v INT)",
            "CREATE TABLE d (id INT PRIMARY KEY, q INT,"
                + " FOREIGN KEY (q) REFERENCES q (id) ON DELETE CASCADE)"),
        List.of(
            "INSERT INTO p VALUES (1, 1)",
            "INSERT INTO c VALUES (1, 1)",
            "INSERT INTO q VALUES (1, 1), (2, 2)",
            "INSERT INTO d VALUES (1, 1), (2, 2)"),
        List.of(
            "REPLACE INTO p VALUES (1, 2)",
            "REPLACE INTO q VALUES (1, 2)",
            "DELETE FROM q WHERE id = 2"));
  }

  private static final String BOOKINGS =
      "CREATE TABLE b (room INT, s DATE, e DATE, who VARCHAR(9), PERIOD FOR p(s, e),"
          + " PRIMARY KEY (room, p WITHOUT OVERLAPS))";

  @ParameterizedTest
  @MethodSource("mariaDbs")
  void whoseRowsDoNotOverlap(DatabaseKind kind) {
    assertMoves(
        kind,
        List.of(BOOKINGS),
        List.of(
            "INSERT INTO b VALUES (1,'2024-01-01','2024-01-05','a'),"
                + " (1,'2024-01-05','2024-01-09','b'), (2,'2024-01-01','2024-01-05','c')"),
        List.of(
            "UPDATE b SET who = 'x'",
            "UPDATE b SET e = '2024-01-04' WHERE room = 1 AND s = '2024-01-01'",
            "INSERT INTO b VALUES (1,'2024-01-04','2024-01-05','d')",
            "DELETE FROM b FOR PORTION OF p FROM '2024-01-06' TO '2024-01-07' WHERE room = 1",
            "DELETE FROM b WHERE room = 2"));
  }

  @ParameterizedTest
  @MethodSource("mariaDbs")
  void whoseRowsDoNotOverlapAndWhoseCopyIsCutOff(DatabaseKind kind) {
    try (StreamingCluster cluster = new StreamingCluster(directory.resolve("topo"), kind, 2_000)) {
      cluster.source.run(
          BOOKINGS,
          "INSERT INTO b SELECT seq, '2024-01-01', '2024-01-05', REPEAT('a', 9) FROM seq_1_to_3000");
      cluster.target.run(BOOKINGS);
      int id = cluster.stream(cluster.binlogSource(rule("b", "select * from b")));
      cluster.awaitRowsCopied(id, 200);
      cluster.stop(id);
      cluster.source.run(
          "UPDATE b SET who = 'x' WHERE room % 3 = 0", "DELETE FROM b WHERE room % 7 = 1");
      cluster.goOn(id);
      cluster.awaitState(id, "Running");
      cluster.source.run("UPDATE b SET who = 'y' WHERE room % 5 = 0");
      cluster.awaitCaughtUp(id);
      cluster.assertEqual(List.of("b"));
    }
  }
}
