package dev.shunt.tablet.vreplication;

import static dev.shunt.tablet.vreplication.StreamingCluster.rows;
import static dev.shunt.tablet.vreplication.StreamingCluster.rule;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import binlogdata.Binlogdata.OnDDLAction;
import dev.shunt.embedded.DatabaseKind;
import dev.shunt.embedded.Engine;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.Row;
import dev.shunt.tablet.LongSuites;
import dev.shunt.tablet.vstreamer.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What belongs together is applied together, whatever its size and whatever comes between. */
class ApplyIT {
  private static final int ROWS = 20_000;

  @TempDir Path directory;

  static List<DatabaseKind> kinds() {
    return LongSuites.kinds();
  }

  private StreamingCluster cluster(DatabaseKind kind, String... tables) {
    StreamingCluster cluster = new StreamingCluster(directory.resolve("topo"), kind, kind);
    cluster.source.run(tables);
    cluster.target.run(tables);
    return cluster;
  }

  private static void update(StreamingCluster cluster, int id, String assignments) {
    cluster
        .targetClient()
        .vReplicationExec("update _vt.vreplication set " + assignments + " where id = " + id);
  }

  private static void assertEqual(StreamingCluster cluster, String table) {
    assertThat(rows(cluster.target, table).equals(rows(cluster.source, table)))
        .as("rows of %s are equal", table)
        .isTrue();
  }

