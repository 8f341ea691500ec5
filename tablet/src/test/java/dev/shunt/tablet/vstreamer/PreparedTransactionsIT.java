package dev.shunt.tablet.vstreamer;

import static dev.shunt.tablet.vstreamer.StreamProbe.describe;
import static dev.shunt.tablet.vstreamer.StreamProbe.filter;
import static dev.shunt.tablet.vstreamer.StreamProbe.position;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import binlogdata.Binlogdata;
import dev.shunt.embedded.DatabaseKind;
import dev.shunt.embedded.Engine;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.Password;
import dev.shunt.mysql.Position;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.StreamSink;
import dev.shunt.tablet.preflight.NameRule;
import dev.shunt.tablet.preflight.Scope;
import dev.shunt.tabletclient.RowPacket;
import dev.shunt.workflow.sql.SqlParser;
import io.grpc.Status;
import io.vitess.proto.Query;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import vschema.Vschema;

/** Transactions that are prepared before a snapshot and committed after it. */
class PreparedTransactionsIT {
  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  static List<DatabaseKind> mySqls() {
    return kinds().stream().filter(kind -> kind.engine() == Engine.MYSQL).toList();
  }

  private static TestDatabase database(DatabaseKind kind) {
    TestDatabase database = TestDatabase.source(kind);
    database.run(
        "CREATE TABLE a (id INT PRIMARY KEY, v VARCHAR(9))",
        "CREATE TABLE b (id INT PRIMARY KEY)",
        "INSERT INTO a VALUES (1,'a'), (2,'b')");
    return database;
  }

  private static DatabaseVStreamer streamer(TestDatabase database) {
    return StreamProbe.streamer(database, Vschema.SrvVSchema.getDefaultInstance());
  }

  /** Prepares a transaction with a row of a and leaves it, as a client that dies does. */
  private static void prepare(TestDatabase database, String id) {
    database.runAndDie(
        "XA START '" + id + "'",
        "INSERT INTO a VALUES (100,'p')",
        "UPDATE a SET v='changed' WHERE id=2",
        "XA END '" + id + "'",
        "XA PREPARE '" + id + "'");
  }

  private static String id(TestDatabase database) {
    return "xa_" + database.name();
  }

  private static void copy(DatabaseVStreamer streamer, StreamSink<RowPacket> sink)
      throws InterruptedException {
    streamer.vstreamRows(
        "select * from a", null, Binlogdata.VStreamOptions.getDefaultInstance(), sink);
  }

