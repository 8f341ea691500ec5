package dev.shunt.tablet.vstreamer;

import static dev.shunt.tablet.vstreamer.StreamProbe.describe;
import static dev.shunt.tablet.vstreamer.StreamProbe.filter;
import static dev.shunt.tablet.vstreamer.StreamProbe.position;
import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.embedded.DatabaseKind;
import dev.shunt.embedded.Engine;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.Position;
import dev.shunt.tablet.RpcException;
import io.grpc.Status;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Rows that were logged before their table was changed, and are read behind the change. */
class ChangedTableIT {
  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  /** What a log without names may tell besides types. */
  static Stream<Arguments> levelsWithoutNames() {
    return kinds().stream()
        .flatMap(kind ->
            kind.engine() == Engine.MARIADB
                ? Stream.of(Arguments.of(kind, "NO_LOG"), Arguments.of(kind, "MINIMAL"))
                : Stream.of(Arguments.of(kind, "MINIMAL")));
  }

  private static final class Logged implements AutoCloseable {
    private final TestDatabase database;
    private final Position start;

    Logged(DatabaseKind kind, String metadata, String table, String... statements) {
      database = TestDatabase.source(kind);
      database.run("CREATE TABLE a (" + table + ")");
      start = position(database);
      try (MysqlConnection connection = database.connect()) {
        connection.execute("SET GLOBAL binlog_row_metadata = " + metadata);
      }
      database.run(statements);
    }

    List<String> rows(String query) throws Exception {
      try (StreamProbe probe = new StreamProbe(database)) {
        probe.follow(start.encoded(), filter("a", query));
        return describe(probe.until(position(database))).stream()
            .filter(text -> text.startsWith("a:"))
            .toList();
      }
    }

    void assertRefused(String query, String... reasons) throws Exception {
      try (StreamProbe probe = new StreamProbe(database)) {
        probe.follow(start.encoded(), filter("a", query));
        assertThat(probe.failure())
            .isInstanceOfSatisfying(
                RpcException.class,
                e -> assertThat(e.code()).isEqualTo(Status.Code.FAILED_PRECONDITION))
            .message()
            .contains("table a", start.encoded())
            .contains(reasons);
      }
    }

    @Override
    public void close() {
      database.run("SET GLOBAL binlog_row_metadata = FULL");
    }
  }

  @ParameterizedTest
  @MethodSource("levelsWithoutNames")
  void refusesColumnsThatChangedPlaces(DatabaseKind kind, String metadata) throws Exception {
    try (Logged logged =
        new Logged(
            kind,
            metadata,
            "id INT PRIMARY KEY, n INT, v VARCHAR(20)",
            "INSERT INTO a VALUES (1, 2, '3, 4); --')",
            "ALTER TABLE a MODIFY n INT AFTER v")) {
      logged.assertRefused("", "column v", "is varchar(20) now and was int");
    }
  }

  @ParameterizedTest
  @MethodSource("levelsWithoutNames")
  void takesColumnsBehindTheLastForNewer(DatabaseKind kind, String metadata) throws Exception {
    try (Logged logged =
        new Logged(
            kind,
            metadata,
            "id INT PRIMARY KEY, v VARCHAR(20)",
            "INSERT INTO a VALUES (1, 'x')",
            "ALTER TABLE a ADD n INT, ADD m INT",
            "INSERT INTO a VALUES (2, 'y', 3, 4)")) {
      assertThat(logged.rows("")).containsExactly("a:>1,x", "a:>2,y,3,4");
    }
    try (Logged logged =
        new Logged(
            kind,
            metadata,
            "id INT PRIMARY KEY, v VARCHAR(20)",
            "INSERT INTO a VALUES (1, 'x')",
            "ALTER TABLE a ADD n INT FIRST")) {
      logged.assertRefused("", "column id", "is int", "now and was varchar");
    }
  }

