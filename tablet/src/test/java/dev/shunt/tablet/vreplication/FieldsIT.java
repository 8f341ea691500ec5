package dev.shunt.tablet.vreplication;

import static dev.shunt.tablet.vreplication.StreamingCluster.rows;
import static dev.shunt.tablet.vreplication.StreamingCluster.rule;
import static org.assertj.core.api.Assertions.assertThat;

import binlogdata.Binlogdata;
import dev.shunt.embedded.DatabaseKind;
import dev.shunt.embedded.Engine;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.Row;
import dev.shunt.tablet.vstreamer.TestDatabase;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A value arrives exactly in a column of another type, or the stream is refused by name. */
class FieldsIT {
  private static final String UTF8 = " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";

  @TempDir Path directory;

  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  /** A column of both sides and a value of the source's. */
  private record Pair(String source, String target, String value) {}

  private static List<Pair> inexact(Engine engine) {
    List<Pair> pairs =
        new ArrayList<>(
            List.of(
                new Pair("DECIMAL(10,4)", "DECIMAL(10,2)", "1.2345"),
                new Pair("DECIMAL(10,4)", "BIGINT", "1.5"),
                new Pair("DECIMAL(20,0)", "DOUBLE", "12345678901234567890"),
                new Pair("DATETIME(6)", "DATETIME", "'2024-01-02 03:04:05.678'"),
                new Pair("TIMESTAMP(3) NULL", "TIMESTAMP NULL", "'2024-01-02 03:04:05.678'"),
                new Pair("TIME(3)", "TIME", "'01:02:03.456'"),
                new Pair("DATETIME", "DATE", "'2024-01-02 03:04:05'"),
                new Pair("TIMESTAMP NULL", "DATETIME", "'2024-01-02 03:04:05'"),
                new Pair("DATETIME", "TIMESTAMP NULL", "'2024-01-02 03:04:05'"),
                new Pair("TIMESTAMP NULL", "TIMESTAMP NOT NULL DEFAULT now()", "NULL"),
                new Pair("DOUBLE", "FLOAT", "0.1"),
                new Pair("DOUBLE", "DOUBLE(10,2)", "0.125"),
                new Pair("DOUBLE", "DECIMAL(20,4)", "0.1"),
                new Pair("DOUBLE", "INT", "1.5"),
                new Pair("BIGINT", "DOUBLE", "9007199254740993"),
                new Pair("INT", "FLOAT", "16777217"),
                new Pair("INT", "YEAR", "70"),
                new Pair("VARCHAR(20)", "CHAR(20)", "'a  '"),
                new Pair("TEXT", "CHAR(20)", "'a  '"),
                new Pair("VARCHAR(20)", "INT", "'12abc'"),
                new Pair("VARCHAR(20)", "ENUM('x','A')", "'2'"),
                new Pair("VARCHAR(20)", "DATE", "'2024-1-2'"),
                new Pair("VARBINARY(20)", "BINARY(20)", "'a'"),
                new Pair("BINARY(4)", "BINARY(20)", "'a'"),
                new Pair("VARBINARY(20)", "VARCHAR(20)" + UTF8, "X'c3a9'"),
                new Pair("ENUM('1','2','3')", "ENUM('3','4')", "'2'"),
                new Pair("ENUM('a','b')", "ENUM('b','a')", "'a'"),
                new Pair("SET('a','b')", "SET('b','a')", "'a,b'"),
                new Pair("SET('a','b')", "SET('a')", "'a'"),
                new Pair("BIT(16)", "BIT(8)", "3"),
                new Pair("BIT(8)", "INT", "53"),
                new Pair("INT", "BIT(16)", "5"),
                new Pair("INT", "INT AS (id * 2) STORED", "7"),
                new Pair("INT", "INT AS (id * 2) VIRTUAL", "7"),
                new Pair("JSON", "INT", "_utf8mb4'1'")));
    if (engine == Engine.MYSQL) {
      pairs.add(new Pair("LONGTEXT" + UTF8, "JSON", "'{\"b\": 1, \"a\":2}'"));
      pairs.add(new Pair("VECTOR(2)", "INT", "NULL"));
    } else {
      pairs.add(new Pair("VARCHAR(50)", "UUID", "'6CCD780C-BABA-1026-9564-5B8C656024DB'"));
      pairs.add(new Pair("INET4", "INET6", "'10.0.0.1'"));
    }
    return pairs;
  }