  private static void assertRefusedFor(Throwable error, String reason) {
    assertThat(error)
        .isInstanceOfSatisfying(
            RpcException.class,
            e -> assertThat(e.code()).isEqualTo(Status.Code.FAILED_PRECONDITION))
        .hasMessageContaining(reason);
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void keepASnapshotFromBeingTaken(DatabaseKind kind) {
    TestDatabase database = database(kind);
    prepare(database, id(database));
    try (DatabaseVStreamer streamer = streamer(database)) {
      long from = System.nanoTime();
      assertThatThrownBy(
              () -> streamer.holdSnapshot("s", List.of("a", "b"), 2, null, true, m -> {}))
          .satisfies(e -> assertRefusedFor(e, "XA ROLLBACK and start again: '" + id(database)));
      assertThat(Duration.ofNanos(System.nanoTime() - from))
          .isBetween(Duration.ofSeconds(9), Duration.ofSeconds(25));
    } finally {
      database.run("XA ROLLBACK '" + id(database) + "'");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void areWaitedForBeforeASnapshot(DatabaseKind kind) throws Exception {
    TestDatabase database = database(kind);
    prepare(database, id(database));
    long looked = looks(database);
    Queue<String> rows = new ConcurrentLinkedQueue<>();
    try (DatabaseVStreamer streamer = streamer(database)) {
      CompletableFuture<Void> copied =
          CompletableFuture.runAsync(() -> {
            try {
              copy(
                  streamer,
                  packet -> {
                    for (Query.Row row : packet.toMessage().getRowsList()) {
                      rows.add(StreamProbe.text(row));
                    }
                  });
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          });
      Awaitility.await().until(() -> looks(database) > looked + 3);
      assertThat(copied.isDone()).isFalse();
      assertThat(rows).isEmpty();

      database.run("XA COMMIT '" + id(database) + "'");

      copied.get(60, TimeUnit.SECONDS);
      assertThat(rows).containsExactly("1,a", "2,changed", "100,p");
    }
  }

  /** How often anybody has looked for prepared transactions of the server. */
  private static long looks(TestDatabase database) {
    try (MysqlConnection connection = database.connect()) {
      return connection.execute("SHOW GLOBAL STATUS LIKE 'Com_xa_recover'").only().number(1);
    }
  }

  @ParameterizedTest
  @MethodSource("mySqls")
  void mustBeVisibleToTheAccount(DatabaseKind kind) {
    TestDatabase database = database(kind);
    String user = "blind_" + database.name();
    database.run(
        "CREATE USER '" + user + "'@'%' IDENTIFIED BY 'p'",
        "GRANT SELECT, RELOAD, LOCK TABLES, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO '"
            + user
            + "'@'%'");
    TestDatabase blind =
        TestDatabase.existing(
            new MysqlEndpoint(
                database.endpoint().host(),
                database.endpoint().port(),
                user,
                Password.of("p"),
                database.name()));
    try (DatabaseVStreamer streamer = streamer(blind)) {
      assertThatThrownBy(() -> copy(streamer, packet -> {}))
          .satisfies(e -> assertRefusedFor(e, "GRANT XA_RECOVER_ADMIN"));
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void endAStreamThatBeganBehindThem(DatabaseKind kind) throws Exception {
    TestDatabase database = database(kind);
    prepare(database, id(database));
    Position between = position(database);
    database.run("XA COMMIT '" + id(database) + "'", "INSERT INTO a VALUES (101,'after')");
    try (StreamProbe probe = new StreamProbe(database)) {
      probe.follow(between.encoded(), filter("a", ""));
      assertRefusedFor(probe.failure(), "XA COMMIT");
    }
    try (StreamProbe probe = new StreamProbe(database)) { // none of its rows
      probe.follow(between.encoded(), filter("b", ""));
      assertThat(describe(probe.until(position(database)))).contains("COMMIT");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void endAStreamThatBeganBehindThemAlsoWhenStatementsWereLogged(DatabaseKind kind)
      throws Exception {
    TestDatabase database = database(kind);
    database.runAndDie(
        "SET SESSION binlog_format = 'STATEMENT'",
        "XA START '" + id(database) + "'",
        "INSERT INTO a VALUES (100,'p')",
        "XA END '" + id(database) + "'",
        "XA PREPARE '" + id(database) + "'");
    Position between = position(database);
    database.run("XA COMMIT '" + id(database) + "'", "INSERT INTO a VALUES (101,'after')");
    try (StreamProbe probe = new StreamProbe(database)) {
      probe.follow(between.encoded(), filter("a", ""));
      assertRefusedFor(probe.failure(), "XA COMMIT");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void areNoConcernOfAStreamWhenTheyAreRolledBackOrOfOthers(DatabaseKind kind) throws Exception {
    TestDatabase database = database(kind);
    Position start = position(database);
    prepare(database, id(database));
    Position between = position(database);
    database.run(
        "XA ROLLBACK '" + id(database) + "'",
        "XA START 'o'",
        "INSERT INTO b VALUES (7)",
        "XA END 'o'",
        "XA PREPARE 'o'",
        "XA COMMIT 'o'",
        "INSERT INTO a VALUES (101,'after')");
    try (StreamProbe probe = new StreamProbe(database)) {
      probe.follow(between.encoded(), filter("a", ""));
      assertThat(describe(probe.until(position(database))))
          .filteredOn(text -> text.startsWith("a:"))
          .containsExactly("a:>101,after");
    }
    try (StreamProbe probe = new StreamProbe(database)) {
      probe.follow(start.encoded(), filter("a", ""));
      assertRefusedFor(probe.failure(), "XA PREPARE");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void areLookedForOnceForStreamsThatBeginAgain(DatabaseKind kind) throws Exception {
    TestDatabase database = database(kind);
    PreparedMemory memory = new PreparedMemory();
    String first = idInLog(id(database));
    prepare(database, id(database));
    Position between = position(database);
    assertThat(new Looked(database, between, memory).times(first, true)).isPositive();

    assertThat(new Looked(database, between, memory).times(first, true)).isZero();

    database.run("XA COMMIT '" + id(database) + "'");
    String second = idInLog(id(database) + "_2");
    prepareOther(database, id(database) + "_2");
    Position later = position(database);
    try {
      assertThat(new Looked(database, later, memory).times(second, false)).isPositive();
      assertThat(new Looked(database, later, memory).times(second, false)).isZero();
      assertThat(new Looked(database, between, memory).times(first, true)).isZero();
    } finally {
      database.run("XA COMMIT '" + id(database) + "_2'");
    }
  }

  private static String idInLog(String id) {
    return "X'" + HexFormat.of().formatHex(id.getBytes(StandardCharsets.UTF_8)) + "',X'',1";
  }

  private static void prepareOther(TestDatabase database, String id) {
    database.runAndDie(
        "XA START '" + id + "'",
        "INSERT INTO b VALUES (9)",
        "XA END '" + id + "'",
        "XA PREPARE '" + id + "'");
  }

  /** Looks for transactions of a stream of a, and counts how often it reads of the log. */
  private static final class Looked {
    private final PreparedBefore before;
    private int reads;

    Looked(TestDatabase database, Position start, PreparedMemory memory) {
      Binlogdata.Filter filter = filter("a", "");
      StreamRules rules =
          new StreamRules(
              filter,
              new RowFilters(
                  "commerce",
                  Vschema.SrvVSchema::getDefaultInstance,
                  new CollatedOrder(database.endpoint())),
              SqlParser.create(),
              NameRule.EXACT);
      before =
          new PreparedBefore(
              SearchedLog.of(
                  database.endpoint(), Scope.matching(database.name(), "_vt", rules::matches)),
              filter,
              PreparedSearch.Tables.of(database.name(), NameRule.EXACT, rules),
              start,
              memory);
    }

    int times(String id, boolean touches) throws InterruptedException {
      assertThat(before.mayTouchStream(id, () -> reads++)).as(id).isEqualTo(touches);
      return reads;
    }
  }
}
