package dev.shunt.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(TestServer.class)
class MysqlConnectionIT {
  /** Each test has its own, as others run on the same servers. */
  private static final AtomicInteger NEXT_DOMAIN = new AtomicInteger(77);

  private static final int MEGABYTE = 1024 * 1024;

  @Parameter TestServer server;
  private MysqlEndpoint endpoint;
  private MysqlConnection connection;

  @BeforeEach
  void connect() {
    endpoint = line(server.database("connection_it"));
    connection = MysqlConnection.open(endpoint);
    connection.execute("CREATE TABLE t (a INT AUTO_INCREMENT PRIMARY KEY, b LONGBLOB)");
  }

  /** An endpoint on the kind of line that is tested. */
  MysqlEndpoint line(MysqlEndpoint overTcp) {
    return overTcp;
  }

  /** The same account at a place that there is not. */
  MysqlEndpoint elsewhere(MysqlEndpoint here) {
    return new MysqlEndpoint(
        "moved.invalid", here.port(), here.user(), here.password(), here.database());
  }

  /** Where the endpoint is. */
  SocketAddress address(MysqlEndpoint here) throws IOException {
    return TcpLink.address(here);
  }

  @AfterEach
  void disconnect() {
    if (connection != null) {
      connection.close();
    }
  }

  @Test
  void tellsWhatAStatementDid() {
    QueryResult inserted = connection.execute("INSERT INTO t (b) VALUES ('x'),(NULL)");
    assertThat(inserted.affectedRows()).isEqualTo(2);
    assertThat(inserted.insertId()).isEqualTo(1);
    assertThat(inserted.info()).isEqualTo("Records: 2  Duplicates: 0  Warnings: 0");
    QueryResult read = connection.execute("SELECT a, b AS c FROM t ORDER BY a");
    assertThat(read.rows()).hasSize(2);
    assertThat(read.rows().getFirst().number(0)).isEqualTo(1);
    assertThat(read.rows().getFirst().text(1)).isEqualTo("x");
    assertThat(read.rows().getLast().isNull(1)).isTrue();
    Column column = read.columns().getFirst();
    assertThat(column.name()).isEqualTo("a");
    assertThat(column.originalTable()).isEqualTo("t");
    assertThat(column.type()).isEqualTo(ColumnType.LONG);
    assertThat(column.has(Column.PRIMARY_KEY | Column.AUTO_INCREMENT | Column.NOT_NULL)).isTrue();
    assertThat(read.columns().get(1).originalName()).isEqualTo("b");
    assertThat(connection.execute("DO 1/0").warnings()).isLessThanOrEqualTo(1);
  }

  /** The server runs init_connect for accounts that are not its administrators. */
  @Test
  void commitsAndReadsAllWhateverInitConnectSays() {
    connection.execute("DROP USER IF EXISTS 'plain_it'@'%'");
    connection.execute("CREATE USER 'plain_it'@'%' IDENTIFIED BY 'p'");
    connection.execute("GRANT ALL ON connection_it.* TO 'plain_it'@'%'");
    connection.execute("SET GLOBAL init_connect = 'SET autocommit = 0, sql_select_limit = 1'");
    MysqlEndpoint plain =
        line(
            new MysqlEndpoint(
                endpoint.host(), endpoint.port(), "plain_it", Password.of("p"), "connection_it"));
    try (MysqlConnection own = MysqlConnection.open(plain);
        MysqlConnection application =
            MysqlConnection.open(plain, ConnectOptions.DEFAULT.forApplication())) {
      own.execute("INSERT INTO t (b) VALUES ('x'), ('y')");
      application.execute("INSERT INTO t (b) VALUES ('z')");
      assertThat(application.execute("SELECT a FROM t").rows()).as("it ran").hasSize(1);
      assertThat(own.execute("SELECT a FROM t").rows()).hasSize(3);
      assertThat(connection.execute("SELECT a FROM t").rows()).as("committed").hasSize(3);
    } finally {
      connection.execute("SET GLOBAL init_connect = ''");
      connection.execute("DROP USER 'plain_it'@'%'");
    }
  }

  @Test
  void goesOnAfterAnErrorOfTheServer() {
    connection.execute("INSERT INTO t VALUES (1, 'x')");
    assertThatExceptionOfType(MysqlException.class)
        .isThrownBy(() -> connection.execute("INSERT INTO t VALUES (1, 'x')"))
        .satisfies(e -> {
          assertThat(e.errno()).isEqualTo(1062);
          assertThat(e.sqlState()).isEqualTo("23000");
          assertThat(e.connectionLost()).isFalse();
          assertThat(e).hasMessageContaining("Duplicate entry '1'");
        });
    assertThat(connection.execute("SELECT 1").only().text(0)).isEqualTo("1");
  }

