package dev.shunt.tablet.vstreamer;

import static dev.shunt.tablet.vstreamer.StreamProbe.describe;
import static dev.shunt.tablet.vstreamer.StreamProbe.filter;
import static dev.shunt.tablet.vstreamer.StreamProbe.position;
import static org.assertj.core.api.Assertions.assertThat;

import binlogdata.Binlogdata.VEvent;
import binlogdata.Binlogdata.VEventType;
import dev.shunt.embedded.DatabaseKind;
import dev.shunt.embedded.Engine;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.Position;
import dev.shunt.tablet.RpcException;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Statements that some session logs in place of rows, and what they may change unnamed. */
class LoggedStatementsIT {
  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  private static void assertEnds(TestDatabase database, Position start) throws Exception {
    try (StreamProbe probe = new StreamProbe(database)) {
      probe.follow(start.encoded(), filter("t", ""));
      assertThat(probe.failure())
          .isInstanceOfSatisfying(
              RpcException.class,
              e -> assertThat(e.code()).isEqualTo(Status.Code.FAILED_PRECONDITION))
          .hasMessageContaining("binlog_format=ROW")
          .hasMessageContaining(start.encoded());
    }
  }

  private static void assertPasses(TestDatabase database, Position start) throws Exception {
    database.run("INSERT INTO t VALUES (99)", "DELETE FROM t WHERE x = 99");
    try (StreamProbe probe = new StreamProbe(database)) {
      probe.follow(start.encoded(), filter("t", ""));
      assertThat(describe(probe.until(position(database))))
          .filteredOn(text -> text.startsWith("t:"))
          .containsExactly("t:>99", "t:99>");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void endTheStreamWhenATriggerAFunctionOrAViewLeadsToItsTables(DatabaseKind kind)
      throws Exception {
    TestDatabase database = TestDatabase.source(kind);
    TestDatabase other = TestDatabase.source(kind);
    String t = database.name() + ".t";
    database.run(
        "SET GLOBAL log_bin_trust_function_creators = 1",
        "CREATE TABLE t (x INT PRIMARY KEY)",
        "CREATE TABLE aud (x INT PRIMARY KEY)",
        "CREATE TRIGGER tg AFTER INSERT ON aud FOR EACH ROW INSERT INTO t VALUES (NEW.x)");
    other.run(
        "CREATE TABLE aud (x INT PRIMARY KEY)",
        "CREATE TRIGGER tg AFTER INSERT ON aud FOR EACH ROW INSERT INTO " + t + " VALUES (NEW.x)",
        "CREATE FUNCTION f(a INT) RETURNS INT DETERMINISTIC BEGIN INSERT INTO "
            + t
            + " VALUES (a); RETURN a; END",
        "CREATE TABLE plain (x INT PRIMARY KEY)",
        "CREATE VIEW v AS SELECT x FROM " + t);
    try {
      for (String statement :
          List.of(
              "INSERT INTO " + database.name() + ".aud VALUES (1)",
              "INSERT INTO aud VALUES (2)",
              "SELECT f(3)",
              "DO f(4)",
              "INSERT INTO plain VALUES (f(5))",
              "INSERT INTO v VALUES (6)",
              "INSERT /* a */ INTO "
                  + t
                  + " SELECT 7 FROM DUAL WHERE 1 = (SELECT COUNT(*) FROM aud)",
              "CREATE TABLE made AS SELECT f(8) AS x")) {
        if (statement.startsWith("CREATE") && kind.engine() == Engine.MYSQL) {
          continue; // not with GTIDs in a log of statements
        }
        Position start = position(database);
        other.run("SET SESSION binlog_format = STATEMENT", statement);
        assertEnds(database, start);
      }
      Position start = position(database);
      try (MysqlConnection connection = other.connect()) {
        connection.execute("SET SESSION binlog_format = STATEMENT");
        connection.loadDataLocal(
            "LOAD DATA LOCAL INFILE 'x' INTO TABLE aud",
            out -> out.write("30\n".getBytes(StandardCharsets.US_ASCII)));
      }
      assertEnds(database, start);
    } finally {
      other.run("DROP VIEW v", "DROP FUNCTION f", "DROP TRIGGER tg");
      database.run("DROP TRIGGER tg");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void passWhenTheySurelyChangeNothingOfTheStream(DatabaseKind kind) throws Exception {
    TestDatabase database = TestDatabase.source(kind);
    TestDatabase other = TestDatabase.source(kind);
    database.run("CREATE TABLE t (x INT PRIMARY KEY)", "CREATE TABLE b (x INT)");
    other.run("CREATE TABLE t (x INT PRIMARY KEY)");
    Position start = position(database);
    other.run(
        "SET SESSION binlog_format = STATEMENT",
        "INSERT INTO t VALUES (1)",
        "SET SESSION binlog_format = MIXED",
        "UPDATE t SET x = 2",
        "INSERT INTO " + database.name() + ".b VALUES (RAND())");
    database.run(
        "CREATE TRIGGER tg AFTER INSERT ON b FOR EACH ROW SET @a = 1",
        "CREATE VIEW v AS SELECT * FROM t",
        "DROP VIEW v",
        "DROP TRIGGER tg",
        "CREATE TABLE t_table (x INT)",
        "ANALYZE TABLE t",
        "OPTIMIZE TABLE t",
        "FLUSH TABLES",
        "CREATE USER 'u_" + database.name() + "'@'%'",
        "GRANT SELECT ON " + database.name() + ".t TO 'u_" + database.name() + "'@'%'",
        "DROP USER 'u_" + database.name() + "'@'%'",
        "/*!40000 ALTER TABLE b DISABLE KEYS */",
        "/*!50001 CREATE VIEW v AS SELECT * FROM t */",
        "/*!50001 DROP VIEW IF EXISTS v*/");
    other.run("/*!40000 ALTER TABLE t DISABLE KEYS */", "/*M! ALTER TABLE t ADD y INT */");
    database.run("BEGIN", "SAVEPOINT s", "INSERT INTO b VALUES (2)", "ROLLBACK TO s", "COMMIT");
    assertPasses(database, start);
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void areReadAsTheirServerReadThem(DatabaseKind kind) throws Exception {
    TestDatabase database = TestDatabase.source(kind);
    database.run("CREATE TABLE t (x INT PRIMARY KEY)", "CREATE TABLE b (x INT)");
    Position start = position(database);
    String ofOthers = kind.engine() == Engine.MYSQL ? "/*M!" : "/*!80000";
    database.run(
        "SET SESSION binlog_format = STATEMENT",
        "INSERT INTO b VALUES (3) " + ofOthers + " , ((SELECT x FROM t)) */",
        "INSERT INTO b VALUES (4) /*!999999 , ((SELECT x FROM t)) */",
        "SET SESSION binlog_format = ROW",
        "ALTER TABLE t /*!50000 ADD y INT */ /*!999999 , ADD z INT */");
    try (StreamProbe probe = new StreamProbe(database)) {
      probe.follow(start.encoded(), filter("t", ""));
      List<VEvent> events = probe.until(position(database));
      assertThat(events)
          .filteredOn(event -> event.getType() == VEventType.DDL)
          .extracting(event -> event.getStatement().replaceAll(" +", " ").strip())
          .singleElement()
          .satisfies(
              sql -> assertThat(sql).startsWith("ALTER TABLE t ADD y INT").doesNotContain("/*!"));
    }
    Position before = position(database);
    database.run("SET SESSION binlog_format = STATEMENT", "/*!50000 DELETE FROM t */");
    assertEnds(database, before);
  }

  @ParameterizedTest
  @EnumSource(value = DatabaseKind.class, names = "MARIADB_11_4")
  void ofAnAlterInTwoPhasesCountTheSecond(DatabaseKind kind) throws Exception {
    TestDatabase database = TestDatabase.source(kind);
    database.run("CREATE TABLE t (x INT, y INT)", "INSERT INTO t VALUES (1, 1), (1, 2)");
    Position start = position(database);
    try (MysqlConnection connection = database.connect()) {
      connection.execute("SET SESSION binlog_alter_two_phase = ON");
      connection.execute("ALTER TABLE t ADD z INT");
      try {
        connection.execute("ALTER TABLE t ADD UNIQUE (x)");
      } catch (dev.shunt.mysql.MysqlException e) {
        assertThat(e.errno()).isEqualTo(1062); // given up in the second phase
      }
      connection.execute("INSERT INTO t VALUES (9, 9, 9)");
    }
    try (StreamProbe probe = new StreamProbe(database)) {
      probe.follow(start.encoded(), filter("t", ""));
      assertThat(describe(probe.until(position(database))))
          .filteredOn(text -> text.startsWith("DDL") || text.startsWith("t:"))
          .containsExactly("DDL ALTER TABLE t ADD z INT", "t:>9,9,9");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void ofADatabaseThatNoCodeLeadsOutOfPass(DatabaseKind kind) throws Exception {
    TestDatabase database = TestDatabase.source(kind);
    TestDatabase other = TestDatabase.source(kind);
    database.run(
        "CREATE TABLE t (x INT PRIMARY KEY)",
        "CREATE TABLE aud (x INT PRIMARY KEY)",
        "CREATE TRIGGER tg AFTER INSERT ON aud FOR EACH ROW INSERT INTO t VALUES (NEW.x)");
    other.run("CREATE TABLE plain (x INT PRIMARY KEY)");
    try {
      Position start = position(database);
      other.run("SET SESSION binlog_format = STATEMENT", "INSERT INTO plain VALUES (1)");
      assertPasses(database, start);
    } finally {
      database.run("DROP TRIGGER tg");
    }
  }

  @ParameterizedTest
  @EnumSource(value = DatabaseKind.class, names = "MARIADB_11_4")
  void behindSettingsCountAsWithoutThem(DatabaseKind kind) throws Exception {
    TestDatabase database = TestDatabase.source(kind);
    database.run("CREATE TABLE t (x INT PRIMARY KEY)", "INSERT INTO t VALUES (1)");
    Position start = position(database);
    database.run(
        "SET STATEMENT lock_wait_timeout = 5 FOR TRUNCATE TABLE t",
        "SET STATEMENT max_statement_time = 50 FOR INSERT INTO t VALUES (2)");
    try (StreamProbe probe = new StreamProbe(database)) {
      probe.follow(start.encoded(), filter("t", ""));
      assertThat(describe(probe.until(position(database))))
          .filteredOn(text -> text.startsWith("DDL") || text.startsWith("t:"))
          .containsExactly("DDL TRUNCATE TABLE t", "t:>2");
    }
    start = position(database);
    database.run(
        "SET SESSION binlog_format = STATEMENT",
        "SET STATEMENT max_statement_time = 50 FOR INSERT INTO t VALUES (3)");
    assertEnds(database, start);
    start = position(database);
    database.run("SET SESSION binlog_format = STATEMENT", "ANALYZE UPDATE t SET x = 4 WHERE x = 3");
    assertEnds(database, start);
  }

  @ParameterizedTest
  @EnumSource(value = DatabaseKind.class, names = "MARIADB_11_4")
  void endTheStreamWhenTheyReplaceATableWithItsRows(DatabaseKind kind) throws Exception {
    TestDatabase database = TestDatabase.source(kind);
    database.run("CREATE TABLE t (x INT)", "INSERT INTO t VALUES (1)");
    Position start = position(database);
    database.run("CREATE OR REPLACE TABLE t SELECT 2 AS x");
    try (StreamProbe probe = new StreamProbe(database)) {
      probe.follow(start.encoded(), filter("t", ""));
      assertThat(probe.failure()).hasMessageContaining("is replaced together with its rows");
    }
  }
}
