package dev.shunt.tablet.vreplication;

import static dev.shunt.tablet.vreplication.StreamingCluster.rows;
import static dev.shunt.tablet.vreplication.StreamingCluster.rule;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shunt.embedded.DatabaseKind;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.LongSuites;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.TabletIdentity;
import dev.shunt.tablet.vreplication.stream.CopyNotes;
import dev.shunt.tablet.vreplication.stream.CopyTable;
import dev.shunt.tablet.vreplication.stream.StreamCopyState;
import dev.shunt.tablet.vreplication.stream.TableProgress;
import dev.shunt.tablet.vstreamer.TestDatabase;
import dev.shunt.workflow.streams.TextProto;
import io.vitess.proto.Topodata;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A copy goes on only from what it stood on, and only for its latest attempt. */
class CopyStateIT {
  private static final String CREATE =
      "CREATE TABLE %s (a INT NOT NULL, b INT NOT NULL, c INT NOT NULL, k VARCHAR(20) CHARACTER SET"
          + " utf8mb4 COLLATE utf8mb4_general_ci NOT NULL, PRIMARY KEY (%s), UNIQUE KEY of_c (c))";

  private static final int ROWS = 1024;
  private static final int OBSTACLE = 500;

  @TempDir Path directory;

  static List<DatabaseKind> kinds() {
    return LongSuites.kinds();
  }

  @AfterEach
  void allowLoading() {
    for (DatabaseKind kind : kinds()) {
      TestDatabase.target(kind).run("SET GLOBAL local_infile = 1");
    }
  }

  private StreamingCluster cluster(DatabaseKind kind) {
    StreamingCluster cluster = new StreamingCluster(directory.resolve("topo"), kind, 2000);
    cluster.target.run("SET GLOBAL local_infile = 0");
    return cluster;
  }

  /** A stream whose copy was cut off in the middle of the table. */
  private static int cutOff(StreamingCluster cluster, String table, String key) {
    return cutOff(cluster, table, key, "CONCAT(IF(a % 3, 'key ', 'KEY '), a)");
  }

  /**
   * @param text what the column of texts is made of
   */
  private static int cutOff(StreamingCluster cluster, String table, String key, String text) {
    cluster.source.run(
        CREATE.formatted(table, key), "INSERT INTO " + table + " VALUES (0, 5000, 9000, 'Key')");
    cluster.target.run(
        CREATE.formatted(table, key),
        "INSERT INTO %s VALUES (-1, -1, %d, 'in the way')".formatted(table, 9000 - OBSTACLE));
    for (int count = 1; count < ROWS; count *= 2) {
      cluster.source.run(
          "INSERT INTO %1$s SELECT a + %2$d, b - %2$d, c - %2$d, a + %2$d FROM %1$s"
              .formatted(table, count));
    }
    cluster.source.run("UPDATE %s SET k = %s".formatted(table, text));
    int id = cluster.stream(cluster.binlogSource(rule(table, "select * from " + table)));
    cluster.awaitState(id, "Error");
    assertThat(Integer.parseInt(cluster.column(id, "rows_copied"))).isBetween(10, ROWS - 10);
    cluster.target.run("DELETE FROM " + table + " WHERE a = -1");
    return id;
  }

  private static void awaitEqual(StreamingCluster cluster, int id, String table) {
    cluster.awaitState(id, "Running");
    cluster.awaitCaughtUp(id);
    assertThat(rows(cluster.target, table)).isEqualTo(rows(cluster.source, table));
  }

  private static void assertRefused(StreamingCluster cluster, int id, String... words) {
    cluster.goOn(id);
    cluster.awaitState(id, "Error");
    assertThat(cluster.column(id, "message")).contains("can't go on").contains(words);
  }