  private static List<Pair> exact(Engine engine) {
    List<Pair> pairs =
        new ArrayList<>(
            List.of(
                new Pair("INT", "BIGINT", "-5"),
                new Pair("INT UNSIGNED", "BIGINT", "4294967295"),
                new Pair("INT", "DECIMAL(12,0)", "-7"),
                new Pair("MEDIUMINT", "FLOAT", "-8388608"),
                new Pair("INT", "DOUBLE", "2147483647"),
                new Pair("INT", "VARCHAR(20)" + UTF8, "-42"),
                new Pair("YEAR", "INT", "1999"),
                new Pair("FLOAT", "DOUBLE", "0.1"),
                new Pair("BIT(8)", "BIT(16)", "53"),
                new Pair("DATETIME", "DATETIME(6)", "'2024-01-02 03:04:05'"),
                new Pair("TIME(1)", "TIME(3)", "'-01:02:03.4'"),
                new Pair("CHAR(9)", "VARCHAR(20)", "'a'"),
                new Pair("VARCHAR(20)", "VARCHAR(50)", "'a  '"),
                new Pair("VARCHAR(20)", "LONGTEXT", "'a  '"),
                new Pair("BINARY(4)", "VARBINARY(20)", "'a'"),
                new Pair("VARCHAR(20)" + UTF8, "VARBINARY(80)", "'\u00e9'"),
                new Pair(
                    "VARCHAR(20) CHARACTER SET utf8mb3", "VARCHAR(20)" + UTF8, "'\u00e9\u20ac'"),
                new Pair("VARCHAR(20) CHARACTER SET latin1", "VARCHAR(20)" + UTF8, "'\u00e9'"),
                new Pair("VARCHAR(20)" + UTF8, "VARCHAR(20) CHARACTER SET latin1", "'\u00e9'"),
                new Pair(
                    "VARCHAR(20) CHARACTER SET utf8mb3",
                    "VARCHAR(20) CHARACTER SET latin1",
                    "'\u00e9'"),
                new Pair("VARCHAR(20) CHARACTER SET ucs2", "VARCHAR(20)" + UTF8, "'\u00e9'"),
                new Pair("TEXT" + UTF8, "TEXT CHARACTER SET utf16", "'\u00e9\ud83d\ude00\\\\'"),
                new Pair("CHAR(9) CHARACTER SET sjis", "CHAR(9)" + UTF8, "'\u8868\u30bd'"),
                new Pair(
                    "ENUM('\u00e9','b') CHARACTER SET latin1",
                    "ENUM('\u00e9','b','c') CHARACTER SET utf8mb4",
                    "'\u00e9'"),
                new Pair("ENUM('a','b')", "ENUM('a','b','c')", "'b'"),
                new Pair("ENUM('a','b')", "VARCHAR(9)" + UTF8, "'b'"),
                new Pair("SET('a','b')", "SET('a','b','c')", "'a,b'"),
                new Pair("DECIMAL(10,2)", "DECIMAL(12,4)", "-1.25"),
                new Pair("POINT", "GEOMETRY", "POINT(1,2)")));
    if (engine == Engine.MYSQL) {
      pairs.add(new Pair("JSON", "LONGTEXT" + UTF8, "'{\"a\": \"\u00e9\"}'"));
    } else {
      pairs.add(new Pair("UUID", "CHAR(36)" + UTF8, "'6ccd780c-baba-1026-9564-5b8c656024db'"));
    }
    return pairs;
  }

