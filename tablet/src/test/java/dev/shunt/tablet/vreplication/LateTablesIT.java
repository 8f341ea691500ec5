package dev.shunt.tablet.vreplication;

import static dev.shunt.tablet.vreplication.StreamingCluster.rows;
import static dev.shunt.tablet.vreplication.StreamingCluster.rule;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import binlogdata.Binlogdata.Rule;
import dev.shunt.embedded.DatabaseKind;
import dev.shunt.embedded.Engine;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.vstreamer.TestDatabase;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.workflow.streams.TextProto;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tables come, and go, while a stream takes all that there are: none is missed, and what is no
 * table of an application is passed over.
 */
class LateTablesIT {
  /** As the rules of a Reshard: all tables, rows in a range of keys. */
  private static final String ALL = "/.*";

  private static final String RANGE = "-";

  @TempDir Path directory;

  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  private StreamingCluster cluster(DatabaseKind kind) {
    StreamingCluster cluster = new StreamingCluster(directory.resolve("topo"), kind, kind);
    create(cluster.source, "a");
    create(cluster.target, "a");
    cluster.source.run("INSERT INTO a VALUES (1, 1), (2, 2)");
    return cluster;
  }

  private static void create(TestDatabase database, String table) {
    database.run("CREATE TABLE " + table + " (id INT PRIMARY KEY, v INT)");
  }

  private static int running(StreamingCluster cluster) {
    int id = cluster.stream(cluster.binlogSource(rule(ALL, RANGE)));
    cluster.awaitState(id, "Running");
    return id;
  }

  /** A stream that runs, and a table that the source alone has, with a row. */
  private static int runningBesideOlder(StreamingCluster cluster) {
    create(cluster.source, "older");
    cluster.source.run("INSERT INTO older VALUES (1, 10)");
    int id = running(cluster);
    awaitEqual(cluster, id, "a");
    return id;
  }

  /** A stream that runs, and has a table with a row on both sides. */
  private static int runningWithOlder(StreamingCluster cluster) {
    create(cluster.target, "older");
    int id = runningBesideOlder(cluster);
    awaitEqual(cluster, id, "a", "older");
    return id;
  }

  private static void awaitEqual(StreamingCluster cluster, int id, String... tables) {
    cluster.source.run("INSERT INTO a SELECT MAX(id) + 1, 0 FROM a");
    cluster.awaitCaughtUp(id);
    cluster.assertEqual(List.of(tables));
    assertThat(rows(cluster.target, "a")).hasSizeGreaterThan(2);
  }

  /** The first snapshot is refused until a table of the source gets another engine. */
  private static int refused(StreamingCluster cluster) {
    cluster.source.run(
        "CREATE TABLE obstacle (id INT PRIMARY KEY, v INT) ENGINE = MyISAM",
        "INSERT INTO obstacle VALUES (5, 5)");
    create(cluster.target, "obstacle");
    int id = cluster.stream(cluster.binlogSource(rule(ALL, RANGE)));
    cluster.awaitState(id, "Error");
    assertThat(cluster.column(id, "message")).contains("obstacle has the engine MyISAM");
    assertThat(cluster.column(id, "pos")).isEmpty();
    return id;
  }