  private static void alter(TestDatabase database, String table, String how) {
    database.run("ALTER TABLE " + table + " " + how);
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void anotherKeyOfTheSourceIsRefusedUntilItIsPutBack(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int other = cutOff(cluster, "other", "a");
      for (TestDatabase database : List.of(cluster.source, cluster.target)) {
        alter(database, "other", "DROP PRIMARY KEY, ADD PRIMARY KEY (b)");
      }
      assertRefused(cluster, other, "key of its source table", "[a INTEGER]", "[b INTEGER]");
      for (TestDatabase database : List.of(cluster.source, cluster.target)) {
        alter(database, "other", "DROP PRIMARY KEY, ADD PRIMARY KEY (a)");
      }
      cluster.goOn(other);
      awaitEqual(cluster, other, "other");

      int turned = cutOff(cluster, "turned", "a, b");
      alter(cluster.source, "turned", "DROP PRIMARY KEY, ADD PRIMARY KEY (b, a)");
      assertRefused(cluster, turned, "[a INTEGER, b INTEGER]", "[b INTEGER, a INTEGER]");

      int unique = cutOff(cluster, "uniquely", "a");
      alter(cluster.source, "uniquely", "DROP PRIMARY KEY");
      assertRefused(cluster, unique, "[a INTEGER]", "[c INTEGER]");

      int collated = cutOff(cluster, "collated", "k");
      for (TestDatabase database : List.of(cluster.source, cluster.target)) {
        alter(database, "collated", "MODIFY k VARCHAR(20) COLLATE utf8mb4_bin NOT NULL");
      }
      assertRefused(cluster, collated, "key of its source table", "collation 45", "collation 46");

      int typed = cutOff(cluster, "typed", "a");
      for (TestDatabase database : List.of(cluster.source, cluster.target)) {
        alter(database, "typed", "MODIFY a VARCHAR(20) COLLATE utf8mb4_bin NOT NULL");
      }
      assertRefused(cluster, typed, "[a INTEGER]", "VARCHAR");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void aKeyInTheSameOrderIsNoOther(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = cutOff(cluster, "wider", "a, k");
      for (TestDatabase database : List.of(cluster.source, cluster.target)) {
        alter(
            database,
            "wider",
            "MODIFY a BIGINT NOT NULL, MODIFY k VARCHAR(90) CHARACTER SET utf8mb4 COLLATE"
                + " utf8mb4_general_ci NOT NULL");
      }
      cluster.source.run("DELETE FROM wider WHERE a % 5 = 0", "UPDATE wider SET b = b + 1");
      cluster.goOn(id);
      awaitEqual(cluster, id, "wider");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void anotherRuleOrTargetKeyIsRefused(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int ruled = cutOff(cluster, "ruled", "a");
      write(cluster, ruled, cluster.binlogSource(rule("ruled", "select * from ruled where c > 1")));
      assertRefused(cluster, ruled, "the rule was [select * from ruled]", "where c > 1");
      int zoned = cutOff(cluster, "zoned", "a");
      write(
          cluster,
          zoned,
          cluster.binlogSource(rule("zoned", "select * from zoned")).toBuilder()
              .setSourceTimeZone("+02:00")
              .setTargetTimeZone("+00:00")
              .build());
      assertRefused(cluster, zoned, "pair of time zones", "[+02:00 to +00:00]");
      int filled = cutOff(cluster, "filled", "a");
      alter(cluster.target, "filled", "DROP PRIMARY KEY, ADD PRIMARY KEY (b)");
      assertRefused(cluster, filled, "key of the target table", "[a]", "[b]");
    }
  }

  private static void write(
      StreamingCluster cluster, int id, binlogdata.Binlogdata.BinlogSource source) {
    cluster.update(id, "source = " + SqlText.literal(TextProto.print(source)));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void aLateCommitOfAnEarlierProcessIsGoneOnFrom(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      cluster.sourceIsStock(true); // the whole table has one note
      int id = cutOff(cluster, "late", "k, a", "'k'");
      int last = Integer.parseInt(cluster.column(id, "rows_copied")) - 1;
      try (MysqlConnection earlier = cluster.target.connect();
          MysqlConnection watch = cluster.target.connect()) {
        watch.execute("UPDATE _vt.vreplication SET state = 'Copying' WHERE id = " + id);
        earlier.execute("BEGIN");
        for (int a = last + 1; a <= last + 200; a++) {
          earlier.execute(
              "INSERT INTO late VALUES (%d, %d, %d, 'k')".formatted(a, 5000 - a, 9000 - a));
        }
        String note =
            earlier
                .execute("SELECT lastpk FROM _vt.copy_state WHERE vrepl_id = " + id)
                .only()
                .text(0)
                .replaceAll("values: *\"k\\d+\"", "values: \"k" + (last + 200) + "\"");
        earlier.execute("DELETE FROM _vt.copy_state WHERE vrepl_id = " + id);
        earlier.execute(
            "INSERT INTO _vt.copy_state (vrepl_id, table_name, lastpk) VALUES (%d, 'late', %s)"
                .formatted(id, SqlText.literal(note)));
        earlier.execute(
            "UPDATE _vt.vreplication SET rows_copied = rows_copied + 200 WHERE id = " + id);
        cluster.source.run("DELETE FROM late WHERE a > %d".formatted(last + 100));
        cluster.source.run("UPDATE late SET b = b + 9000 WHERE a > " + (last - 10));

        CompletableFuture<Void> goesOn = CompletableFuture.runAsync(() -> cluster.restartTarget());
        awaitWaiting(watch, "%_vt%");
        earlier.execute("COMMIT");
        goesOn.join();
      }
      awaitEqual(cluster, id, "late");
    }
  }

  /** Until somebody waits for a row with a statement like this. */
  private static void awaitWaiting(MysqlConnection watch, String statement) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() ->
            !watch
                .execute(
                    "SELECT 1 FROM information_schema.INNODB_TRX t JOIN"
                        + " information_schema.PROCESSLIST p ON p.ID = t.trx_mysql_thread_id WHERE"
                        + " t.trx_state = 'LOCK WAIT' AND p.INFO LIKE "
                        + SqlText.literal(statement))
                .rows()
                .isEmpty());
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void onlyTheLatestAttemptWrites(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind);
        MysqlConnection connection = cluster.target.connect()) {
      int id = cutOff(cluster, "once", "a");
      TabletIdentity tablet =
          new TabletIdentity(
              Topodata.TabletAlias.getDefaultInstance(), "ks", "0", cluster.target.name(), "_vt");
      CopyTable copies = new CopyTable(tablet);
      StreamCopyState earlier = copies.claim(connection, id);
      StreamCopyState latest = copies.claim(connection, id);
      TableProgress table = earlier.tables().getFirst();
      String before = cluster.column(id, "rows_copied");

      assertThatThrownBy(() -> copies.endTable(connection, earlier, table))
          .isInstanceOf(RpcException.class)
          .hasMessageContaining("another attempt");
      CopyNotes notes = copies.notes(earlier, "once", table.parts().getFirst(), table.keyFields());
      assertThatThrownBy(
              () -> {
                connection.execute("BEGIN");
                var unused =
                    notes.noted(
                        notes.first(),
                        connection.executeMulti(
                            notes.statements(
                                notes.first(), table.parts().getFirst().last().getRows(0), 7)));
              })
          .isInstanceOf(RpcException.class)
          .hasMessageContaining("another attempt");
      connection.execute("ROLLBACK");
      assertThat(latest.tables().getFirst().parts().getFirst().mark())
          .as("one who knows nothing of attempts finds its note gone")
          .isNotEqualTo(table.parts().getFirst().mark());
      assertThat(cluster.column(id, "rows_copied")).isEqualTo(before);
      cluster.goOn(id);
      awaitEqual(cluster, id, "once");
      assertThatThrownBy(() -> copies.endTable(connection, latest, table))
          .isInstanceOf(RpcException.class);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void aStreamWhoseRowIsDeletedStopsAtOnce(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind);
        MysqlConnection watch = cluster.target.connect()) {
      for (TestDatabase database : List.of(cluster.source, cluster.target)) {
        database.run("CREATE TABLE t (id INT PRIMARY KEY)");
      }
      int id = cluster.stream(cluster.binlogSource(rule("t", "select * from t")));
      cluster.awaitState(id, "Running");
      cluster.target.run("DELETE FROM _vt.vreplication WHERE id = " + id);
      for (int row = 1; row <= 20; row++) {
        cluster.source.run("INSERT INTO t VALUES (" + row + ")");
      }
      awaitGone(cluster, watch, id);
      assertThat(rows(cluster.target, "t")).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void aTargetThatLosesItsTransactionsGetsNoMoreRows(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind);
        MysqlConnection holder = cluster.target.connect()) {
      for (boolean loaded : new boolean[] {false, true}) {
        String table = loaded ? "loaded" : "inserted";
        int id = cutOff(cluster, table, "a");
        cluster.target.run("SET GLOBAL local_infile = " + (loaded ? 1 : 0));
        int before = rows(cluster.target, table).size();
        holder.execute("LOCK TABLES " + table + " WRITE");
        cluster.goOn(id);
        Awaitility.await()
            .atMost(Duration.ofSeconds(60))
            .until(() ->
                !holder
                    .execute(
                        "SELECT 1 FROM information_schema.PROCESSLIST WHERE STATE LIKE '%metadata"
                            + " lock%' AND DB = '"
                            + cluster.target.name()
                            + "'")
                    .rows()
                    .isEmpty());
        holder.execute("ALTER TABLE " + table + " ENGINE=MyISAM");
        holder.execute("UNLOCK TABLES");

        cluster.awaitState(id, "Error");

        assertThat(cluster.column(id, "message")).contains("has the engine MyISAM");
        assertThat(rows(cluster.target, table)).hasSize(before);
        alter(cluster.target, table, "ENGINE=InnoDB");
        cluster.goOn(id);
        awaitEqual(cluster, id, table);
      }
    }
  }

  /** Until nobody works for a stream any more, nor waits for it. */
  private static void awaitGone(StreamingCluster cluster, MysqlConnection watch, int id) {
    String name =
        "shunt-stream-" + id + "-" + Integer.toHexString(cluster.target.name().hashCode());
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> {
          assertThat(watch.execute("SELECT IS_FREE_LOCK('" + name + "')").only().text(0))
              .isEqualTo("1");
          assertThatThrownBy(() -> cluster.awaitCaughtUp(id)).hasMessageContaining("no stream");
        });
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void anIdleStreamWhoseRowIsDeletedStops(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind);
        MysqlConnection watch = cluster.target.connect()) {
      for (TestDatabase database : List.of(cluster.source, cluster.target)) {
        database.run("CREATE TABLE t (id INT PRIMARY KEY)");
      }
      int id = cluster.stream(cluster.binlogSource(rule("t", "select * from t")));
      cluster.awaitState(id, "Running");
      cluster.awaitCaughtUp(id);
      cluster.target.run("DELETE FROM _vt.vreplication WHERE id = " + id);
      awaitGone(cluster, watch, id);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void aCopyingStreamWhoseRowIsDeletedStops(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind);
        MysqlConnection holder = cluster.target.connect();
        MysqlConnection watch = cluster.target.connect()) {
      for (boolean loaded : new boolean[] {false, true}) {
        String table = loaded ? "loaded" : "inserted";
        int id = cutOff(cluster, table, "a");
        cluster.target.run("SET GLOBAL local_infile = " + (loaded ? 1 : 0));
        // The copy waits for a row in its midst while its own is taken away.
        int obstacle = 9000 - OBSTACLE - 7;
        holder.execute("BEGIN");
        holder.execute("INSERT INTO %s VALUES (-1, -1, %d, '')".formatted(table, obstacle));
        cluster.goOn(id);
        awaitWaiting(watch, "%" + table + "%");
        cluster.target.run("DELETE FROM _vt.vreplication WHERE id = " + id);
        holder.execute("ROLLBACK");

        awaitGone(cluster, watch, id);

        assertThat(rows(cluster.target, table).size())
            .as("rows, of which what is behind the obstacle is not written")
            .isLessThan(ROWS);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void aStreamWhoseRowIsDeletedBeforeItWritesItsStateStops(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind);
        MysqlConnection holder = cluster.target.connect();
        MysqlConnection watch = cluster.target.connect()) {
      for (TestDatabase database : List.of(cluster.source, cluster.target)) {
        database.run("CREATE TABLE t (id INT PRIMARY KEY)");
      }
      int running = cluster.stream(cluster.binlogSource(rule("t", "select * from t")));
      cluster.awaitState(running, "Running");
      int beginning = cluster.stream(cluster.binlogSource(rule("t", "select * from t")), "Stopped");
      for (int id : new int[] {running, beginning}) {
        cluster.target.run("UPDATE _vt.vreplication SET state = 'Copying' WHERE id = " + id);
        holder.execute("BEGIN");
        holder.execute("DELETE FROM _vt.vreplication WHERE id = " + id);
        CompletableFuture<Void> goesOn = CompletableFuture.runAsync(() -> cluster.restartTarget());
        awaitWaiting(watch, "%_vt%");
        holder.execute("COMMIT");
        goesOn.join();
        awaitGone(cluster, watch, id);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void rowsThatCameEarlyAreNotTakenForThoseOfALaterStream(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      // One row is too large for the target as it will be, so the copy is cut off again there.
      String text = "CONCAT(IF(a % 3, 'key ', 'KEY '), a), b = IF(a = 500, 100000, b)";
      int id = cutOff(cluster, "early", "k", text);
      for (TestDatabase database : List.of(cluster.source, cluster.target)) {
        alter(database, "early", "DROP KEY of_c");
      }
      alter(cluster.target, "early", "MODIFY b SMALLINT NOT NULL");
      cluster.source.run("INSERT INTO early VALUES (5555, 5555, 5555, 'zzz')");
      cluster.goOn(id);
      cluster.awaitState(id, "Error");
      assertThat(rows(cluster.target, "early WHERE k = 'zzz'")).hasSize(1);

      cluster.source.run(CREATE.formatted("another", "k"));
      int second = cluster.stream(cluster.binlogSource(rule("early", "select * from another")));
      cluster.awaitState(second, "Running");
      cluster.source.run("DELETE FROM early WHERE k = 'zzz'");
      alter(cluster.target, "early", "MODIFY b INT NOT NULL");
      assertRefused(cluster, id, "another stream", "came early");
    }
  }
}