  @ParameterizedTest
  @MethodSource("levelsWithoutNames")
  void refusesRowsWithMoreColumnsThanThereAre(DatabaseKind kind, String metadata) throws Exception {
    try (Logged logged =
        new Logged(
            kind,
            metadata,
            "id INT PRIMARY KEY, e ENUM('a'), v VARCHAR(20)",
            "INSERT INTO a VALUES (1, 'a', 'x')",
            "ALTER TABLE a DROP e")) {
      logged.assertRefused("select id, v from a", "has 2 columns", "have 3");
    }
  }

  static Stream<Arguments> levelsOfMariaDb() {
    return kinds().stream()
        .filter(kind -> kind.engine() == Engine.MARIADB)
        .flatMap(
            kind -> Stream.of("NO_LOG", "MINIMAL", "FULL").map(level -> Arguments.of(kind, level)));
  }

  /** MariaDB keeps unique keys that are too long for an index by a hash, in a hidden column. */
  @ParameterizedTest
  @MethodSource("levelsOfMariaDb")
  void passesOverHashesOfLongKeys(DatabaseKind kind, String metadata) throws Exception {
    try (Logged logged =
        new Logged(
            kind,
            metadata,
            "id INT PRIMARY KEY, url TEXT, UNIQUE (url), b BIGINT UNSIGNED NOT NULL,"
                + " v VARCHAR(9000), UNIQUE (v, b)",
            "INSERT INTO a VALUES (1, 'x', 7, 'v')",
            "UPDATE a SET url = 'y'",
            "SET SESSION binlog_row_image = MINIMAL",
            "DELETE FROM a")) {
      assertThat(logged.rows("")).hasSize(3).startsWith("a:>1,x,7,v", "a:1,x,7,v>1,y,7,v");
    }
  }