  private static void goOn(StreamingCluster cluster, int id) {
    cluster.source.run("ALTER TABLE obstacle ENGINE = InnoDB");
    cluster.goOn(id);
    cluster.awaitEnd(id);
    assertThat(cluster.column(id, "state")).as(cluster.column(id, "message")).isEqualTo("Running");
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void whatIsMadeBeforeTheFirstSnapshotIsCopied(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = refused(cluster);
      create(cluster.source, "made");
      create(cluster.target, "made");
      cluster.source.run("INSERT INTO made VALUES (1, 10), (2, 20), (3, 30)");

      goOn(cluster, id);

      cluster.source.run("UPDATE made SET v = 21 WHERE id = 2");
      awaitEqual(cluster, id, "a", "obstacle", "made");
      assertThat(rows(cluster.target, "made")).hasSize(3);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void whatGoesBeforeTheFirstSnapshotIsNotWaitedFor(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      create(cluster.source, "gone");
      create(cluster.target, "gone");
      int id = refused(cluster);
      cluster.source.run("DROP TABLE gone");
      cluster.target.run("DROP TABLE gone");
      goOn(cluster, id);
      awaitEqual(cluster, id, "a", "obstacle");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void whatIsMadeBeforeTheFirstSnapshotIsCopiedTableByTable(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      cluster.sourceIsStock(true);
      cluster.source.run("CREATE TABLE obstacle (id INT PRIMARY KEY, v INT) ENGINE = MyISAM");
      cluster.source.run("RENAME TABLE a TO z");
      cluster.target.run("RENAME TABLE a TO z");
      create(cluster.target, "obstacle");
      int id = cluster.stream(cluster.binlogSource(rule(ALL, RANGE)));
      cluster.awaitState(id, "Error");
      create(cluster.source, "made");
      create(cluster.target, "made");
      cluster.source.run("INSERT INTO made VALUES (1, 10), (2, 20), (3, 30)");
      goOn(cluster, id);
      cluster.source.run("INSERT INTO z VALUES (3, 3)");
      cluster.awaitCaughtUp(id);
      cluster.assertEqual(List.of("z", "made"));
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void whatComesToTheTargetLaterIsCopied(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      create(cluster.source, "older");
      cluster.source.run("INSERT INTO older VALUES (1, 10), (2, 20), (3, 30)");
      int id = running(cluster);
      awaitEqual(cluster, id, "a");

      create(cluster.target, "older");

      // Nothing of it is in the log any more, and nobody but who waits for a position asks.
      awaitEqual(cluster, id, "a", "older");
      assertThat(rows(cluster.target, "older")).hasSize(3);
      cluster.source.run("UPDATE older SET v = 21 WHERE id = 2", "DELETE FROM older WHERE id = 1");
      awaitEqual(cluster, id, "a", "older");
      cluster.restartTarget();
      awaitEqual(cluster, id, "a", "older");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void whatIsMadeAndFilledWhileItRunsIsTakenIn(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = running(cluster);
      create(cluster.target, "made");
      create(cluster.source, "made");
      cluster.source.run("INSERT INTO made VALUES (1, 1)", "UPDATE made SET v = 2");
      awaitEqual(cluster, id, "a", "made");
      assertThat(rows(cluster.target, "made")).containsExactly("'1','2',");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void whatOnlyTheTargetHasIsInNobodysWay(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = running(cluster);
      create(cluster.target, "alone");
      cluster.target.run("INSERT INTO alone VALUES (7, 7)");
      awaitEqual(cluster, id, "a");
      assertThat(rows(cluster.target, "alone")).hasSize(1);
      cluster.target.run("DELETE FROM alone");

      // Made there later, all that it ever had is in the log.
      create(cluster.source, "alone");
      cluster.source.run("INSERT INTO alone VALUES (1, 1)", "UPDATE alone SET v = 2");
      awaitEqual(cluster, id, "a", "alone");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void nobodyIsToldThatAStoppedStreamHasIt(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = runningBesideOlder(cluster);
      cluster.stop(id);
      create(cluster.target, "older");
      String reached = cluster.sourcePosition().encoded();
      assertThatThrownBy(() -> cluster.targetClient().vReplicationWaitForPos(id, reached))
          .isInstanceOf(TabletException.class)
          .hasMessageContaining("has not copied table(s) older of the target");
      cluster.goOn(id);
      awaitEqual(cluster, id, "a", "older");
    }
  }

  /** As for a diff: what it has then is compared with the source at that position. */
  @ParameterizedTest
  @MethodSource("kinds")
  void whoIsToStopAtAPositionTakesNothingInBefore(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = runningBesideOlder(cluster);
      cluster.stop(id);
      create(cluster.target, "older");
      cluster.source.run(
          "INSERT INTO a VALUES (50, 50)",
          "INSERT INTO older VALUES (2, 20)",
          "UPDATE older SET v = 11 WHERE id = 1");
      String there = cluster.sourcePosition().encoded();
      cluster.source.run("INSERT INTO a VALUES (51, 51)");
      cluster.update(id, "state='Running', stop_pos='" + there + "'");
      cluster.awaitState(id, "Stopped");
      assertThat(rows(cluster.target, "a")).contains("'50','50',").doesNotContain("'51','51',");
      assertThat(rows(cluster.target, "older")).isEmpty();
      cluster.update(id, "state='Running', stop_pos=''");
      awaitEqual(cluster, id, "a", "older");
    }
  }

  /** Without a key each row would be there twice. */
  @ParameterizedTest
  @MethodSource("kinds")
  void whatComesWithRowsIsRefused(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      cluster.source.run("CREATE TABLE older (v INT)", "INSERT INTO older VALUES (1), (1), (2)");
      int id = running(cluster);
      cluster.stop(id);
      cluster.target.run("CREATE TABLE older (v INT)", "INSERT INTO older VALUES (1)");
      cluster.goOn(id);
      cluster.awaitState(id, "Error");
      assertThat(cluster.column(id, "message"))
          .contains("table(s) older came to the target with rows")
          .contains("delete the rows of older on the target");
      assertThat(rows(cluster.target, "older")).hasSize(1);

      cluster.target.run("DELETE FROM older");
      cluster.goOn(id);
      awaitEqual(cluster, id, "a", "older");
    }
  }

  /** As of another shard, for which another stream has copied them. */
  @ParameterizedTest
  @MethodSource("kinds")
  void rowsOfOtherStreamsAreInNobodysWay(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      create(cluster.source, "older");
      create(cluster.source, "another");
      cluster.source.run("INSERT INTO older VALUES (1, 10)", "INSERT INTO another VALUES (2, 20)");
      int id = cluster.stream(cluster.binlogSource(rule("another", "exclude"), rule(ALL, RANGE)));
      cluster.awaitState(id, "Running");
      cluster.stop(id);
      create(cluster.target, "older");
      int other = cluster.stream(cluster.binlogSource(rule("older", "select id, v from another")));
      cluster.awaitState(other, "Running");
      cluster.goOn(id);
      awaitEqual(cluster, id, "a");
      assertThat(rows(cluster.target, "older")).containsExactly("'1','10',", "'2','20',");
    }
  }

  /** It took the table in as it was, with rows that nobody copied. */
  @ParameterizedTest
  @MethodSource("kinds")
  void rowsThatAnotherStreamFoundThereAreRefused(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      create(cluster.source, "b");
      create(cluster.target, "b");
      int second = cluster.stream(cluster.binlogSource(rule("a", "exclude"), rule(ALL, RANGE)));
      cluster.awaitState(second, "Running");
      cluster.stop(second);
      int first = running(cluster);
      cluster.target.run("CREATE TABLE older (v INT)", "INSERT INTO older VALUES (7)");
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> listed(cluster, first).contains("older"));
      cluster.source.run("CREATE TABLE older (v INT)", "INSERT INTO older VALUES (1)");
      awaitEqual(cluster, first, "a");

      cluster.goOn(second);

      cluster.awaitState(second, "Error");
      assertThat(cluster.column(second, "message"))
          .contains("table(s) older came to the target with rows")
          .contains("as other streams fill older as well");
      assertThat(rows(cluster.target, "older")).containsExactly("'1',", "'7',");
    }
  }

  /** It fills nothing before it has a position, and of one nobody can tell what it fills. */
  @ParameterizedTest
  @MethodSource("kinds")
  void rowsAreNotThoseOfAStreamThatHasNotBegunOrCannotBeRead(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      create(cluster.source, "older");
      cluster.source.run("INSERT INTO older VALUES (1, 10)");
      int id = running(cluster);
      cluster.stop(id);
      cluster.stream(cluster.binlogSource(rule(ALL, RANGE)), "Stopped");
      int unreadable = cluster.stream(cluster.binlogSource(rule("older", "")), "Stopped");
      cluster.target.run(
          "UPDATE _vt.vreplication SET source = 'unreadable', pos = 'MySQL56/' WHERE id = "
              + unreadable);
      create(cluster.target, "older");
      cluster.target.run("INSERT INTO older VALUES (7, 7)");
      cluster.goOn(id);
      cluster.awaitState(id, "Error");
      assertThat(cluster.column(id, "message"))
          .contains("table(s) older came to the target with rows");
      assertThat(rows(cluster.target, "older")).containsExactly("'7','7',");
    }
  }