  @Test
  void runsSeveralStatementsOnlyWhenAsked() {
    List<QueryResult> results =
        connection.executeMulti("SELECT 1; INSERT INTO t VALUES (5, ''); SELECT a FROM t");
    assertThat(results).hasSize(3);
    assertThat(results.get(1).affectedRows()).isEqualTo(1);
    assertThat(results.get(2).only().number(0)).isEqualTo(5);
    assertThatThrownBy(() -> connection.execute("SELECT 1; SELECT 2"))
        .isInstanceOf(MysqlException.class)
        .hasMessageContaining("1064");
    assertThatThrownBy(() -> connection.executeMulti("DELETE FROM t; SELECT nothing; SELECT 1"))
        .isInstanceOf(MysqlException.class)
        .hasMessageContaining("1054");
    assertThat(connection.execute("SELECT * FROM t").rows()).isEmpty();
  }

  @Test
  void callsAProcedureThatReturnsRows() {
    connection.execute("CREATE PROCEDURE p() SELECT 7");
    assertThat(connection.execute("CALL p()").only().number(0)).isEqualTo(7);
    assertThat(connection.ping()).isTrue();
  }

  @Test
  void carriesRowsAndStatementsOfMoreThanOnePacket() {
    // Around one and two frames of 16 MB - 1, where a payload is split.
    int frame = PacketReader.MAX_FRAME;
    for (int size : new int[] {frame - 40, frame, frame + 1, 20 * MEGABYTE, 2 * frame}) {
      byte[] value = new byte[size];
      Arrays.fill(value, (byte) 'v');
      value[size - 1] = 'z';
      byte[] head = "REPLACE INTO t VALUES (1, '".getBytes(StandardCharsets.UTF_8);
      byte[] statement = Arrays.copyOf(head, head.length + size + 2);
      System.arraycopy(value, 0, statement, head.length, size);
      statement[statement.length - 2] = '\'';
      statement[statement.length - 1] = ')';
      connection.execute(statement);
      assertThat(connection.execute("SELECT b FROM t").only().bytes(0)).isEqualTo(value);
      try (RowCursor rows = connection.stream("SELECT b, a FROM t")) {
        assertThat(rows.next()).isTrue();
        assertThat(rows.length(0)).isEqualTo(size);
        assertThat(rows.bytes(0)).isEqualTo(value);
        assertThat(rows.bytes(1)).isEqualTo(new byte[] {'1'});
        assertThat(rows.next()).isFalse();
      }
    }
  }

  /** Numbers of two servers in one domain tell nothing of each other without gtid_strict_mode. */
  @Test
  void waitsForATransactionWhoseNumberIsLowerThanAnothers() {
    if (connection.flavor() == Flavor.MYSQL) {
      return;
    }
    boolean strict =
        connection.execute("SELECT @@GLOBAL.gtid_strict_mode").only().text(0).equals("1");
    connection.execute("SET GLOBAL gtid_strict_mode = 0");
    try {
      int domain = NEXT_DOMAIN.getAndIncrement();
      connection.execute("SET SESSION gtid_domain_id = " + domain);
      write(98, 5_001);
      Position lower = position(domain, "99-300");
      Position lowest = position(domain, "97-20");
      assertThat(Positions.waitFor(connection, lower, Duration.ofMillis(300))).isFalse();
      assertThat(Positions.waitFor(connection, lower, Duration.ZERO)).isFalse();
      assertThat(Positions.current(connection).atLeast(lower)).isFalse();

      write(99, 300);
      assertThat(Positions.waitFor(connection, lower, Duration.ofSeconds(5))).isTrue();
      assertThat(Positions.waitFor(connection, lowest, Duration.ZERO)).isFalse();
      write(97, 20);
      for (String passed : List.of("97-20", "99-300", "98-5001")) {
        Position position = position(domain, passed);
        assertThat(Positions.waitFor(connection, position, Duration.ZERO)).as(passed).isTrue();
      }
      Position next = position(domain, "98-5002");
      assertThat(Positions.waitFor(connection, next, Duration.ZERO)).isFalse();
    } finally {
      connection.execute("SET GLOBAL gtid_strict_mode = " + (strict ? 1 : 0));
    }
  }

  private static Position position(int domain, String transaction) {
    return Position.parse("MariaDB/%d-%s".formatted(domain, transaction));
  }

  /** As a server of that number does. */
  private void write(int serverId, long sequence) {
    connection.execute("SET SESSION server_id = " + serverId + ", gtid_seq_no = " + sequence);
    connection.execute("INSERT INTO t (b) VALUES ('x')");
  }