  private static String create(String name, String column) {
    return "CREATE TABLE " + name + " (id INT PRIMARY KEY, v " + column + ")";
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void areRefusedByNameBeforeARowIsWritten(DatabaseKind kind) {
    List<String> wrong = new ArrayList<>();
    try (StreamingCluster cluster = new StreamingCluster(directory.resolve("topo"), kind, kind)) {
      List<Pair> pairs = inexact(kind.engine());
      List<Integer> ids = new ArrayList<>();
      for (int i = 0; i < pairs.size(); i++) {
        cluster.source.run("SET NAMES utf8mb4", create("t" + i, pairs.get(i).source()));
        cluster.source.run("INSERT INTO t" + i + " VALUES (1, " + pairs.get(i).value() + ")");
        cluster.target.run(create("t" + i, pairs.get(i).target()));
        ids.add(cluster.stream(cluster.binlogSource(rule("t" + i, "select * from t" + i))));
      }
      for (int i = 0; i < pairs.size(); i++) {
        cluster.awaitEnd(ids.get(i));
        String message = cluster.column(ids.get(i), "message");
        boolean named =
            message.contains("column v of table t" + i) && message.contains("change the target");
        if (!cluster.column(ids.get(i), "state").equals("Error")
            || !named
            || !rows(cluster.target, "t" + i).isEmpty()) {
          wrong.add(pairs.get(i) + ": " + message + " " + rows(cluster.target, "t" + i));
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void arriveExactlyWhereTheyCan(DatabaseKind kind) {
    List<Pair> pairs = exact(kind.engine());
    try (StreamingCluster cluster = new StreamingCluster(directory.resolve("topo"), kind, kind);
        MysqlConnection source = utf8(cluster.source);
        MysqlConnection target = utf8(cluster.target)) {
      List<Binlogdata.Rule> rules = new ArrayList<>();
      for (int i = 0; i < pairs.size(); i++) {
        source.execute(create("t" + i, pairs.get(i).source()));
        target.execute(create("t" + i, pairs.get(i).target()));
        source.execute("INSERT INTO t" + i + " VALUES (1, " + pairs.get(i).value() + ")");
        rules.add(rule("t" + i, "select * from t" + i));
      }
      int id = cluster.stream(cluster.binlogSource(rules.toArray(Binlogdata.Rule[]::new)));
      cluster.awaitEnd(id);
      assertThat(cluster.column(id, "message")).isEmpty();
      for (int i = 0; i < pairs.size(); i++) {
        source.execute(
            "INSERT INTO t" + i + " VALUES (2, " + pairs.get(i).value() + "), (3, NULL)");
        source.execute("UPDATE t" + i + " SET v = " + pairs.get(i).value() + " WHERE id = 3");
        source.execute("INSERT INTO t" + i + " VALUES (4, NULL)");
      }
      cluster.awaitCaughtUp(id);
      for (int i = 0; i < pairs.size(); i++) {
        String equal =
            "SELECT COUNT(*) FROM t"
                + i
                + " WHERE (id < 4 AND "
                + arrived(pairs.get(i))
                + ") OR (id = 4 AND v IS NULL)";
        assertThat(target.execute(equal).only().number(0)).as("%s", pairs.get(i)).isEqualTo(4);
        assertThat(rows(cluster.target, "t" + i)).as("%s", pairs.get(i)).hasSize(4);
      }
    }
  }

  private static String arrived(Pair pair) {
    String type = pair.source();
    if (type.equals("POINT")) {
      return "ST_X(v) = 1 AND ST_Y(v) = 2";
    }
    if (type.startsWith("BINARY")) {
      return "v = X'61000000'";
    }
    if (type.equals("FLOAT")) {
      return "v = 0.10000000149011612e0";
    }
    boolean text =
        pair.value().startsWith("'") && !type.startsWith("DATE") && !type.startsWith("TIME");
    return text
        ? "HEX(CONVERT(v USING utf8mb4)) = HEX(CONVERT(" + pair.value() + " USING utf8mb4))"
        : "v = " + pair.value();
  }

  private static MysqlConnection utf8(TestDatabase database) {
    MysqlConnection connection = database.connect();
    connection.execute("SET NAMES utf8mb4");
    return connection;
  }

  /** What the target has no character for is an error, in the copy as in what follows. */
  @ParameterizedTest
  @MethodSource("kinds")
  void aCharacterThatTheTargetDoesNotHaveIsAnError(DatabaseKind kind) {
    try (StreamingCluster cluster = new StreamingCluster(directory.resolve("topo"), kind, kind);
        MysqlConnection source = utf8(cluster.source)) {
      for (String name : List.of("copied", "applied")) {
        source.execute(create(name, "VARCHAR(20) CHARACTER SET utf8mb4"));
        cluster.target.run(create(name, "VARCHAR(20) CHARACTER SET latin1"));
      }
      source.execute("INSERT INTO copied VALUES (1, '\u0416')");
      int copied = cluster.stream(cluster.binlogSource(rule("copied", "select * from copied")));
      int applied = cluster.stream(cluster.binlogSource(rule("applied", "select * from applied")));
      cluster.awaitState(applied, "Running");
      source.execute("INSERT INTO applied VALUES (1, '\u0416')");
      for (int id : List.of(copied, applied)) {
        cluster.awaitState(id, "Error");
        assertThat(cluster.column(id, "message")).contains("Incorrect string value");
      }
      assertThat(rows(cluster.target, "copied")).isEmpty();
      assertThat(rows(cluster.target, "applied")).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void aKeyMayHaveAnotherCharacterSet(DatabaseKind kind) {
    try (StreamingCluster cluster = new StreamingCluster(directory.resolve("topo"), kind, kind);
        MysqlConnection source = utf8(cluster.source)) {
      for (String key : List.of(", PRIMARY KEY (k)", "")) {
        String name = key.isEmpty() ? "plain" : "keyed";
        source.execute(
            "CREATE TABLE %s (k VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, n INT%s)"
                .formatted(name, key));
        cluster.target.run(
            "CREATE TABLE %s (k VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_bin, n INT%s)"
                .formatted(name, key));
        source.execute("INSERT INTO " + name + " VALUES ('\u00e9', 1), ('\u00c9', 2), ('e', 3)");
      }
      int id =
          cluster.stream(
              cluster.binlogSource(
                  rule("keyed", "select * from keyed"), rule("plain", "select * from plain")));
      cluster.awaitState(id, "Running");
      for (String name : List.of("plain", "keyed")) {
        source.execute("UPDATE " + name + " SET n = 5 WHERE k = '\u00e9'");
        source.execute("UPDATE " + name + " SET k = '\u00fc' WHERE k = 'e'");
        source.execute("DELETE FROM " + name + " WHERE k = '\u00c9'");
      }
      cluster.awaitCaughtUp(id);
      for (String name : List.of("plain", "keyed")) {
        assertThat(rows(cluster.target, name)).containsExactly("'\u00e9','5',", "'\u00fc','3',");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void aKeyThatTellsLessApartIsRefused(DatabaseKind kind) {
    String create = "CREATE TABLE t (k VARCHAR(9) CHARACTER SET utf8mb4 COLLATE %s PRIMARY KEY)";
    try (StreamingCluster cluster = new StreamingCluster(directory.resolve("topo"), kind, kind)) {
      cluster.source.run(create.formatted("utf8mb4_bin"), "INSERT INTO t VALUES ('a'), ('A')");
      cluster.target.run(create.formatted("utf8mb4_general_ci"));
      int id = cluster.stream(cluster.binlogSource(rule("t", "select * from t")));
      cluster.awaitState(id, "Error");
      assertThat(cluster.column(id, "message"))
          .contains("column k of table t")
          .contains("utf8mb4_bin")
          .contains("utf8mb4_general_ci");
      assertThat(rows(cluster.target, "t")).isEmpty();
    }
  }

  /** A filter's expressions say themselves what becomes of a value. */
  @ParameterizedTest
  @MethodSource("kinds")
  void anExpressionOfTheFilterMayRound(DatabaseKind kind) {
    try (StreamingCluster cluster = new StreamingCluster(directory.resolve("topo"), kind, kind)) {
      cluster.source.run(create("t", "DECIMAL(10,4)"), "INSERT INTO t VALUES (1, 1.2345)");
      cluster.target.run(create("t", "DECIMAL(10,2)"));
      int id =
          cluster.stream(
              cluster.binlogSource(rule("t", "select id, cast(v as decimal(10,2)) as v from t")));
      cluster.awaitState(id, "Running");
      cluster.source.run("INSERT INTO t VALUES (2, 2.3456)");
      cluster.awaitCaughtUp(id);
      assertThat(rows(cluster.target, "t")).containsExactly("'1','1.23',", "'2','2.35',");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void aWorkflowMayAllowLessDigits(DatabaseKind kind) {
    try (StreamingCluster cluster = new StreamingCluster(directory.resolve("topo"), kind, kind)) {
      cluster.source.run(create("t", "DECIMAL(10,4)"), "INSERT INTO t VALUES (1, 1.2345)");
      cluster.target.run(create("t", "DECIMAL(10,2)"));
      int id = cluster.stream(cluster.binlogSource(rule("t", "select * from t")), "Stopped");
      cluster.target.run(
          "UPDATE _vt.vreplication SET options = _utf8mb4'{\"config\": {\"shunt-allow-narrowing\":"
              + " \"true\"}}' WHERE id = "
              + id);
      cluster.goOn(id);
      cluster.awaitState(id, "Running");
      cluster.source.run("INSERT INTO t VALUES (2, 2.3456)");
      cluster.awaitCaughtUp(id);
      assertThat(rows(cluster.target, "t")).containsExactly("'1','1.23',", "'2','2.35',");
    }
  }

  /** Its rows are found by all of their columns, as the source has them. */
  @ParameterizedTest
  @MethodSource("kinds")
  void aTableWithoutAKeyMayNotHaveLessDigits(DatabaseKind kind) {
    String create = "CREATE TABLE t (id INT, v DECIMAL(10,%d))";
    try (StreamingCluster cluster = new StreamingCluster(directory.resolve("topo"), kind, kind)) {
      cluster.source.run(create.formatted(4), "INSERT INTO t VALUES (1, 1.2345)");
      cluster.target.run(create.formatted(2));
      int id = cluster.stream(cluster.binlogSource(rule("t", "select * from t")), "Stopped");
      cluster.target.run(
          "UPDATE _vt.vreplication SET options = _utf8mb4'{\"config\": {\"shunt-allow-narrowing\":"
              + " \"true\"}}' WHERE id = "
              + id);
      cluster.goOn(id);
      cluster.awaitState(id, "Error");
      assertThat(cluster.column(id, "message"))
          .contains("column v of table t")
          .doesNotContain("shunt-allow-narrowing");
      assertThat(rows(cluster.target, "t")).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void theSourceChangesWhileTheStreamRuns(DatabaseKind kind) {
    try (StreamingCluster cluster = new StreamingCluster(directory.resolve("topo"), kind, kind)) {
      cluster.source.run(create("t", "DECIMAL(10,2)"));
      cluster.target.run(create("t", "DECIMAL(10,2)"));
      int id = cluster.stream(cluster.binlogSource(rule("t", "select * from t")));
      cluster.awaitState(id, "Running");
      cluster.source.run("INSERT INTO t VALUES (1, 1.25)");
      cluster.awaitCaughtUp(id);
      cluster.source.run(
          "ALTER TABLE t MODIFY v DECIMAL(10,4)", "INSERT INTO t VALUES (2, 2.3456)");
      cluster.awaitState(id, "Error");
      assertThat(cluster.column(id, "message")).contains("column v of table t is decimal(10,4)");
      assertThat(rows(cluster.target, "t")).containsExactly("'1','1.25',");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void theTargetChangesWhileTheStreamRuns(DatabaseKind kind) {
    try (StreamingCluster cluster = new StreamingCluster(directory.resolve("topo"), kind, kind);
        MysqlConnection target = cluster.target.connect()) {
      cluster.source.run(create("t", "DECIMAL(10,4)"));
      cluster.target.run(create("t", "DECIMAL(10,4)"));
      int id = cluster.stream(cluster.binlogSource(rule("t", "select * from t")));
      cluster.awaitState(id, "Running");
      cluster.source.run("INSERT INTO t VALUES (1, 1.2500)");
      cluster.awaitCaughtUp(id);
      target.execute("ALTER TABLE t MODIFY v DECIMAL(10,2)");
      cluster.source.run("INSERT INTO t VALUES (2, 2.3456)");
      cluster.awaitState(id, "Error");
      assertThat(cluster.column(id, "message")).contains("on the target");
      List<Row> rows = target.execute("SELECT v FROM t").rows();
      assertThat(rows).hasSize(1);
    }
  }
}