  /** What a table had that goes is nobody's matter: one that comes in its place is copied. */
  @ParameterizedTest
  @MethodSource("kinds")
  void whatIsDroppedAndMadeAnewIsCopied(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = runningWithOlder(cluster);
      cluster.stop(id);
      cluster.target.run("DROP TABLE older");
      cluster.goOn(id);
      awaitEqual(cluster, id, "a");
      create(cluster.target, "older");
      awaitEqual(cluster, id, "a", "older");
      assertThat(rows(cluster.target, "older")).hasSize(1);
    }
  }

  /** What it would have had meanwhile was passed over. */
  @ParameterizedTest
  @MethodSource("kinds")
  void whatRulesLeaveOutForAWhileIsCopiedAnew(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = runningWithOlder(cluster);
      Rule all = rule(ALL, RANGE);
      cluster.stop(id);
      cluster.update(id, "source=" + source(cluster, rule("older", "exclude"), all));
      cluster.goOn(id);
      cluster.source.run("INSERT INTO older VALUES (2, 20)");
      awaitEqual(cluster, id, "a");
      assertThat(rows(cluster.target, "older")).hasSize(1);

      cluster.stop(id);
      cluster.update(id, "source=" + source(cluster, all));
      cluster.goOn(id);
      cluster.awaitState(id, "Error");
      assertThat(cluster.column(id, "message")).contains("older came to the target with rows");
      cluster.target.run("DELETE FROM older");
      cluster.goOn(id);
      awaitEqual(cluster, id, "a", "older");
      assertThat(rows(cluster.target, "older")).hasSize(2);
    }
  }

  private static String source(StreamingCluster cluster, Rule... rules) {
    return SqlText.literal(TextProto.print(cluster.binlogSource(rules)));
  }

  /** While the stream runs, and nothing of it comes by that would tell. */
  @ParameterizedTest
  @MethodSource("kinds")
  void whatIsDroppedAndMadeAnewBesideARunningStreamIsCopied(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = runningWithOlder(cluster);
      cluster.target.run("DROP TABLE older");
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> !listed(cluster, id).contains("older"));
      create(cluster.target, "older");
      awaitEqual(cluster, id, "a", "older");
      assertThat(rows(cluster.target, "older")).hasSize(1);
    }
  }

  private static List<String> listed(StreamingCluster cluster, int id) {
    try (MysqlConnection target = cluster.target.connect()) {
      return target
          .execute("SELECT table_name FROM _vt.shunt_stream_table WHERE vrepl_id = " + id)
          .rows()
          .stream()
          .map(row -> row.text(0))
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void whatGoesBeforeItIsCopiedIsNotWaitedFor(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = running(cluster);
      cluster.source.run("CREATE TABLE older (id INT PRIMARY KEY, v INT) ENGINE = MyISAM");
      create(cluster.target, "older");
      cluster.awaitState(id, "Error");
      assertThat(cluster.column(id, "message")).contains("older has the engine MyISAM");
      cluster.source.run("DROP TABLE older");
      cluster.target.run("DROP TABLE older");
      cluster.goOn(id);
      awaitEqual(cluster, id, "a");
      assertThat(cluster.column(id, "state")).isEqualTo("Running");
    }
  }

  /** The schema that a tablet tells of does not have it, and its rows may be old. */
  @ParameterizedTest
  @MethodSource("kinds")
  void whatHasAHistoryIsNotTakenForMissing(DatabaseKind kind) {
    if (kind.engine() != Engine.MARIADB) {
      return;
    }
    try (StreamingCluster cluster = cluster(kind)) {
      cluster.source.run(
          "CREATE TABLE older (id INT PRIMARY KEY, v INT) WITH SYSTEM VERSIONING",
          "INSERT INTO older VALUES (1, 10)");
      int id = running(cluster);
      create(cluster.target, "older");
      cluster.awaitState(id, "Error");
      assertThat(cluster.column(id, "message")).contains("older has system versioning");
      cluster.source.run("ALTER TABLE older DROP SYSTEM VERSIONING");
      cluster.goOn(id);
      awaitEqual(cluster, id, "a", "older");
      assertThat(rows(cluster.target, "older")).hasSize(1);
    }
  }

  /** Of a table that the target never gets the rows would be missing. */
  @ParameterizedTest
  @MethodSource("kinds")
  void whatTheTargetLacksEndsTheStreamUntilItIsMadeThere(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = running(cluster);
      create(cluster.source, "made");
      cluster.source.run("INSERT INTO made VALUES (1, 1)");
      cluster.awaitState(id, "Error");
      assertThat(cluster.column(id, "message")).contains("table made was made on the source");
      create(cluster.target, "made");
      cluster.goOn(id);
      cluster.awaitState(id, "Running");
      awaitEqual(cluster, id, "a", "made");
    }
  }

  /** As changes of schemas by Vitess's own tools leave them, on either side. */
  @ParameterizedTest
  @MethodSource("kinds")
  void tablesOfVitessItselfStayWhereTheyAre(DatabaseKind kind) {
    String held = "_vt_hld_6ace8bcef73211ea87e9f875a4d24e90_20200915120410_";
    String there = "_vt_prg_7bcf8bcef73211ea87e9f875a4d24e90_20200915120410_";
    String made = "_vt_vrp_8bcf8bcef73211ea87e9f875a4d24e90_20200915120410_";
    try (StreamingCluster cluster = cluster(kind)) {
      create(cluster.source, held);
      cluster.source.run("INSERT INTO " + held + " VALUES (1, 1)");
      create(cluster.target, there);
      int id = running(cluster);
      cluster.source.run(
          "INSERT INTO " + held + " VALUES (2, 2)",
          "CREATE TABLE " + made + " (id INT PRIMARY KEY)",
          "INSERT INTO " + made + " VALUES (1)",
          "DROP TABLE " + held);
      awaitEqual(cluster, id, "a");
      assertThat(cluster.column(id, "state")).isEqualTo("Running");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void sequencesStayWhereTheyAre(DatabaseKind kind) {
    if (kind.engine() != Engine.MARIADB) {
      return;
    }
    try (StreamingCluster cluster = cluster(kind)) {
      cluster.source.run("CREATE SEQUENCE s CACHE 1", "CREATE SEQUENCE dropped CACHE 1");
      int id = running(cluster);
      try (MysqlConnection source = cluster.source.connect()) {
        source.execute("SELECT NEXTVAL(s), NEXTVAL(dropped)");
        source.execute("INSERT INTO a VALUES (NEXTVAL(s) + 100, 0)");
        source.execute("SELECT SETVAL(s, 50)");
        source.execute("DROP SEQUENCE dropped");
      }
      awaitEqual(cluster, id, "a");
      cluster.restartTarget();
      cluster.source.run("CREATE SEQUENCE later CACHE 1", "SELECT NEXTVAL(later)");
      awaitEqual(cluster, id, "a");
      assertThat(cluster.column(id, "state")).isEqualTo("Running");
      assertThat(cluster.log(id)).doesNotContain("sequence");

      // One that a rule names is a mistake.
      cluster.delete(id);
      int named = cluster.stream(cluster.binlogSource(rule("s", "select start_value from s")));
      cluster.awaitState(named, "Error");
      assertThat(cluster.column(named, "message")).contains("s is a sequence");
    }
  }
}
