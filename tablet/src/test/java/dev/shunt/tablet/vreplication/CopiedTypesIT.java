package dev.shunt.tablet.vreplication;

import static dev.shunt.tablet.vreplication.StreamingCluster.rows;
import static dev.shunt.tablet.vreplication.StreamingCluster.rule;
import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.embedded.DatabaseKind;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Values that a copy could damage arrive to the byte. */
class CopiedTypesIT {
  private static final String[] TABLES = {
    "CREATE TABLE texts (id INT PRIMARY KEY, a VARCHAR(40) CHARACTER SET latin1,"
        + " b VARCHAR(40) CHARACTER SET utf8mb4, c VARCHAR(40) CHARACTER SET gbk,"
        + " d VARCHAR(40) CHARACTER SET sjis, e TEXT CHARACTER SET utf16, f CHAR(9), g LONGBLOB,"
        + " h BINARY(6), i VARBINARY(20), j JSON)",
    "CREATE TABLE numbers (id INT AUTO_INCREMENT PRIMARY KEY, a BIGINT UNSIGNED, b DECIMAL(65,30),"
        + " c FLOAT, d DOUBLE, e BIT(1), f BIT(64), g TINYINT(1), h INT(5) ZEROFILL, i YEAR,"
        + " j ENUM('','a','b''c'), k SET('x','y','z'))",
    "CREATE TABLE times (id INT PRIMARY KEY, a DATE, b DATETIME(6), c TIMESTAMP(6) NULL,"
        + " d TIME(3), e TIMESTAMP(3) NULL)",
    "CREATE TABLE shapes (id INT PRIMARY KEY, g GEOMETRY, p POINT)",
    "CREATE TABLE made (id INT PRIMARY KEY, a INT, s INT AS (a + 1) STORED,"
        + " v INT AS (a + 2) VIRTUAL)"
  };

  private static final String[] ROWS = {
    "INSERT INTO texts VALUES (0, 'tab\\there', 'new\\nline \ud83d\ude00', '\u4e2d\u6587\\\\',"
        + " '\u8868\u30bd', '\\\\N', 'x ', X'00010a0d09275c1aff', 'a', X'00', '{\"a\": [1, \"\u00e9\\\\\\\\\"]}')",
    "INSERT INTO texts VALUES (-5, '', '', '', '', '', '', '', '', '', 'null')",
    "INSERT INTO texts (id) VALUES (7)",
    "INSERT INTO texts (id, g) VALUES (8, REPEAT(X'5c090a', 3000000))",
    "INSERT INTO numbers VALUES (0, 18446744073709551615, -1.000000000000000000000000000001, 16777217,"
        + " 0.1, 1, 0xffffffffffffffff, -1, 42, 1901, 'b''c', 'x,z')",
    "INSERT INTO numbers VALUES (1, 0, 99999999999999999999999999999999999, -1.1754944e-38,"
        + " 1.7976931348623157e308, 0, 9, 0, 0, 0, '', '')",
    "INSERT INTO numbers (id) VALUES (-3)",
    "INSERT INTO times VALUES (1, '0000-00-00', '0000-00-00', '2024-03-31 01:30:00.123456',"
        + " '-838:59:59', '1970-01-01 00:00:01.001')",
    "INSERT INTO times VALUES (2, '2024-02-31', '2024-00-15 23:59:59.999999', NULL, '00:00:00.001',"
        + " '2024-10-27 02:30:00')",
    "INSERT INTO shapes VALUES (1, ST_GeomFromText('POLYGON((0 0,9 0,9 9,0 0))'), POINT(1.5, -2)),"
        + " (2, NULL, NULL)",
    "INSERT INTO made (id, a) VALUES (1, 5), (2, NULL)"
  };

  @TempDir Path directory;

  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void arriveToTheByte(DatabaseKind kind) {
    try (StreamingCluster cluster = new StreamingCluster(directory.resolve("topo"), kind, kind)) {
      cluster.source.run(TABLES);
      cluster.target.run(TABLES);
      for (String row : ROWS) {
        cluster.source.run("SET NAMES utf8mb4", row);
      }
      int id =
          cluster.stream(
              cluster.binlogSource(
                  rule("texts", "select * from texts"),
                  rule("numbers", "select * from numbers"),
                  rule("times", "select * from times"),
                  rule("shapes", "select * from shapes"),
                  rule("made", "select id, a from made")));
      cluster.awaitState(id, "Running");

      for (String table : List.of("texts", "times", "shapes", "made")) {
        assertThat(rows(cluster.target, table)).as(table).isEqualTo(rows(cluster.source, table));
      }
      // A FLOAT prints fewer digits than it has.
      String exact = "(SELECT *, c + 0e0 FROM numbers) exact";
      assertThat(rows(cluster.target, exact)).isEqualTo(rows(cluster.source, exact));
    }
  }
}
