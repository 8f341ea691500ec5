package dev.shunt.tablet.vstreamer;

import static dev.shunt.tablet.vstreamer.StreamProbe.describe;
import static dev.shunt.tablet.vstreamer.StreamProbe.filter;
import static dev.shunt.tablet.vstreamer.StreamProbe.position;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import binlogdata.Binlogdata;
import binlogdata.Binlogdata.VEvent;
import dev.shunt.embedded.DatabaseKind;
import dev.shunt.embedded.Engine;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.Position;
import dev.shunt.tablet.RpcException;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What can't be streamed ends a stream that it concerns, and no other. */
class UnstreamableIT {
  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  /** With GTIDs a MySQL does not mix tables with and without transactions. */
  static List<DatabaseKind> mariaDbs() {
    return kinds().stream().filter(kind -> kind.engine() == Engine.MARIADB).toList();
  }

  private static void assertRefused(TestDatabase database, Position start, String reason)
      throws Exception {
    try (StreamProbe probe = new StreamProbe(database)) {
      probe.follow(start.encoded(), filter("a", ""));
      assertThat(probe.failure())
          .isInstanceOfSatisfying(
              RpcException.class,
              e -> assertThat(e.code()).isEqualTo(Status.Code.FAILED_PRECONDITION))
          .hasMessageContaining(reason);
    }
  }

  private static List<String> rowsOf(TestDatabase database, Position start) throws Exception {
    try (StreamProbe probe = new StreamProbe(database)) {
      probe.follow(start.encoded(), filter("a", ""));
      List<VEvent> events = probe.until(position(database));
      return describe(events).stream().filter(text -> text.startsWith("a:")).toList();
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void refusesStatementsInPlaceOfRows(DatabaseKind kind) throws Exception {
    TestDatabase database = TestDatabase.source(kind);
    TestDatabase other = TestDatabase.source(kind);
    database.run(
        "CREATE TABLE a (id INT PRIMARY KEY, v INT)",
        "CREATE TABLE b (id INT)",
        "INSERT INTO a VALUES (1,1),(2,2),(3,3),(4,4)");
    String there = database.name() + ".a";
    List<String> statements =
        List.of(
            "INSERT INTO " + there + " VALUES (9, 9)",
            "UPDATE " + there + " SET v = 0 WHERE id = 1",
            "WITH w AS (SELECT 1 AS id) DELETE FROM " + there + " WHERE id IN (SELECT id FROM w)");
    for (String statement : statements) {
      if (statement.startsWith("WITH") && kind.engine() == Engine.MARIADB) {
        continue; // it has none
      }
      Position start = position(database);
      other.run("SET SESSION binlog_format = STATEMENT", statement);
      assertRefused(database, start, "binlog_format=ROW");
    }
    Position start = position(database);
    database.run("SET SESSION binlog_format = STATEMENT", "INSERT INTO b VALUES (1)");
    other.run(
        "CREATE TABLE a (id INT)", "SET SESSION binlog_format = MIXED", "INSERT INTO a VALUES (1)");
    database.run("INSERT INTO a VALUES (5, 5)");
    assertThat(rowsOf(database, start)).containsExactly("a:>5,5");
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void refusesDataLoadedByStatement(DatabaseKind kind) throws Exception {
    TestDatabase database = TestDatabase.source(kind);
    database.run("CREATE TABLE a (id INT PRIMARY KEY)", "SET GLOBAL local_infile = 1");
    Position start = position(database);
    try (MysqlConnection connection = database.connect()) {
      connection.execute("SET SESSION binlog_format = STATEMENT");
      connection.loadDataLocal(
          "LOAD DATA LOCAL INFILE 'x' INTO TABLE a",
          out -> out.write("1\n2\n".getBytes(StandardCharsets.US_ASCII)));
    }
    assertRefused(database, start, "binlog_format=ROW");
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void refusesServersThatLogStatements(DatabaseKind kind) {
    TestDatabase database = TestDatabase.source(kind);
    database.run("CREATE TABLE a (id INT PRIMARY KEY)");
    Position start = position(database);
    try (DatabaseVStreamer streamer =
        StreamProbe.streamer(database, vschema.Vschema.SrvVSchema.getDefaultInstance())) {
      Binlogdata.VStreamOptions options = Binlogdata.VStreamOptions.getDefaultInstance();
      database.run("SET GLOBAL binlog_format = MIXED");
      try {
        assertThatThrownBy(() ->
                streamer.vstream(start.encoded(), filter("a", ""), List.of(), options, m -> {}))
            .hasMessageContaining("binlog_format=ROW, it has MIXED");
        assertThatThrownBy(() -> streamer.vstreamRows("select * from a", null, options, m -> {}))
            .hasMessageContaining("binlog_format=ROW, it has MIXED");
      } finally {
        database.run("SET GLOBAL binlog_format = ROW");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void passesOverPreparedTransactionsOfOthersAndRefusesItsOwn(DatabaseKind kind) throws Exception {
    TestDatabase database = TestDatabase.source(kind);
    database.run("CREATE TABLE a (id INT PRIMARY KEY)", "CREATE TABLE b (id INT PRIMARY KEY)");
    Position start = position(database);
    database.run(
        "XA START 'x'",
        "INSERT INTO b VALUES (1)",
        "XA END 'x'",
        "XA PREPARE 'x'",
        "XA COMMIT 'x'");
    database.run(
        "XA START 'y'",
        "INSERT INTO a VALUES (7)",
        "XA END 'y'",
        "XA COMMIT 'y' ONE PHASE",
        "INSERT INTO a VALUES (2)");
    assertThat(rowsOf(database, start)).containsExactly("a:>7", "a:>2");

    Position before = position(database);
    database.run(
        "XA START 'z'",
        "INSERT INTO a VALUES (3)",
        "XA END 'z'",
        "XA PREPARE 'z'",
        "XA COMMIT 'z'");
    assertRefused(database, before, "XA PREPARE");
  }

  @ParameterizedTest
  @MethodSource("mariaDbs")
  void passesOverTransactionsOfOthersThatEndInARollback(DatabaseKind kind) throws Exception {
    TestDatabase database = TestDatabase.source(kind);
    database.run(
        "CREATE TABLE a (id INT PRIMARY KEY)",
        "CREATE TABLE b (id INT PRIMARY KEY)",
        "CREATE TABLE m (id INT PRIMARY KEY) ENGINE=MyISAM");
    Position start = position(database);
    database.run("BEGIN", "INSERT INTO b VALUES (1)", "INSERT INTO m VALUES (1)", "ROLLBACK");
    database.run("INSERT INTO a VALUES (1)");
    assertThat(rowsOf(database, start)).containsExactly("a:>1");
  }
}