  @Test
  void givesBackWhatAHugeRowTook() {
    connection.execute("INSERT INTO t VALUES (1, REPEAT('v', 10 * 1024 * 1024)), (2, 'small')");
    connection.execute("UPDATE t SET b = CONCAT(b, b) WHERE a = 1");
    try (RowCursor rows = connection.stream("SELECT b FROM t ORDER BY a")) {
      assertThat(rows.next()).isTrue();
      assertThat(rows.length(0)).isEqualTo(20 * MEGABYTE);
      assertThat(rows.next()).isTrue();
      assertThat(rows.length(0)).isEqualTo(5);
      assertThat(rows.buffer().length).isLessThanOrEqualTo(MEGABYTE);
      assertThat(rows.next()).isFalse();
      assertThat(rows.buffer()).isEmpty();
    }
    try (RowCursor rows = connection.stream("SELECT b FROM t ORDER BY a DESC")) {
      while (rows.next()) {
        assertThat(rows.length(0)).isPositive();
      }
      assertThat(rows.buffer()).as("of one whose last row was huge").isEmpty();
    }
  }

  @Test
  void streamsRowsWithoutHoldingThem() {
    fill(10_000);
    long sum = 0;
    try (RowCursor rows = connection.stream("SELECT a, b, NULL FROM t")) {
      assertThat(rows.columns()).hasSize(3);
      assertThatIllegalStateException().isThrownBy(() -> connection.execute("SELECT 1"));
      while (rows.next()) {
        sum +=
            Long.parseLong(
                new String(
                    rows.buffer(), rows.offset(0), rows.length(0), StandardCharsets.US_ASCII));
        assertThat(rows.length(2)).isNegative();
        assertThat(rows.rowBytes()).isEqualTo(rows.length(0) + rows.length(1));
      }
      assertThat(rows.next()).isFalse();
    }
    assertThat(sum).isEqualTo(10_000L * 10_001 / 2);
    assertThat(connection.ping()).isTrue();
  }

  @Test
  void aCursorClosedEarlyEndsItsConnection() {
    fill(10_000);
    try (RowCursor rows = connection.stream("SELECT x.a FROM t x JOIN t y")) {
      assertThat(rows.next()).isTrue();
    }
    assertThat(connection.isClosed()).isTrue();
    assertThatExceptionOfType(MysqlException.class)
        .isThrownBy(() -> connection.execute("SELECT 1"))
        .satisfies(e -> assertThat(e.errno()).isEqualTo(MysqlException.GONE_AWAY));
  }

  @Test
  void loadsDataFromAStream() {
    byte[] lines = "3\tc\n4\t\\N\n".getBytes(StandardCharsets.UTF_8);
    String load = "LOAD DATA LOCAL INFILE 'rows' INTO TABLE t CHARACTER SET binary";
    QueryResult loaded = connection.loadDataLocal(load, out -> out.write(lines));
    assertThat(loaded.affectedRows()).isEqualTo(2);
    assertThat(loaded.warnings()).isZero();
    // The server skips what it can't take, and only counts it.
    QueryResult again = connection.loadDataLocal(load, out -> out.write(lines));
    assertThat(again.affectedRows()).isZero();
    assertThat(again.warnings()).isEqualTo(2);
    byte[] large = "x".repeat(3 * MEGABYTE).getBytes(StandardCharsets.US_ASCII);
    connection.loadDataLocal(
        load,
        out -> {
          out.write("9\t".getBytes(StandardCharsets.US_ASCII));
          out.write(large);
          out.write('\n');
        });
    assertThat(connection.execute("SELECT b FROM t WHERE a = 9").only().bytes(0)).isEqualTo(large);
  }

  @Test
  void aFailureWhileLoadingLeavesNothing() {
    assertThatExceptionOfType(MysqlException.class)
        .isThrownBy(() ->
            connection.loadDataLocal(
                "LOAD DATA LOCAL INFILE 'rows' INTO TABLE t",
                out -> {
                  out.write("1\tx\n".repeat(100_000).getBytes(StandardCharsets.US_ASCII));
                  throw new IOException("the source is gone");
                }))
        .withMessageContaining("the source is gone");
    try (MysqlConnection other = MysqlConnection.open(endpoint)) {
      assertThat(other.execute("SELECT * FROM t").rows()).isEmpty();
    }
  }

  @Test
  void aServerGetsNoFileThatNobodyOffered() {
    assertThatThrownBy(
            () -> connection.execute("LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE t"))
        .isInstanceOf(MysqlException.class)
        .hasMessageContaining("only loadDataLocal sends one");
    assertThat(connection.isClosed()).isTrue();
  }

