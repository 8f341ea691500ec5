package dev.shunt.tablet.vstreamer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import binlogdata.Binlogdata;
import binlogdata.Binlogdata.VStreamRowsResponse;
import binlogdata.Binlogdata.VStreamTablesResponse;
import dev.shunt.embedded.DatabaseKind;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.Password;
import dev.shunt.mysql.Row;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.TabletIdentity;
import dev.shunt.tablet.Throttler;
import io.grpc.Status;
import io.vitess.proto.Topodata;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import vschema.Vschema;

/** A snapshot that is held is read by several, of several tables, at one position. */
class SharedSnapshotIT {
  private static final Binlogdata.VStreamOptions OPTIONS =
      Binlogdata.VStreamOptions.getDefaultInstance();

  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  private static TestDatabase database(DatabaseKind kind) {
    TestDatabase database = TestDatabase.source(kind);
    database.run(
        "CREATE TABLE a (id INT PRIMARY KEY, v INT)",
        "CREATE TABLE b (name VARCHAR(20) PRIMARY KEY)",
        "INSERT INTO a VALUES (1, 10), (500, 20), (1000, 30)",
        "INSERT INTO b VALUES ('x'), ('y')");
    return database;
  }

  private static DatabaseVStreamer streamer(TestDatabase database) {
    return streamer(database.endpoint());
  }

  private static DatabaseVStreamer streamer(MysqlEndpoint endpoint) {
    TabletIdentity identity =
        new TabletIdentity(
            Topodata.TabletAlias.getDefaultInstance(),
            "commerce",
            "0",
            String.valueOf(endpoint.database()),
            "_vt");
    return new DatabaseVStreamer(
        identity,
        endpoint,
        Vschema.SrvVSchema::getDefaultInstance,
        Clock.systemUTC(),
        Throttler.off(),
        new DatabaseVStreamer.Sizes(250_000, 8192));
  }

  /** Holds a snapshot on a thread of its own until it is closed. */
  private static final class Holder implements AutoCloseable {
    final BlockingQueue<VStreamTablesResponse> announced = new LinkedBlockingQueue<>();
    final AtomicReference<@Nullable Throwable> end = new AtomicReference<>();
    private final Thread thread;

