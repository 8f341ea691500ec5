package dev.shunt.tablet.vreplication;

import static dev.shunt.tablet.vreplication.StreamingCluster.rule;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import binlogdata.Binlogdata;
import dev.shunt.embedded.DatabaseKind;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.tablet.LongSuites;
import dev.shunt.tablet.vstreamer.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Tables whose keys do not begin with an integer are copied in parts too. */
class CutByKeysIT {
  private static final int ROWS = 4096;
  private static final int MESSAGE_BYTES = 20_000;
  private static final List<String> TABLES = List.of("hashes", "uuids", "names", "tenants");
  private static final String PARTS =
      "SELECT COUNT(*) FROM _vt.shunt_copy_part WHERE (after_key IS NOT NULL OR until_key IS NOT NULL)"
          + " AND vrepl_id = ";

  @TempDir Path directory;

  static List<DatabaseKind> kinds() {
    return LongSuites.kinds();
  }

  private StreamingCluster cluster(DatabaseKind kind) {
    return filled(new StreamingCluster(directory.resolve("topo"), kind, MESSAGE_BYTES));
  }

  private static StreamingCluster filled(StreamingCluster cluster) {
    String rest = ", v INT, pad CHAR(200), KEY of_v (v)) DEFAULT CHARSET utf8mb4";
    for (TestDatabase database : List.of(cluster.source, cluster.target)) {
      database.run(
          "CREATE TABLE hashes (k BINARY(16) PRIMARY KEY, v INT, pad CHAR(200))",
          "CREATE TABLE uuids (k CHAR(36) PRIMARY KEY" + rest,
          "CREATE TABLE names (k VARCHAR(40), d DATE, PRIMARY KEY (k, d)" + rest,
          "CREATE TABLE tenants (t INT, k VARBINARY(20), PRIMARY KEY (t, k)" + rest);
    }
    numbers(cluster);
    String values = ", n, REPEAT('p', 199) FROM numbers";
    cluster.source.run(
        "INSERT INTO hashes SELECT UNHEX(LEFT(SHA2(n, 256), 32))" + values,
        "INSERT INTO uuids SELECT INSERT(INSERT(INSERT(INSERT(LEFT(SHA2(n, 256), 32), 9, 0, '-'),"
            + " 14, 0, '-'), 19, 0, '-'), 24, 0, '-')"
            + values,
        "INSERT INTO names SELECT CONCAT(ELT(1 + n % 4, 'Name', 'name ', 'other', 'OTHER'), n % 500),"
            + " '2020-01-01' + INTERVAL n DAY"
            + values,
        "INSERT INTO tenants SELECT IF(n % 7, 3, n), LEFT(UNHEX(SHA2(n, 256)), 8 + n % 8)" + values,
        "ANALYZE TABLE hashes, uuids, names, tenants");
    return cluster;
  }

  private static void numbers(StreamingCluster cluster) {
    cluster.source.run(
        "CREATE TABLE numbers (n INT PRIMARY KEY)", "INSERT INTO numbers VALUES (1)");
    for (int count = 1; count < ROWS; count *= 2) {
      cluster.source.run("INSERT INTO numbers SELECT n + " + count + " FROM numbers");
    }
  }

  private static int stream(StreamingCluster cluster) {
    return cluster.stream(
        cluster.binlogSource(
            TABLES.stream()
                .map(table -> rule(table, "select * from " + table))
                .toArray(Binlogdata.Rule[]::new)));
  }

  private static void change(StreamingCluster cluster, int some) {
    for (String table : TABLES) {
      cluster.source.run(
          "UPDATE %s SET v = v + 100000 WHERE v %% 50 = %d".formatted(table, some),
          "DELETE FROM %s WHERE v %% 90 = %d".formatted(table, some));
    }
    cluster.source.run(
        "UPDATE hashes SET k = UNHEX(LEFT(SHA2(CONCAT('moved', v, ' ', %d), 256), 32)) WHERE v %% 100 = %d"
            .formatted(some, 9 + some),
        "UPDATE uuids SET k = REVERSE(k) WHERE v %% 300 = %d".formatted(9 + some),
        "UPDATE names SET k = UPPER(k), d = d - INTERVAL 9000 DAY WHERE v %% 300 = %d"
            .formatted(20 + some),
        "INSERT INTO hashes VALUES (UNHEX('%032d'), %d, 'first')".formatted(some, some),
        "INSERT INTO hashes VALUES (UNHEX(CONCAT(REPEAT('F', 31), '%d')), %d, 'last')"
            .formatted(some, some),
        "INSERT INTO tenants VALUES (2, '', %d, 'x') ON DUPLICATE KEY UPDATE v = v + 1"
            .formatted(some));
  }

