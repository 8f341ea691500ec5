package dev.shunt.tablet.vreplication;

import static dev.shunt.tablet.vreplication.StreamingCluster.rows;
import static dev.shunt.tablet.vreplication.StreamingCluster.rule;
import static org.assertj.core.api.Assertions.assertThat;

import binlogdata.Binlogdata.BinlogSource;
import binlogdata.Binlogdata.OnDDLAction;
import dev.shunt.embedded.DatabaseKind;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.TabletIdentity;
import dev.shunt.tablet.Throttler;
import dev.shunt.tablet.vreplication.stream.StreamBoard;
import dev.shunt.tablet.vreplication.stream.StreamContext;
import dev.shunt.tablet.vreplication.stream.StreamTable;
import dev.shunt.tablet.vreplication.stream.StreamThrottle;
import dev.shunt.tablet.vreplication.stream.Tuning;
import dev.shunt.tablet.vreplication.writing.SecondaryKeys;
import dev.shunt.workflow.sql.SqlParser;
import dev.shunt.workflow.streams.TextProto;
import io.vitess.proto.Topodata;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Keys that were taken off for a copy that is cut off come back, and only those. */
class DeferredKeysIT {
  private static final List<String> KEYS =
      List.of(
          "KEY `plain` (`a`,`v`(5)) COMMENT 'with, ADD KEY `x` and (brackets'",
          "KEY `odd ``name` (`b`)",
          "KEY `Third` (`b`,`a`)");

  @TempDir Path directory;

  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  static Stream<Arguments> kindsAndActions() {
    return kinds().stream()
        .flatMap(kind ->
            Stream.of(OnDDLAction.EXEC, OnDDLAction.EXEC_IGNORE)
                .map(action -> Arguments.of(kind, action)));
  }

  private StreamingCluster cluster(DatabaseKind kind) {
    StreamingCluster cluster = new StreamingCluster(directory.resolve("topo"), kind, kind);
    String columns = "CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, v VARCHAR(20)";
    cluster.source.run(
        columns + ", " + String.join(", ", KEYS) + ")",
        "INSERT INTO t VALUES (1,1,1,'a'),(2,2,2,'b')");
    cluster.target.run(columns + ")", "INSERT INTO t VALUES (1,1,1,'a')");
    return cluster;
  }

  /** A stream that has copied one row, with the table's keys off. */
  private static int cutOff(StreamingCluster cluster, OnDDLAction action) {
    int id =
        cluster.stream(
            cluster.binlogSource(rule("t", "select * from t")).toBuilder().setOnDdl(action).build(),
            "Stopped");
    cluster.cutOff(id, "t", "id", 1);
    String adding =
        "ALTER TABLE `" + cluster.target.name() + "`.`t` ADD " + String.join(", ADD ", KEYS);
    try (MysqlConnection connection = cluster.target.connect()) {
      TabletIdentity tablet =
          new TabletIdentity(
              Topodata.TabletAlias.getDefaultInstance(),
              "customer",
              "0",
              cluster.target.name(),
              "_vt");
      new StreamTable(tablet).keepAfterCopy(connection, id, "t", adding);
    }
    return id;
  }

  /** The keys but the primary one, as the table has them. */
  private static List<String> keys(StreamingCluster cluster) {
    try (MysqlConnection connection = cluster.target.connect()) {
      return connection
          .execute("SHOW CREATE TABLE t")
          .only()
          .text(1)
          .lines()
          .map(line -> line.strip().replaceAll(",$", ""))
          .filter(line -> line.startsWith("KEY "))
          .toList();
    }
  }

  private static void finish(StreamingCluster cluster, int id) {
    cluster.goOn(id);
    cluster.awaitState(id, "Running");
    cluster.awaitCaughtUp(id);
    assertThat(rows(cluster.target, "t")).isEqualTo(rows(cluster.source, "t"));
    assertThat(rows(cluster.target, "_vt.post_copy_action WHERE vrepl_id = " + id)).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void allComeBack(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = cutOff(cluster, OnDDLAction.IGNORE);
      finish(cluster, id);
      assertThat(keys(cluster)).containsExactlyInAnyOrderElementsOf(KEYS);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void allComeBackWhenRulesLeaveTheTableOut(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = cutOff(cluster, OnDDLAction.IGNORE);
      cluster.target.run(
          "INSERT INTO _vt.shunt_stream_table (vrepl_id, table_name) VALUES (%d, ''), (%d, 't')"
              .formatted(id, id));
      BinlogSource without = cluster.binlogSource(rule("t", "exclude"), rule("/.*", ""));
      cluster.update(id, "source=" + SqlText.literal(TextProto.print(without)));
      cluster.goOn(id);
      cluster.awaitState(id, "Running");
      assertThat(keys(cluster)).containsExactlyInAnyOrderElementsOf(KEYS);
      assertThat(rows(cluster.target, "_vt.post_copy_action WHERE vrepl_id = " + id)).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void theOthersComeBackWhenSomebodyAddedOne(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = cutOff(cluster, OnDDLAction.IGNORE);
      cluster.target.run("ALTER TABLE t ADD " + KEYS.get(1), "ALTER TABLE t ADD KEY third (v)");
      finish(cluster, id);
      assertThat(keys(cluster))
          .containsExactlyInAnyOrder(KEYS.get(0), KEYS.get(1), "KEY `third` (`v`)");
    }
  }

  @ParameterizedTest
  @MethodSource("kindsAndActions")
  void oneThatTheSourceDropsMeanwhileIsDropped(DatabaseKind kind, OnDDLAction action) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = cutOff(cluster, action);
      cluster.source.run(
          "ALTER TABLE t DROP KEY `odd ``name`",
          "UPDATE t SET a = 7",
          "INSERT INTO t (id) VALUES (3)");
      finish(cluster, id);
      assertThat(keys(cluster)).containsExactlyInAnyOrder(KEYS.get(0), KEYS.get(2));
    }
  }