    Holder(DatabaseVStreamer streamer, String name, List<String> tables, int sessions) {
      thread =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  streamer.holdSnapshot(name, tables, sessions, null, true, announced::add);
                } catch (RpcException | InterruptedException e) {
                  end.set(e);
                }
              });
    }

    VStreamTablesResponse next() throws InterruptedException {
      VStreamTablesResponse next = announced.poll(30, TimeUnit.SECONDS);
      assertThat(next).as("what the holder is told, not %s", end.get()).isNotNull();
      return next;
    }

    @Override
    public void close() {
      thread.interrupt();
      Awaitility.await().until(() -> !thread.isAlive());
    }
  }

  private static List<VStreamRowsResponse> rows(
      DatabaseVStreamer streamer, String query, String snapshot) throws InterruptedException {
    List<VStreamRowsResponse> messages = new ArrayList<>();
    streamer.vstreamRows(
        query, null, OPTIONS, snapshot, packet -> messages.add(packet.toMessage()));
    return messages;
  }

  private static int count(List<VStreamRowsResponse> messages) {
    return messages.stream().mapToInt(VStreamRowsResponse::getRowsCount).sum();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void showsAllReadersTheTablesOfOneMoment(DatabaseKind kind) throws Exception {
    TestDatabase database = database(kind);
    try (DatabaseVStreamer streamer = streamer(database);
        Holder holder = new Holder(streamer, "one", List.of("a", "b"), 2)) {
      VStreamTablesResponse first = holder.next();
      VStreamTablesResponse second = holder.next();
      database.run("DELETE FROM a WHERE id = 1", "INSERT INTO b VALUES ('z')");

      List<VStreamRowsResponse> a = rows(streamer, "select * from a", "one");
      List<VStreamRowsResponse> b = rows(streamer, "select * from b", "one");
      List<VStreamRowsResponse> again = rows(streamer, "select * from a where id >= 500", "one");

      assertThat(List.of(first.getTableName(), second.getTableName()))
          .containsExactlyInAnyOrder("a", "b");
      assertThat(
              List.of(
                  second.getGtid(),
                  a.getFirst().getGtid(),
                  b.getFirst().getGtid(),
                  again.getFirst().getGtid()))
          .containsOnly(first.getGtid());
      assertThat(count(a)).isEqualTo(3);
      assertThat(count(b)).isEqualTo(2);
      assertThat(count(again)).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void tellsWhereAnIntegerKeyCanBeCut(DatabaseKind kind) throws Exception {
    TestDatabase database = database(kind);
    try (DatabaseVStreamer streamer = streamer(database);
        Holder holder = new Holder(streamer, "cut", List.of("a", "b"), 1)) {
      List<VStreamTablesResponse> both = List.of(holder.next(), holder.next());

      VStreamTablesResponse a =
          both.stream().filter(t -> t.getTableName().equals("a")).findFirst().orElseThrow();
      VStreamTablesResponse b =
          both.stream().filter(t -> t.getTableName().equals("b")).findFirst().orElseThrow();
      assertThat(a.getPkfields(0).getName()).isEqualTo("id");
      assertThat(a.getRowsList()).extracting(row -> row.getValues().toStringUtf8()).contains("501");
      assertThat(b.getRowsList()).as("no integer").isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void goesOnAfterAReaderThatBrokeOff(DatabaseKind kind) throws Exception {
    TestDatabase database = database(kind);
    try (DatabaseVStreamer streamer = streamer(database);
        Holder holder = new Holder(streamer, "broken", List.of("a", "b"), 2)) {
      var unused = List.of(holder.next(), holder.next());
      assertThatThrownBy(() ->
              streamer.vstreamRows(
                  "select * from a",
                  null,
                  OPTIONS,
                  "broken",
                  packet -> {
                    if (packet.rows() > 0) {
                      throw new InterruptedException("no more");
                    }
                  }))
          .isInstanceOf(InterruptedException.class);

      assertThat(count(rows(streamer, "select * from a", "broken"))).isEqualTo(3);
    }
  }

  /** Who alters a table waits for reads of it only, not until the snapshot ends. */
  @ParameterizedTest
  @MethodSource("kinds")
  void letsATableBeAlteredThatIsNotRead(DatabaseKind kind) throws Exception {
    TestDatabase database = database(kind);
    try (DatabaseVStreamer streamer = streamer(database);
        Holder holder = new Holder(streamer, "altered", List.of("a", "b"), 1);
        MysqlConnection other = database.connect()) {
      var unused = List.of(holder.next(), holder.next());
      other.execute("SET SESSION lock_wait_timeout = 2");

      assertThatThrownBy(() ->
              streamer.vstreamRows(
                  "select * from b",
                  null,
                  OPTIONS,
                  "altered",
                  packet -> {
                    if (packet.rows() > 0) {
                      other.execute("ALTER TABLE b ADD c INT");
                    }
                  }))
          .as("while it is read")
          .isInstanceOfSatisfying(
              RpcException.class, // so that who reads asks again
              e -> assertThat(e.code()).isEqualTo(Status.Code.DEADLINE_EXCEEDED))
          .hasMessageContaining("Lock wait timeout");
    }
    try (DatabaseVStreamer streamer = streamer(database);
        Holder holder = new Holder(streamer, "altered", List.of("a", "b"), 1);
        MysqlConnection other = database.connect()) {
      String position = holder.next().getGtid();
      var unused = holder.next();
      other.execute("SET SESSION lock_wait_timeout = 2");
      assertThat(count(rows(streamer, "select * from a", "altered"))).isEqualTo(3);

      other.execute("ALTER TABLE a ADD c INT");
      other.execute("INSERT INTO a VALUES (2, 3, 4)");
      other.execute("INSERT INTO b VALUES ('z')");

      List<VStreamRowsResponse> b = rows(streamer, "select * from b", "altered");
      assertThat(b.getFirst().getGtid()).isEqualTo(position);
      assertThat(count(b)).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void endsWithItsHolder(DatabaseKind kind) throws Exception {
    TestDatabase database = database(kind);
    try (DatabaseVStreamer streamer = streamer(database)) {
      Holder holder = new Holder(streamer, "gone", List.of("a", "b"), 1);
      var unused = List.of(holder.next(), holder.next());
      holder.close();

      assertThatThrownBy(() -> rows(streamer, "select * from a", "gone"))
          .isInstanceOfSatisfying(
              RpcException.class,
              e -> assertThat(e.code()).isEqualTo(Status.Code.FAILED_PRECONDITION))
          .hasMessageContaining("no snapshot gone");
    }
  }

  /** So that who reads asks again, or another tablet. */
  @ParameterizedTest
  @MethodSource("kinds")
  void endsAsUnavailableWhenTheServerEndsItsConnection(DatabaseKind kind) throws Exception {
    TestDatabase database = TestDatabase.source(kind);
    database.run(
        "CREATE TABLE wide (id INT AUTO_INCREMENT PRIMARY KEY, v CHAR(250))",
        "INSERT INTO wide (v) VALUES (repeat('x', 250))");
    database.run(
        Collections.nCopies(16, "INSERT INTO wide (v) SELECT v FROM wide").toArray(String[]::new));
    try (DatabaseVStreamer streamer = streamer(database);
        MysqlConnection other = database.connect()) {
      AtomicBoolean ended = new AtomicBoolean();
      assertThatThrownBy(() ->
              streamer.vstreamRows(
                  "select * from wide",
                  null,
                  OPTIONS,
                  null,
                  packet -> {
                    if (!ended.getAndSet(true)) {
                      endOthers(other, database.name());
                    }
                  }))
          .isInstanceOfSatisfying(
              RpcException.class,
              e -> assertThat(e.code()).as(e.getMessage()).isEqualTo(Status.Code.UNAVAILABLE));
    }
  }

  private static void endOthers(MysqlConnection connection, String database) {
    for (Row row :
        connection
            .execute(
                "SELECT id FROM information_schema.processlist WHERE id <> connection_id() AND db"
                    + " = "
                    + SqlText.literal(database))
            .rows()) {
      try {
        connection.execute("KILL " + row.number(0));
      } catch (MysqlException e) {
        assertThat(e.errno()).as("it has ended by itself").isEqualTo(1094);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void refusesAMissingTableAndANameThatIsTaken(DatabaseKind kind) throws Exception {
    TestDatabase database = database(kind);
    try (DatabaseVStreamer streamer = streamer(database);
        Holder holder = new Holder(streamer, "mine", List.of("a"), 1)) {
      var unused = holder.next();

      assertThatThrownBy(() -> streamer.holdSnapshot("mine", List.of("a"), 1, null, true, m -> {}))
          .isInstanceOf(RpcException.class)
          .hasMessageContaining("held already");
      assertThatThrownBy(
              () -> streamer.holdSnapshot("new", List.of("a", "none"), 1, null, true, m -> {}))
          .isInstanceOf(RpcException.class)
          .hasMessageContaining("unknown table none");
      database.run("INSERT INTO a VALUES (2, 2)"); // nothing stays locked
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void isNotTakenWhereTheAccountMayNotLockAllTables(DatabaseKind kind) throws Exception {
    TestDatabase database = database(kind);
    String user = "copier_" + database.name();
    try (MysqlConnection root = database.connect()) {
      root.execute("CREATE USER '" + user + "'@'%' IDENTIFIED BY 'p'");
      root.execute("GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO '" + user + "'@'%'");
      root.execute(
          "GRANT SELECT, LOCK TABLES ON `" + database.name() + "`.* TO '" + user + "'@'%'");
      TestDatabase.letSeePreparedTransactions(root, user);
    }
    MysqlEndpoint restricted =
        new MysqlEndpoint(
            database.endpoint().host(),
            database.endpoint().port(),
            user,
            Password.of("p"),
            database.name());
    CountDownLatch never = new CountDownLatch(1);
    try (DatabaseVStreamer streamer = streamer(restricted)) {
      assertThatThrownBy(() ->
              streamer.holdSnapshot("x", List.of("a", "b"), 1, null, true, m -> never.countDown()))
          .isInstanceOfSatisfying(
              RpcException.class, e -> assertThat(e.code()).isEqualTo(Status.Code.UNIMPLEMENTED));
      assertThat(never.getCount()).isEqualTo(1);
    }
  }
}