  /** A session of the target that keeps the first part of the hashes from being written. */
  private static MysqlConnection blocking(StreamingCluster cluster) {
    String first = "INSERT INTO hashes VALUES (REPEAT(UNHEX('00'), 16), 0, 'first of all')";
    cluster.source.run(first);
    MysqlConnection blocking = cluster.target.connect();
    blocking.execute("BEGIN");
    blocking.execute(first);
    return blocking;
  }

  private static void awaitEqual(StreamingCluster cluster, int id) {
    cluster.awaitState(id, "Running");
    cluster.awaitCaughtUp(id);
    cluster.assertEqual(TABLES);
    assertThat(cluster.target.number(PARTS + id)).isZero();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void areEqualInTheEnd(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = stream(cluster);
      long parts;
      try (MysqlConnection holding = cluster.holdCopy(id, 1)) {
        parts = cluster.target.number(PARTS + id);
        change(cluster, 1);
        holding.execute("ROLLBACK");
      }

      awaitEqual(cluster, id);
      assertThat(parts).as("parts of all tables").isGreaterThan(4 * 8);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void goOnWithTheirUnfinishedPartsOnly(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = stream(cluster);
      for (int cut = 1; cut <= 3; cut++) {
        cluster.awaitRowsCopied(id, (long) cut * ROWS);
        cluster.restartTarget();
        change(cluster, cut);
      }

      awaitEqual(cluster, id);
      assertThat(Long.parseLong(cluster.column(id, "rows_copied")))
          .as("no row is copied twice")
          .isLessThan(4L * ROWS + 10);
    }
  }

  /** Without the right to lock all tables, which was taken away, each part has its own snapshot. */
  @ParameterizedTest
  @MethodSource("kinds")
  void goOnFromASourceThatSharesNoSnapshotAnyMore(DatabaseKind kind) {
    TestDatabase source = TestDatabase.source(kind);
    String user = "parts_" + source.name();
    source.run(
        "CREATE USER '%s'@'%%' IDENTIFIED BY 'p'".formatted(user),
        "GRANT RELOAD, SELECT, CREATE, PROCESS, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO '%s'@'%%'"
            .formatted(user),
        "GRANT ALL ON `%s`.* TO '%s'@'%%'".formatted(source.name(), user),
        "GRANT ALL ON `_vt`.* TO '%s'@'%%'".formatted(user));
    try (MysqlConnection root = source.connect()) {
      TestDatabase.letSeePreparedTransactions(root, user);
    }
    try (StreamingCluster cluster =
            filled(
                StreamingCluster.withSourceUser(
                    directory.resolve("topo"),
                    source,
                    TestDatabase.target(kind),
                    user,
                    MESSAGE_BYTES));
        MysqlConnection blocking = blocking(cluster)) {
      int id = stream(cluster);
      cluster.awaitRowsCopied(id, ROWS);
      source.run("REVOKE RELOAD ON *.* FROM '%s'@'%%'".formatted(user));
      cluster.restartTarget();
      long parts = cluster.target.number(PARTS + id);
      change(cluster, 1);
      blocking.execute("ROLLBACK");

      awaitEqual(cluster, id);
      assertThat(parts).isGreaterThan(8);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void areNotReadFromATabletThatDoesNotKeepToTheirEnds(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind);
        MysqlConnection blocking = blocking(cluster)) {
      int id = stream(cluster);
      cluster.awaitRowsCopied(id, ROWS);
      cluster.sourceIsStock(true);
      cluster.restartTarget();
      blocking.execute("ROLLBACK");

      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(
              () -> assertThat(cluster.column(id, "message")).contains("end with keys of rows"));
      cluster.sourceIsStock(false);
      awaitEqual(cluster, id);
      assertThat(Long.parseLong(cluster.column(id, "rows_copied"))).isEqualTo(4L * ROWS + 1);
    }
  }

  /** A stock tablet shares no snapshot, so nothing is cut. */
  @ParameterizedTest
  @MethodSource("kinds")
  void areCopiedInOnePieceFromAStockTablet(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      cluster.sourceIsStock(true);
      int id = stream(cluster);
      cluster.awaitRowsCopied(id, ROWS);
      assertThat(cluster.target.number(PARTS + id)).isZero();
      change(cluster, 1);

      awaitEqual(cluster, id);
    }
  }