  @Test
  void knowsItsTransactionAndResetsItsSession() {
    assertThat(connection.inTransaction()).isFalse();
    connection.utc().namesBinary().unconvertedResults().sqlMode("NO_BACKSLASH_ESCAPES");
    assertThat(connection.execute("SELECT @@sql_mode").only().text(0))
        .isEqualTo("NO_BACKSLASH_ESCAPES");
    connection.execute("BEGIN");
    connection.execute("INSERT INTO t VALUES (1, '')");
    assertThat(connection.inTransaction()).isTrue();
    connection.reset();
    assertThat(connection.inTransaction()).isFalse();
    Row session =
        connection
            .execute(
                "SELECT COUNT(*), @@character_set_client, @@character_set_results, @@time_zone,"
                    + " LENGTH('\u00fc'), @@sql_mode FROM t")
            .only();
    assertThat(session.number(0)).isZero();
    assertThat(session.text(1)).isEqualTo("utf8mb4");
    assertThat(session.text(2)).isEqualTo("utf8mb4");
    assertThat(session.text(3)).isEqualTo("SYSTEM");
    assertThat(session.number(4)).isEqualTo(2);
    assertThat(session.text(5)).doesNotContain("NO_BACKSLASH_ESCAPES");
  }

  @Test
  void countsFoundOrChangedRows() {
    connection.execute("INSERT INTO t VALUES (1, 'x')");
    assertThat(connection.execute("UPDATE t SET b = 'x'").affectedRows()).isZero();
    ConnectOptions options = ConnectOptions.DEFAULT.withFoundRows();
    try (MysqlConnection finder = MysqlConnection.open(endpoint, options)) {
      assertThat(finder.execute("UPDATE t SET b = 'x'").affectedRows()).isEqualTo(1);
    }
  }

  @Test
  void aSilentServerRunsIntoTheReadTimeout() {
    connection.readTimeout(Duration.ofMillis(200));
    assertThatExceptionOfType(MysqlException.class)
        .isThrownBy(() -> connection.execute("SELECT SLEEP(20)"))
        .satisfies(e -> assertThat(e.errno()).isEqualTo(MysqlException.LOST_CONNECTION))
        .withMessageContaining("Read timed out");
    assertThat(connection.isClosed()).isTrue();
  }

  @Test
  void anotherThreadCanEndAQueryOrTheConnection() throws Exception {
    Thread killer = Thread.ofVirtual().start(() -> killWhenAsleep(false));
    // MySQL's SLEEP returns 1 when it is interrupted, MariaDB's fails.
    try {
      assertThat(connection.execute("SELECT SLEEP(20)").only().text(0)).isEqualTo("1");
    } catch (MysqlException e) {
      assertThat(e.errno()).isEqualTo(1317);
    }
    killer.join();
    assertThat(connection.ping()).isTrue();
    killer = Thread.ofVirtual().start(() -> killWhenAsleep(true));
    assertThatExceptionOfType(MysqlException.class)
        .isThrownBy(() -> connection.execute("SELECT SLEEP(20)"));
    killer.join();
    assertThat(connection.isClosed()).isTrue();
  }

  @Test
  void staysOpenWhenTheServerCouldNotBeToldToEndIt() {
    AtomicBoolean closed = new AtomicBoolean();
    SessionGate gate =
        fresh -> {
          if (closed.get()) {
            throw MysqlException.refused("nobody passes");
          }
          return () -> {};
        };
    try (MysqlConnection kept = MysqlConnection.open(endpoint.withGate(gate))) {
      closed.set(true);
      assertThatThrownBy(kept::kill).isInstanceOf(MysqlException.class);
      assertThat(kept.isClosed()).isFalse();
      assertThat(kept.ping()).isTrue();
      closed.set(false);
      kept.kill();
      assertThat(kept.isClosed()).isTrue();
    }
  }

  @Test
  void isEndedAtItsOwnAddressWhereverItsNameLeadsByNow() throws Exception {
    MysqlEndpoint renamed = elsewhere(endpoint);
    connection.close();
    connection = MysqlConnection.open(renamed, ConnectOptions.DEFAULT, address(endpoint));
    assertThatThrownBy(() -> MysqlConnection.open(renamed)).isInstanceOf(MysqlException.class);

    anotherThreadCanEndAQueryOrTheConnection();
  }

  private void killWhenAsleep(boolean whole) {
    try (MysqlConnection other = MysqlConnection.open(endpoint)) {
      String sleeping =
          "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'SELECT SLEEP(%'"
              + " AND id = "
              + connection.connectionId();
      await()
          .pollInterval(Duration.ofMillis(10))
          .until(() -> other.execute(sleeping).only().number(0) == 1);
    }
    if (whole) {
      connection.kill();
    } else {
      connection.killQuery();
    }
  }

  private void fill(int rows) {
    connection.loadDataLocal(
        "LOAD DATA LOCAL INFILE 'rows' INTO TABLE t",
        out -> {
          for (int i = 1; i <= rows; i++) {
            out.write((i + "\tvalue " + i + "\n").getBytes(StandardCharsets.US_ASCII));
          }
        });
  }
}