  /** One transaction of more than 10 MB. */
  private static void insertMany(StreamingCluster cluster, String table) {
    try (MysqlConnection connection = cluster.source.connect()) {
      connection.execute("BEGIN");
      for (int i = 0; i < ROWS; i += 1000) {
        StringBuilder sql = new StringBuilder("INSERT INTO " + table + " VALUES ");
        for (int j = i; j < i + 1000; j++) {
          sql.append(j == i ? "(" : ",(").append(j).append(",REPEAT('i',550))");
        }
        connection.execute(sql.toString());
      }
      connection.execute("COMMIT");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void appliesTransactionsThatAreLargerThanAPacket(DatabaseKind kind) {
    try (StreamingCluster cluster =
        cluster(
            kind,
            "CREATE TABLE big (id INT PRIMARY KEY, v VARCHAR(600))",
            "CREATE TABLE keyless (id INT, v VARCHAR(600))")) {
      int id =
          cluster.stream(
              cluster.binlogSource(
                  rule("big", "select * from big"), rule("keyless", "select * from keyless")));
      cluster.awaitState(id, "Running");

      insertMany(cluster, "big");
      insertMany(cluster, "keyless");
      cluster.awaitCaughtUp(id);
      assertEqual(cluster, "big");
      assertEqual(cluster, "keyless");

      cluster.source.run("UPDATE big SET v = REPEAT('u', 570)");
      cluster.awaitCaughtUp(id);
      assertEqual(cluster, "big");

      cluster.source.run("DELETE FROM big");
      cluster.awaitCaughtUp(id);
      assertThat(rows(cluster.target, "big")).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void childrenFollowAParentWhoseKeyChanges(DatabaseKind kind) {
    try (StreamingCluster cluster =
        cluster(
            kind,
            "CREATE TABLE parent (id INT PRIMARY KEY, v INT)",
            "CREATE TABLE child (id INT PRIMARY KEY, parent INT, FOREIGN KEY (parent) REFERENCES"
                + " parent (id) ON UPDATE CASCADE ON DELETE CASCADE)",
            "CREATE TABLE loose (id INT PRIMARY KEY, parent INT, FOREIGN KEY (parent) REFERENCES"
                + " parent (id) ON UPDATE SET NULL ON DELETE CASCADE)")) {
      cluster.source.run(
          "INSERT INTO parent VALUES (1,1),(2,2),(3,3)",
          "INSERT INTO child VALUES (10,1),(11,1),(20,2)",
          "INSERT INTO loose VALUES (10,1),(20,2)");
      int id =
          cluster.stream(
              cluster.binlogSource(
                  rule("parent", "select * from parent"),
                  rule("child", "select * from child"),
                  rule("loose", "select * from loose")));
      cluster.awaitState(id, "Running");

      cluster.source.run(
          "UPDATE parent SET id = 9, v = 90 WHERE id = 1",
          "UPDATE parent SET id = id + 100 WHERE id > 2 ORDER BY id DESC",
          "DELETE FROM parent WHERE id = 2");
      cluster.awaitCaughtUp(id);

      assertEqual(cluster, "parent");
      assertEqual(cluster, "child");
      assertEqual(cluster, "loose");
      assertThat(rows(cluster.target, "child")).hasSize(2);
      assertThat(rows(cluster.target, "loose")).hasSize(1);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void goesOnAfterALargeTransactionThatWasCutOff(DatabaseKind kind) {
    try (StreamingCluster cluster =
        cluster(kind, "CREATE TABLE big (id INT PRIMARY KEY, v VARCHAR(600))")) {
      insertMany(cluster, "big");
      int id = cluster.stream(cluster.binlogSource(rule("big", "select * from big")));
      cluster.awaitState(id, "Running");
      try (MysqlConnection holder = cluster.target.connect()) {
        holder.execute("BEGIN");
        holder.execute("SELECT * FROM big WHERE id = " + (ROWS - 1) + " FOR UPDATE");
        cluster.source.run("UPDATE big SET v = REPEAT('u', 570)");
        awaitStatement(cluster, "INSERT INTO `big`%");
        cut(cluster.target, holder);
      }

      cluster.awaitCaughtUp(id);
      assertEqual(cluster, "big");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void carriesOutAChangeOfATableThoughItIsCutOffBefore(DatabaseKind kind) {
    try (StreamingCluster cluster =
        cluster(kind, "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20))")) {
      int id = ddlStream(cluster, OnDDLAction.EXEC);
      update(cluster, id, "state='Stopped'");
      cluster.source.run(
          "INSERT INTO t VALUES (1,'a')",
          "ALTER TABLE t ADD w INT",
          "INSERT INTO t VALUES (2,'b',7)");
      try (MysqlConnection reader = cluster.target.connect()) {
        reader.execute("BEGIN");
        reader.execute("SELECT * FROM t");
        update(cluster, id, "state='Running'");
        awaitStatement(cluster, "ALTER%");
        cut(cluster.target, reader);
      }

      cluster.awaitCaughtUp(id);
      assertThat(rows(cluster.target, "t")).containsExactly("'1','a',NULL,", "'2','b','7',");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void failsOrGoesOnWhenAChangeOfATableFails(DatabaseKind kind) {
    try (StreamingCluster cluster =
        cluster(kind, "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20))")) {
      int strict = ddlStream(cluster, OnDDLAction.EXEC);
      cluster.target.run("ALTER TABLE t ADD w INT");
      cluster.source.run("ALTER TABLE t ADD w INT");
      cluster.awaitState(strict, "Error");
      assertThat(cluster.column(strict, "message")).contains("1060");
      update(cluster, strict, "state='Stopped'");

      int lenient = ddlStream(cluster, OnDDLAction.EXEC_IGNORE);
      cluster.target.run("ALTER TABLE t ADD x INT");
      cluster.source.run("ALTER TABLE t ADD x INT", "INSERT INTO t VALUES (1,'a',2,3)");
      cluster.awaitCaughtUp(lenient);
      assertThat(rows(cluster.target, "t")).containsExactly("'1','a','2','3',");
    }
  }

  private static int ddlStream(StreamingCluster cluster, OnDDLAction action) {
    var source = cluster.binlogSource(rule("t", "select * from t")).toBuilder();
    int id = cluster.stream(source.setOnDdl(action).build());
    cluster.awaitState(id, "Running");
    return id;
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void checksForeignKeysAgainAsOnTheSourceAfterALockWait(DatabaseKind kind) {
    try (StreamingCluster cluster =
        cluster(
            kind,
            "CREATE TABLE parent (id INT PRIMARY KEY)",
            "CREATE TABLE child (id INT PRIMARY KEY, parent INT,"
                + " FOREIGN KEY (parent) REFERENCES parent (id) ON DELETE CASCADE)")) {
      int id =
          cluster.stream(
              cluster.binlogSource(
                  rule("parent", "select * from parent"), rule("child", "select * from child")));
      cluster.awaitState(id, "Running");
      cluster.source.run("INSERT INTO parent VALUES (1)", "INSERT INTO child VALUES (1, 1)");
      cluster.awaitCaughtUp(id);
      cluster.target.run("SET GLOBAL innodb_lock_wait_timeout = 1");
      update(cluster, id, "message=''"); // with a new connection
      cluster.awaitCaughtUp(id);
      try (MysqlConnection holder = cluster.target.connect()) {
        holder.execute("SET foreign_key_checks = 0");
        holder.execute("BEGIN");
        holder.execute("INSERT INTO child VALUES (9, 99)");
        cluster.source.run(
            "BEGIN",
            "DELETE FROM parent WHERE id = 1",
            "SET foreign_key_checks = 0",
            "INSERT INTO child VALUES (9, 99)",
            "COMMIT");
        awaitRollback(cluster);
        holder.execute("ROLLBACK");
      } finally {
        cluster.target.run("SET GLOBAL innodb_lock_wait_timeout = 50");
      }

      cluster.awaitCaughtUp(id);
      assertThat(rows(cluster.target, "child")).containsExactly("'9','99',");
    }
  }

  static List<DatabaseKind> mariaDbs() {
    return kinds().stream().filter(kind -> kind.engine() == Engine.MARIADB).toList();
  }

  @ParameterizedTest
  @MethodSource("mariaDbs")
  void copiesAndFollowsUuidsAndAddresses(DatabaseKind kind) {
    try (StreamingCluster cluster =
        cluster(
            kind,
            "CREATE TABLE u (id UUID PRIMARY KEY, six INET6, four INET4 NOT NULL)",
            "CREATE TABLE keyless (id UUID, six INET6, v VARCHAR(900))")) {
      try (MysqlConnection connection = MysqlConnection.open(cluster.source.endpoint())) {
        for (int i = 0; i < 600; i++) {
          UUID random = UUID.nameUUIDFromBytes(new byte[] {(byte) i, (byte) (i >> 8)});
          StringBuilder id = new StringBuilder("'" + random + "'");
          id.setCharAt(15, Character.forDigit(1 + i % 7, 10)); // each version is kept its own way
          String six = i % 3 == 0 ? "NULL" : "'" + Integer.toHexString(i) + "::ff'";
          connection.execute(
              "INSERT INTO u VALUES (" + id + "," + six + ",'10.0." + i % 9 + ".0')");
          connection.execute(
              "INSERT INTO keyless VALUES (" + id + "," + six + ", REPEAT('k', 900))");
        }
      }
      int id =
          cluster.stream(
              cluster.binlogSource(
                  rule("u", "select * from u"), rule("keyless", "select * from keyless")));
      cluster.awaitState(id, "Running");
      assertEqual(cluster, "u");
      assertEqual(cluster, "keyless");

      inText(
          cluster.source,
          "UPDATE u SET four = '1.2.3.4' WHERE six IS NULL",
          "UPDATE keyless SET six = '::ffff:1.2.3.0' WHERE id < '80000000-0000-0000-0000-000000000000'",
          "DELETE FROM u WHERE four = '10.0.2.0'",
          "DELETE FROM keyless WHERE six IS NULL",
          "INSERT INTO u VALUES ('00000000-0000-0000-0000-000000000000', '::', '0.0.0.0')");
      cluster.awaitCaughtUp(id);
      assertEqual(cluster, "u");
      assertEqual(cluster, "keyless");
    }
  }

  @Test
  void jsonKeepsItsTextAndItsDecimalsButNotTheOtherTypesThatOnlyMySqlHas() {
    DatabaseKind kind = DatabaseKind.MYSQL;
    assumeTrue(kind.isAvailableOrRequired());
    try (StreamingCluster cluster = cluster(kind, "CREATE TABLE j (id INT PRIMARY KEY, v JSON)")) {
      String values =
          "JSON_ARRAY(CAST('12.500' AS DECIMAL(10,3)), CAST('2024-02-03' AS DATE), X'00ff')";
      inText(cluster.source, "INSERT INTO j VALUES (1, " + values + ")");
      int id = cluster.stream(cluster.binlogSource(rule("j", "select * from j")));
      cluster.awaitState(id, "Running");
      inText(cluster.source, "INSERT INTO j VALUES (2, " + values + ")");
      cluster.awaitCaughtUp(id);
      String types =
          "SELECT GROUP_CONCAT(CONCAT(JSON_TYPE(v->'$[0]'), JSON_TYPE(v->'$[1]'),"
              + " JSON_TYPE(v->'$[2]'), v->'$[0]') ORDER BY id) FROM j";
      try (MysqlConnection source = MysqlConnection.open(cluster.source.endpoint());
          MysqlConnection target = MysqlConnection.open(cluster.target.endpoint())) {
        assertThat(source.execute(types).only().text(0))
            .isEqualTo("DECIMALDATEBLOB12.500,DECIMALDATEBLOB12.500");
        assertThat(target.execute(types).only().text(0))
            .isEqualTo("DECIMALSTRINGSTRING12.500,DECIMALSTRINGSTRING12.500");
      }
    }
  }

  /** Runs statements whose literals are text rather than bytes. */
  private static void inText(TestDatabase database, String... statements) {
    try (MysqlConnection connection = MysqlConnection.open(database.endpoint())) {
      for (String statement : statements) {
        connection.execute(statement);
      }
    }
  }

  /** Waits until such a statement runs on the target. */
  private static void awaitStatement(StreamingCluster cluster, String like) {
    try (MysqlConnection watch = MysqlConnection.open(cluster.target.endpoint())) {
      String sql = "SELECT 1 FROM information_schema.PROCESSLIST WHERE INFO LIKE '" + like + "'";
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> !watch.execute(sql).rows().isEmpty());
    }
  }

  /** Waits until the target's stream gave up its transaction at least once. */
  private static void awaitRollback(StreamingCluster cluster) {
    try (MysqlConnection watch = MysqlConnection.open(cluster.target.endpoint())) {
      long before = rollbacks(watch);
      Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> rollbacks(watch) > before);
    }
  }

  private static long rollbacks(MysqlConnection watch) {
    return watch.execute("SHOW GLOBAL STATUS LIKE 'Com_rollback'").only().number(1);
  }

  /** Kills all connections to the database but one. */
  private static void cut(TestDatabase database, MysqlConnection kept) {
    try (MysqlConnection connection = database.connect()) {
      String sql =
          "SELECT ID FROM information_schema.PROCESSLIST WHERE DB='"
              + database.name()
              + "' AND ID NOT IN (CONNECTION_ID(), "
              + kept.connectionId()
              + ")";
      for (Row row : connection.execute(sql).rows()) {
        try {
          connection.execute("KILL " + row.text(0));
        } catch (MysqlException e) {
          assertThat(e.errno()).as("gone by itself").isEqualTo(1094);
        }
      }
    }
  }
}