  private static List<Arguments> roundings() {
    return kinds().stream()
        .flatMap(kind ->
            Stream.of(
                arguments(kind, "DATETIME(3)", "DATETIME"),
                arguments(kind, "DECIMAL(12,2)", "DECIMAL(12,0)")))
        .toList();
  }

  /** Rows that an ALTER rounds over the bound of a part that is done are in no part. */
  @ParameterizedTest
  @MethodSource("roundings")
  void areNotContinuedByAKeyWhoseValuesWereRounded(DatabaseKind kind, String type, String rounded) {
    try (StreamingCluster cluster =
        new StreamingCluster(directory.resolve("topo"), kind, MESSAGE_BYTES)) {
      for (TestDatabase database : List.of(cluster.source, cluster.target)) {
        database.run(
            "CREATE TABLE steps (k %s, id INT, pad CHAR(200), PRIMARY KEY (k, id))"
                .formatted(type));
      }
      boolean time = type.startsWith("DATETIME");
      String value = time ? "'2020-01-01' + INTERVAL n * 237000 MICROSECOND" : "n * 0.17";
      String first =
          "INSERT INTO steps VALUES (%s, 0, 'first of all')"
              .formatted(time ? "'2019-01-01'" : "-1000");
      numbers(cluster);
      cluster.source.run(
          "INSERT INTO steps SELECT " + value + ", n, REPEAT('p', 199) FROM numbers",
          "ANALYZE TABLE steps",
          first);
      try (MysqlConnection blocking = cluster.target.connect()) {
        blocking.execute("BEGIN");
        blocking.execute(first);
        int id = cluster.stream(cluster.binlogSource(rule("steps", "select * from steps")));
        cluster.awaitRowsCopied(id, ROWS / 2);
        assertThat(cluster.target.number(PARTS + id)).isGreaterThan(1);
        cluster.sourceIsStock(true);
        cluster.restartTarget();
        blocking.execute("ROLLBACK");
        for (TestDatabase database : List.of(cluster.source, cluster.target)) {
          database.run("ALTER TABLE steps MODIFY k " + rounded + " NOT NULL");
        }
        cluster.sourceIsStock(false);

        cluster.awaitState(id, "Error");
        assertThat(cluster.column(id, "message"))
            .contains("steps can't go on", "values were rounded");
      }
    }
  }

  /** BINARY fills values up: with another length no row is where its bound was. */
  @ParameterizedTest
  @MethodSource("kinds")
  void areNotContinuedByAKeyOfAnotherLength(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind);
        MysqlConnection blocking = blocking(cluster)) {
      int id = cluster.stream(cluster.binlogSource(rule("hashes", "select * from hashes")));
      cluster.awaitRowsCopied(id, 1);
      cluster.sourceIsStock(true);
      cluster.restartTarget();
      blocking.execute("ROLLBACK");
      cluster.source.run("ALTER TABLE hashes MODIFY k BINARY(20) NOT NULL");
      cluster.target.run("ALTER TABLE hashes MODIFY k BINARY(20) NOT NULL");
      cluster.sourceIsStock(false);

      cluster.awaitState(id, "Error");
      assertThat(cluster.column(id, "message")).contains("hashes can't go on");
    }
  }
}