  @ParameterizedTest
  @MethodSource("levelsOfMariaDb")
  void takesNoHashForAColumn(DatabaseKind kind, String metadata) throws Exception {
    try (Logged logged =
        new Logged(
            kind,
            metadata,
            "id INT PRIMARY KEY, url TEXT, UNIQUE (url)",
            "INSERT INTO a VALUES (1, 'x')",
            "ALTER TABLE a ADD c BIGINT UNSIGNED")) {
      if (metadata.equals("FULL")) {
        assertThat(logged.rows("")).containsExactly("a:>1,x");
      } else {
        logged.assertRefused("", "hidden column", "binlog_row_metadata=FULL");
      }
    }
    try (Logged logged =
        new Logged(
            kind,
            metadata,
            "id INT PRIMARY KEY, url TEXT",
            "INSERT INTO a VALUES (1, 'x')",
            "ALTER TABLE a ADD UNIQUE (url), ADD c INT")) {
      assertThat(logged.rows("")).containsExactly("a:>1,x");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void anUpdateMayBeOlderThanTheKey(DatabaseKind kind) throws Exception {
    for (String metadata : List.of("MINIMAL", "FULL")) {
      try (Logged logged =
          new Logged(
              kind,
              metadata,
              "v INT",
              "INSERT INTO a VALUES (1)",
              "UPDATE a SET v = 2",
              "ALTER TABLE a ADD id BIGINT AUTO_INCREMENT PRIMARY KEY")) {
        assertThat(logged.rows("")).containsExactly("a:>1", "a:1>2");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void aColumnMayBeCalledLikeAHash(DatabaseKind kind) throws Exception {
    try (Logged logged =
        new Logged(
            kind,
            "FULL",
            "DB_ROW_HASH_2 INT PRIMARY KEY, DB_ROW_HASH_x INT",
            "INSERT INTO a VALUES (1, 5)",
            "UPDATE a SET DB_ROW_HASH_x = 6")) {
      assertThat(logged.rows("")).containsExactly("a:>1,5", "a:1,5>1,6");
    }
  }

  /** MySQL keeps the values of an index of expressions in a hidden column, which it logs not. */
  @ParameterizedTest
  @EnumSource(value = DatabaseKind.class, names = "MYSQL")
  void hasNoColumnsOfIndexesOfExpressions(DatabaseKind kind) throws Exception {
    for (String metadata : List.of("MINIMAL", "FULL")) {
      try (Logged logged =
          new Logged(
              kind,
              metadata,
              "id INT PRIMARY KEY, v VARCHAR(20), UNIQUE ((LOWER(v))), b BIGINT UNSIGNED",
              "INSERT INTO a VALUES (1, 'X', 2)",
              "UPDATE a SET b = 3")) {
        assertThat(logged.rows("")).containsExactly("a:>1,X,2", "a:1,X,2>1,X,3");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void refusesOtherSignsAndCharacterSetsAsFarAsTheyAreLogged(DatabaseKind kind) throws Exception {
    try (Logged logged =
        new Logged(
            kind,
            "MINIMAL",
            "id INT PRIMARY KEY, n INT UNSIGNED",
            "INSERT INTO a VALUES (1, 4000000000)",
            "DELETE FROM a",
            "ALTER TABLE a MODIFY n INT")) {
      logged.assertRefused("", "column n", "and was int unsigned");
    }
    for (String metadata : List.of("MINIMAL", "FULL")) {
      try (Logged logged =
          new Logged(
              kind,
              metadata,
              "id INT PRIMARY KEY, u VARCHAR(9) CHARACTER SET utf8mb3, b BLOB,"
                  + " v VARCHAR(9) CHARACTER SET latin1",
              "INSERT INTO a VALUES (1, 'a', 'b', _latin1 X'E4')",
              "ALTER TABLE a MODIFY u VARCHAR(9) CHARACTER SET utf8mb4",
              "ALTER TABLE a MODIFY v VARCHAR(9) CHARACTER SET utf8mb4")) {
        logged.assertRefused("", "column v", "has character set utf8mb4 now and had latin1");
      }
    }
  }

  /** A table map tells one character set for all columns and those that have another one. */
  @ParameterizedTest
  @MethodSource("kinds")
  void tellsCharacterSetsOfColumnsBehindThoseOfAllTypes(DatabaseKind kind) throws Exception {
    String types =
        "p POINT, bi BIT(3), j JSON, y YEAR, ts TIMESTAMP NULL, b BINARY(2), vb VARBINARY(2),"
            + " bl TINYBLOB, e ENUM('e') CHARACTER SET latin1, s SET('s') CHARACTER SET ascii,"
            + (kind.engine() == Engine.MARIADB
                ? " u UUID, i INET6, i4 INET4, vc VARCHAR(9) COMPRESSED, bc BLOB COMPRESSED,"
                : "");
    String texts =
        " a CHAR(2) CHARACTER SET utf16, c TEXT CHARACTER SET utf8mb4,"
            + " d TEXT CHARACTER SET utf8mb4, f TEXT CHARACTER SET utf8mb4,"
            + " g TEXT CHARACTER SET utf8mb4, h TEXT CHARACTER SET utf8mb4,"
            + " k TEXT CHARACTER SET utf8mb4, l VARCHAR(9) CHARACTER SET latin1,"
            + " m ENUM('m') CHARACTER SET utf8mb4, n ENUM('n') CHARACTER SET utf8mb4,"
            + " o ENUM('o') CHARACTER SET ucs2";
    for (String metadata : List.of("MINIMAL", "FULL")) {
      try (Logged logged =
          new Logged(
              kind,
              metadata,
              types + texts + ", id INT PRIMARY KEY",
              "INSERT INTO a (id, l, o) VALUES (1, 'l', 1)")) {
        assertThat(logged.rows("select id, l, c from a")).containsExactly("a:>1,l,NULL");
        assertThat(logged.rows("")).hasSize(1);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void findsColumnsByTheirNames(DatabaseKind kind) throws Exception {
    try (Logged logged =
        new Logged(
            kind,
            "FULL",
            "id INT PRIMARY KEY, n INT, v VARCHAR(20), d DATE",
            "INSERT INTO a VALUES (1, 2, 'x', '2024-01-02')",
            "ALTER TABLE a MODIFY n BIGINT AFTER v, MODIFY id SMALLINT UNSIGNED, ADD w INT FIRST,"
                + " MODIFY v TEXT, MODIFY d DATETIME")) {
      assertThat(logged.rows("select v, n, id, d from a")).containsExactly("a:>x,2,1,2024-01-02");
      assertThat(logged.rows("")).containsExactly("a:>1,2,x,2024-01-02");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void readsCellsAsTheLogDescribesThem(DatabaseKind kind) throws Exception {
    try (Logged logged =
        new Logged(
            kind,
            "FULL",
            "id INT PRIMARY KEY, e ENUM('a','b','\u00e9') CHARACTER SET latin1,"
                + " s SET('x','y','z') CHARACTER SET utf8mb4, y YEAR, n TINYINT UNSIGNED,"
                + " m MEDIUMINT, d DECIMAL(5,2) UNSIGNED, b BINARY(4), c CHAR(4)",
            "INSERT INTO a VALUES (1, 3, 'x,z', 2024, 200, -5, 1.5, X'6100', 'c')",
            "DELETE FROM a",
            "ALTER TABLE a MODIFY e ENUM('new','a','b') CHARACTER SET latin1,"
                + " MODIFY s SET('z','y') CHARACTER SET utf8mb4, MODIFY n TINYINT,"
                + " MODIFY m MEDIUMINT UNSIGNED, MODIFY b BINARY(6)")) {
      String row = "1,\u00e9,x,z,2024,200,-5,1.50,a\0\0\0,c";
      assertThat(logged.rows("")).containsExactly("a:>" + row, "a:" + row + ">");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void passesOverColumnsThatAreNotAskedFor(DatabaseKind kind) throws Exception {
    try (Logged logged =
        new Logged(
            kind,
            "FULL",
            "id INT PRIMARY KEY, e ENUM('a','b'), j JSON, t TEXT, x INT, v INT",
            "INSERT INTO a VALUES (1, 'b', _utf8mb4'{\"a\": 1}', 'text', 7, 2)",
            "DELETE FROM a",
            "ALTER TABLE a DROP e, DROP j, DROP t, MODIFY x VARCHAR(9)")) {
      assertThat(logged.rows("select id, v from a where v = 2"))
          .containsExactly("a:>1,2", "a:1,2>");
      logged.assertRefused("select id, v from a where e = 'b'", "column e", "is gone");
    }
    try (Logged logged =
        new Logged(
            kind,
            "FULL",
            "id INT PRIMARY KEY, e ENUM('a','b'), v INT",
            "INSERT INTO a VALUES (1, 'b', 2)",
            "ALTER TABLE a CHANGE e f ENUM('a','b')")) {
      // A target may have it under its old name still.
      assertThat(logged.rows("")).containsExactly("a:>1,b,2");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void refusesColumnsOfAnotherKind(DatabaseKind kind) throws Exception {
    List<List<String>> changes =
        List.of(
            List.of("VARCHAR(20)", "INT", "and was varchar"),
            List.of("INT", "VARCHAR(20)", "and was int"),
            List.of("ENUM('1')", "VARCHAR(20)", "and was enum"),
            List.of("DATETIME", "TIMESTAMP NULL", "and was datetime"),
            List.of("BIT(4)", "INT", "and was bit"));
    for (List<String> change : changes) {
      try (Logged logged =
          new Logged(
              kind,
              "FULL",
              "id INT PRIMARY KEY, v " + change.get(0),
              "INSERT INTO a VALUES (1, NULL)",
              "ALTER TABLE a MODIFY v " + change.get(1))) {
        logged.assertRefused("", "column v", change.get(2));
      }
    }
  }
}
