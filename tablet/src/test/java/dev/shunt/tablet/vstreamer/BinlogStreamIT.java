package dev.shunt.tablet.vstreamer;

import static dev.shunt.tablet.vstreamer.StreamProbe.describe;
import static dev.shunt.tablet.vstreamer.StreamProbe.filter;
import static dev.shunt.tablet.vstreamer.StreamProbe.position;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import binlogdata.Binlogdata;
import binlogdata.Binlogdata.VEvent;
import binlogdata.Binlogdata.VEventType;
import dev.shunt.embedded.DatabaseKind;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.Position;
import dev.shunt.tablet.RpcException;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a stream sends for what is done to a database. */
class BinlogStreamIT {
  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void sendsTransactionsOfItsTablesAndPositionsOfOthers(DatabaseKind kind) throws Exception {
    TestDatabase database = TestDatabase.source(kind);
    TestDatabase other = TestDatabase.source(kind);
    database.run("CREATE TABLE a (id INT PRIMARY KEY, v VARCHAR(9))", "CREATE TABLE b (id INT)");
    other.run("CREATE TABLE a (id INT PRIMARY KEY)");
    Position start = position(database);
    database.run(
        "BEGIN",
        "INSERT INTO a VALUES (1,'x'),(2,'y')",
        "SAVEPOINT s",
        "UPDATE a SET v='z' WHERE id=2",
        "INSERT INTO b VALUES (7)",
        "COMMIT",
        "INSERT INTO b VALUES (8)");
    other.run("INSERT INTO a VALUES (9)");
    database.run("DELETE FROM a WHERE id=1", "ALTER TABLE b ADD c INT", "ALTER TABLE a ADD c INT");
    database.run("INSERT INTO a VALUES (3,'n',4)");

    try (StreamProbe probe = new StreamProbe(database)) {
      probe.follow(start.encoded(), filter("a", ""));

      List<VEvent> events = probe.until(position(database));
      assertThat(describe(events))
          .containsExactly(
              "BEGIN",
              "FIELD",
              "a:>1,x",
              "a:>2,y",
              "a:2,y>2,z",
              "GTID",
              "COMMIT",
              "BEGIN",
              "GTID",
              "COMMIT",
              "BEGIN",
              "GTID",
              "COMMIT",
              "BEGIN",
              "a:1,x>",
              "GTID",
              "COMMIT",
              "GTID",
              "OTHER",
              "GTID",
              "DDL ALTER TABLE a ADD c INT",
              "BEGIN",
              "FIELD",
              "a:>3,n,4",
              "GTID",
              "COMMIT");
      assertThat(events)
          .filteredOn(event -> event.getType() == VEventType.COMMIT)
          .allSatisfy(event -> assertThat(event.getTimestamp()).isPositive());
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void goesOnFromEachPositionItHasTold(DatabaseKind kind) throws Exception {
    TestDatabase database = TestDatabase.source(kind);
    database.run("CREATE TABLE a (id INT PRIMARY KEY)");
    Position start = position(database);
    database.run("INSERT INTO a VALUES (1)", "INSERT INTO a VALUES (2)");
    String between;
    try (StreamProbe probe = new StreamProbe(database)) {
      probe.follow(start.encoded(), filter("a", ""));
      between =
          probe.until(position(database)).stream()
              .filter(event -> event.getType() == VEventType.GTID)
              .findFirst()
              .orElseThrow()
              .getGtid();
    }
    try (StreamProbe probe = new StreamProbe(database)) {
      probe.follow(between, filter("a", ""));
      assertThat(describe(probe.until(position(database))))
          .containsExactly("BEGIN", "FIELD", "a:>2", "GTID", "COMMIT");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void turnsUpdatesThatCrossAKeyRangeIntoDeletesAndInserts(DatabaseKind kind) throws Exception {
    TestDatabase database = TestDatabase.source(kind);
    database.run("CREATE TABLE a (id INT PRIMARY KEY, sku INT)");
    Position start = position(database);
    // hash: 1 and 2 lie in -80, 4 and 6 in 80-.
    database.run(
        "INSERT INTO a VALUES (1,10),(4,40)",
        "UPDATE a SET id=6 WHERE id=1",
        "UPDATE a SET id=2 WHERE id=4",
        "UPDATE a SET sku=20 WHERE id=2");
    try (StreamProbe probe = new StreamProbe(database)) {
      probe.follow(
          start.encoded(),
          filter("a", "select sku, id as c from a where in_keyrange(id, 'hash', '-80')"));
      assertThat(describe(probe.until(position(database))))
          .filteredOn(text -> text.startsWith("a:"))
          .containsExactly("a:>10,1", "a:10,1>", "a:>40,2", "a:40,2>20,2");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void tellsJournalsOfItsDatabase(DatabaseKind kind) throws Exception {
    TestDatabase database = TestDatabase.source(kind);
    String sidecar = database.name() + "_vt";
    database.run(
        "CREATE DATABASE " + sidecar,
        "CREATE TABLE "
            + sidecar
            + ".resharding_journal (id BIGINT PRIMARY KEY, db_name VARBINARY(255),"
            + " val MEDIUMBLOB)");
    Position start = position(database);
    database.run(
        "INSERT INTO "
            + sidecar
            + ".resharding_journal VALUES (1,'elsewhere','id:1'), (2,'"
            + database.name()
            + "','id:2 migration_type:TABLES tables:\"a\" local_position:\"x\"')");
    try (StreamProbe probe = new StreamProbe(database)) {
      probe.follow(start.encoded(), filter("a", ""));
      List<VEvent> events = probe.until(position(database));
      assertThat(describe(events)).containsExactly("BEGIN", "JOURNAL", "GTID", "COMMIT");
      assertThat(events.get(1).getJournal().getId()).isEqualTo(2);
      assertThat(events.get(1).getJournal().getTablesList()).containsExactly("a");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void saysThatItIsAliveAndStartsAtCurrent(DatabaseKind kind) throws Exception {
    TestDatabase database = TestDatabase.source(kind);
    Position now = position(database);
    try (StreamProbe probe = new StreamProbe(database)) {
      probe.follow("current", filter("a", ""));
      VEvent first = probe.next();
      assertThat(first.getType()).isEqualTo(VEventType.GTID);
      assertThat(Position.parse(first.getGtid()).atLeast(now)).isTrue();
      assertThat(probe.next().getType()).isEqualTo(VEventType.OTHER);
      assertThat(probe.next().getType()).isEqualTo(VEventType.HEARTBEAT);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void readsCompressedEvents(DatabaseKind kind) throws Exception {
    TestDatabase database = TestDatabase.source(kind);
    database.run("CREATE TABLE a (id INT PRIMARY KEY, v VARCHAR(999))");
    Position start = position(database);
    try (MysqlConnection connection = database.connect()) {
      if (kind == DatabaseKind.MYSQL) {
        connection.execute("SET SESSION binlog_transaction_compression=ON");
        connection.execute("INSERT INTO a VALUES (1, REPEAT('x', 500))");
      } else {
        connection.execute("SET GLOBAL log_bin_compress=1");
        try {
          connection.execute("INSERT INTO a VALUES (1, REPEAT('x', 500))");
        } finally {
          connection.execute("SET GLOBAL log_bin_compress=0");
        }
      }
    }
    try (StreamProbe probe = new StreamProbe(database)) {
      probe.follow(start.encoded(), filter("a", ""));
      assertThat(describe(probe.until(position(database)))).contains("a:>1," + "x".repeat(500));
    }
  }

  @ParameterizedTest
  @EnumSource(value = DatabaseKind.class, names = "MYSQL")
  void readsCompressedTransactionsOfManyEvents(DatabaseKind kind) throws Exception {
    TestDatabase database = TestDatabase.source(kind);
    database.run("CREATE TABLE a (id INT PRIMARY KEY, v VARCHAR(999))");
    Position start = position(database);
    database.run(
        "SET SESSION binlog_transaction_compression=ON",
        "BEGIN",
        "INSERT INTO a VALUES (1, REPEAT('x', 900))",
        "INSERT INTO a SELECT id + 1, v FROM a",
        "INSERT INTO a SELECT id + 2, v FROM a",
        "INSERT INTO a SELECT id + 4, v FROM a",
        "INSERT INTO a SELECT id + 8, v FROM a",
        "INSERT INTO a SELECT id + 16, v FROM a",
        "INSERT INTO a SELECT id + 32, v FROM a",
        "COMMIT");
    database.run("INSERT INTO a VALUES (100, 'last')");
    try (StreamProbe probe = new StreamProbe(database)) {
      probe.follow(start.encoded(), filter("a", "select id from a"));
      List<String> events = describe(probe.until(position(database)));
      assertThat(events).filteredOn(text -> text.startsWith("a:")).hasSize(65).endsWith("a:>100");
    }
  }

  @ParameterizedTest
  @EnumSource(value = DatabaseKind.class, names = "MYSQL")
  void followsTaggedTransactions(DatabaseKind kind) throws Exception {
    TestDatabase database = TestDatabase.source(kind);
    database.run("CREATE TABLE a (id INT PRIMARY KEY)");
    Position start = position(database);
    database.run(
        "SET gtid_next='AUTOMATIC:tagged'",
        "INSERT INTO a VALUES (1)",
        "INSERT INTO a VALUES (2)",
        "SET gtid_next='AUTOMATIC'",
        "INSERT INTO a VALUES (3)");
    Position end = position(database);
    try (StreamProbe probe = new StreamProbe(database)) {
      probe.follow(start.encoded(), filter("a", ""));
      assertThat(describe(probe.until(end))).contains("a:>1", "a:>2", "a:>3");
    }
    database.run("INSERT INTO a VALUES (4)");
    try (StreamProbe probe = new StreamProbe(database)) {
      probe.follow(end.encoded(), filter("a", ""));
      assertThat(describe(probe.until(position(database))))
          .containsExactly("BEGIN", "FIELD", "a:>4", "GTID", "COMMIT");
    }
  }

  @Test
  void refusesPositionsAndFiltersItCannotRead() {
    TestDatabase database = TestDatabase.source(DatabaseKind.MARIADB_11_4);
    try (DatabaseVStreamer streamer =
        StreamProbe.streamer(database, vschema.Vschema.SrvVSchema.getDefaultInstance())) {
      Binlogdata.VStreamOptions options = Binlogdata.VStreamOptions.getDefaultInstance();
      assertThatThrownBy(
              () -> streamer.vstream("nonsense", filter("a", ""), List.of(), options, m -> {}))
          .isInstanceOfSatisfying(
              RpcException.class,
              e -> assertThat(e.code()).isEqualTo(Status.Code.INVALID_ARGUMENT));
      assertThatThrownBy(() -> streamer.vstreamRows("select nothing", null, options, m -> {}))
          .isInstanceOfSatisfying(
              RpcException.class,
              e -> assertThat(e.code()).isEqualTo(Status.Code.INVALID_ARGUMENT));
      assertThatThrownBy(
              () -> streamer.vstreamRows("select * from missing", null, options, m -> {}))
          .isInstanceOfSatisfying(
              RpcException.class,
              e -> assertThat(e.code()).isEqualTo(Status.Code.FAILED_PRECONDITION))
          .hasMessageContaining("unknown table missing");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void isBehindAReaderThatHasWhatItLacks(DatabaseKind kind) {
    TestDatabase database = TestDatabase.source(kind);
    database.run("CREATE TABLE a (id INT PRIMARY KEY)");
    String ahead =
        kind == DatabaseKind.MYSQL
            ? "MySQL56/3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5"
            : "MariaDB/77-99-5";
    long from = System.nanoTime();
    try (StreamProbe probe = new StreamProbe(database)) {
      probe.follow(ahead, filter("a", ""));
      assertThat(probe.failure())
          .isInstanceOfSatisfying(
              RpcException.class, e -> assertThat(e.code()).isEqualTo(Status.Code.UNAVAILABLE))
          .hasMessageContaining("is behind the reader");
    }
    assertThat(Duration.ofNanos(System.nanoTime() - from))
        .isBetween(Duration.ofMillis(2900), Duration.ofSeconds(10));
  }
}