  /** The session is the stream's own, and goes on. */
  @ParameterizedTest
  @MethodSource("kinds")
  void aTableThatStaysInUseIsNamedAndTheSessionIsLeftAsItWas(DatabaseKind kind) throws Exception {
    try (StreamingCluster cluster = cluster(kind);
        MysqlConnection reader = cluster.target.connect();
        MysqlConnection connection = cluster.target.connect()) {
      int id = cutOff(cluster, OnDDLAction.IGNORE);
      connection.execute("SET SESSION lock_wait_timeout = 1, innodb_lock_wait_timeout = 77");
      reader.execute("BEGIN");
      reader.execute("SELECT * FROM t");
      CompletableFuture<Void> putBack =
          CompletableFuture.runAsync(() -> {
            try {
              new SecondaryKeys(context(cluster, id), connection).putBackForGood("t");
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          });
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(() ->
              assertThat(cluster.column(id, "message"))
                  .contains("keys of table t can't be altered", "Waiting for table metadata lock"));
      reader.execute("COMMIT");
      putBack.get(20, TimeUnit.SECONDS);
      assertThat(keys(cluster)).containsExactlyInAnyOrderElementsOf(KEYS);
      assertThat(connection.execute("SELECT @@SESSION.innodb_lock_wait_timeout").only().text(0))
          .isEqualTo("77");
      assertThat(connection.execute("SELECT @@SESSION.lock_wait_timeout").only().text(0))
          .isEqualTo("1");
      assertThat(cluster.column(id, "message")).isEmpty();
    }
  }

  private static StreamContext context(StreamingCluster cluster, int id) {
    TabletIdentity tablet =
        new TabletIdentity(
            Topodata.TabletAlias.getDefaultInstance(),
            "customer",
            "0",
            cluster.target.name(),
            "_vt");
    StreamTable table = new StreamTable(tablet);
    StreamBoard board = new StreamBoard();
    return new StreamContext(
        id,
        tablet,
        table,
        board,
        SqlParser.create(),
        _ -> {
          throw new IllegalStateException("no source is needed");
        },
        () -> false,
        () -> {},
        new StreamThrottle(id, table, board, cluster.target.endpoint(), Throttler.off()),
        new Tuning());
  }

  /** Somebody reads the table all the while, so that they can't come back before the restart. */
  @ParameterizedTest
  @MethodSource("kinds")
  void allComeBackThoughTheTabletEndsBehindTheDeletion(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = cutOff(cluster, OnDDLAction.IGNORE);
      try (MysqlConnection reader = cluster.target.connect()) {
        reader.execute("BEGIN");
        reader.execute("SELECT * FROM t");
        cluster.delete(id);
        cluster.restartTarget();
        assertThat(keys(cluster)).doesNotContainAnyElementsOf(KEYS);
        assertThat(rows(cluster.target, "_vt.shunt_left_keys WHERE db_name = DATABASE()"))
            .isNotEmpty();
        reader.execute("COMMIT");
      }
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() -> assertThat(keys(cluster)).containsExactlyInAnyOrderElementsOf(KEYS));
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void nobodyWaitsForThemWhileTheTableIsInUse(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind);
        MysqlConnection user = cluster.target.connect();
        MysqlConnection other = cluster.target.connect()) {
      int id = cutOff(cluster, OnDDLAction.IGNORE);
      user.execute("BEGIN");
      user.execute("SELECT * FROM t");
      cluster.delete(id);
      other.execute("SET SESSION lock_wait_timeout = 3");
      for (int i = 0; i < 40; i++) { // the ALTER comes in between
        other.execute("SELECT * FROM t");
        LockSupport.parkNanos(50_000_000);
      }
      assertThat(keys(cluster)).isEmpty();
      user.execute("COMMIT");
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() -> assertThat(keys(cluster)).containsExactlyInAnyOrderElementsOf(KEYS));
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void allComeBackWhenTheStreamIsDeletedInTheMiddle(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = cutOff(cluster, OnDDLAction.IGNORE);
      cluster.delete(id);
      assertThat(rows(cluster.target, "_vt.post_copy_action WHERE vrepl_id = " + id)).isEmpty();
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(() -> assertThat(keys(cluster)).containsExactlyInAnyOrderElementsOf(KEYS));
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .until(() ->
              rows(cluster.target, "_vt.shunt_left_keys WHERE db_name = DATABASE()").isEmpty());

      int other = cutOff(cluster, OnDDLAction.IGNORE);
      cluster.target.run("DROP TABLE t");
      cluster.delete(other);
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .until(() ->
              rows(cluster.target, "_vt.shunt_left_keys WHERE db_name = DATABASE()").isEmpty());
    }
  }
}
