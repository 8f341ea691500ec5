package dev.shunt.tablet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.shunt.embedded.DatabaseKind;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.QueryResult;
import dev.shunt.tabletclient.CallEffect;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.tabletclient.TabletStream;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.vitess.proto.Query;
import io.vitess.proto.Topodata;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import queryservice.QueryGrpc;

@ParameterizedClass
@MethodSource("kinds")
class QueryIT {
  @Parameter DatabaseKind kind;
  @TempDir Path folder;
  private TestTablet tablet;
  private TabletClient client;

  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  @BeforeEach
  void start() {
    start(folder.resolve("first"), Duration.ofSeconds(30));
  }

  private void start(Path topology, Duration transactionTimeout) {
    tablet = new TestTablet(kind, topology, transactionTimeout);
    client = tablet.client();
    tablet.run("CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20))");
  }

  @AfterEach
  void stop() {
    if (tablet != null) {
      tablet.close();
    }
  }

  private Query.QueryResult in(long transaction, String sql) {
    return client.execute(request(sql).setTransactionId(transaction).build());
  }

  private Query.ExecuteRequest.Builder request(String sql) {
    return Query.ExecuteRequest.newBuilder()
        .setTarget(client.target())
        .setQuery(Query.BoundQuery.newBuilder().setSql(sql));
  }

  private static void refusedAs(Status.Code code, String text, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            TabletException.class,
            e -> {
              assertThat(e).hasMessageContaining(text);
              assertThat(e.code()).isEqualTo(code);
            });
  }

  @Test
  void commitsStatementsByThemselves() {
    Query.QueryResult inserted = client.execute("INSERT INTO t VALUES (1, 'a'), (2, NULL)");
    assertThat(inserted.getRowsAffected()).isEqualTo(2);
    Query.QueryResult read = client.execute("SELECT id, v FROM t ORDER BY id");
    assertThat(read.getFieldsList())
        .extracting(Query.Field::getName, Query.Field::getType)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("id", Query.Type.INT32),
            org.assertj.core.groups.Tuple.tuple("v", Query.Type.VARCHAR));
    assertThat(read.getRows(1).getLengthsList()).containsExactly(1L, -1L);
    assertThat(read.getRows(0).getValues().toStringUtf8()).isEqualTo("1a");
  }

  @Test
  void carriesBindVariablesExactly() {
    String odd = "o'\\x\n\0\"é";
    client.execute(
        request("")
            .setQuery(
                Query.BoundQuery.newBuilder()
                    .setSql("INSERT INTO t VALUES (:id, :v)")
                    .putBindVariables("id", variable(Query.Type.INT64, "3"))
                    .putBindVariables("v", variable(Query.Type.VARCHAR, odd)))
            .build());
    assertThat(client.execute("SELECT v FROM t WHERE id = 3").getRows(0).getValues().toStringUtf8())
        .isEqualTo(odd);
    refusedAs(
        Status.Code.INVALID_ARGUMENT,
        "missing bind var x",
        () -> client.execute("SELECT * FROM t WHERE id = :x"));
  }

  private static Query.BindVariable variable(Query.Type type, String text) {
    return Query.BindVariable.newBuilder()
        .setType(type)
        .setValue(ByteString.copyFromUtf8(text))
        .build();
  }

  @Test
  void tellsTheTypesOfColumns() {
    tablet.run(
        "CREATE TABLE types (a TINYINT UNSIGNED, b SMALLINT, c MEDIUMINT UNSIGNED, d INT UNSIGNED,"
            + " e BIGINT UNSIGNED, f FLOAT, g DOUBLE, h DECIMAL(10,2), i TIMESTAMP NULL, j DATE,"
            + " k TIME, l DATETIME, m YEAR, n TEXT, o BLOB, p VARCHAR(9), q VARBINARY(9),"
            + " r CHAR(9), s BINARY(9), t BIT(3), u ENUM('a'), v SET('a'), w VARCHAR(9) COLLATE"
            + " utf8mb4_bin)");
    assertThat(client.execute("SELECT * FROM types").getFieldsList())
        .extracting(Query.Field::getType)
        .containsExactly(
            Query.Type.UINT8,
            Query.Type.INT16,
            Query.Type.UINT24,
            Query.Type.UINT32,
            Query.Type.UINT64,
            Query.Type.FLOAT32,
            Query.Type.FLOAT64,
            Query.Type.DECIMAL,
            Query.Type.TIMESTAMP,
            Query.Type.DATE,
            Query.Type.TIME,
            Query.Type.DATETIME,
            Query.Type.YEAR,
            Query.Type.TEXT,
            Query.Type.BLOB,
            Query.Type.VARCHAR,
            Query.Type.VARBINARY,
            Query.Type.CHAR,
            Query.Type.BINARY,
            Query.Type.BIT,
            Query.Type.ENUM,
            Query.Type.SET,
            Query.Type.VARCHAR);
    Query.Field full =
        client
            .execute(
                request("SELECT id FROM t")
                    .setOptions(
                        Query.ExecuteOptions.newBuilder()
                            .setIncludedFields(Query.ExecuteOptions.IncludedFields.ALL))
                    .build())
            .getFields(0);
    assertThat(full.getOrgTable()).isEqualTo("t");
    assertThat(full.getDatabase()).isEqualTo(tablet.config.database());
  }

  @Test
  void keepsTransactionsApart() {
    long one = client.begin();
    in(one, "INSERT INTO t VALUES (1, 'a')");
    assertThat(client.execute("SELECT * FROM t").getRowsCount()).isZero();
    in(one, "SAVEPOINT s");
    in(one, "INSERT INTO t VALUES (2, 'b')");
    in(one, "ROLLBACK TO s");
    client.commit(one);
    assertThat(client.execute("SELECT * FROM t").getRowsCount()).isOne();
    long two = client.begin();
    in(two, "DELETE FROM t");
    client.rollback(two);
    assertThat(client.execute("SELECT * FROM t").getRowsCount()).isOne();
    refusedAs(Status.Code.ABORTED, "ended: rolled back", () -> in(two, "SELECT 1"));
    refusedAs(Status.Code.ABORTED, "not found", () -> client.commit(4711));
    long three = client.begin();
    refusedAs(
        Status.Code.INVALID_ARGUMENT,
        "commit the transaction",
        () -> in(three, "CREATE TABLE x (id INT)"));
    client.rollback(three);
  }

  /** What it has changed is locked, so that a switch would wait for it. */
  @Test
  void endsTheTransactionOfAClientThatAGatewayReleases() {
    long id = client.begin();
    in(id, "INSERT INTO t VALUES (1, 'a')");
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", tablet.port()).usePlaintext().build();
    try {
      QueryGrpc.QueryBlockingStub gateway = QueryGrpc.newBlockingStub(channel);
      Query.ReleaseRequest release =
          Query.ReleaseRequest.newBuilder().setTarget(client.target()).setTransactionId(id).build();
      var unused = gateway.release(release);
      assertThat(tablet.value("SELECT COUNT(*) FROM t FOR UPDATE")).isEqualTo("0");
      refusedAs(Status.Code.ABORTED, "ended: rolled back", () -> client.commit(id));
      assertThatThrownBy(() -> gateway.release(release.toBuilder().setReservedId(id).build()))
          .hasMessageContaining("reserved connections are not supported");
    } finally {
      channel.shutdownNow();
    }
  }

  @Test
  void killsTransactionsThatLastTooLong() {
    stop();
    start(folder.resolve("second"), Duration.ofSeconds(2));
    long id = client.begin();
    in(id, "INSERT INTO t VALUES (1, 'a')");
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () -> assertThat(tablet.value("SELECT COUNT(*) FROM t FOR UPDATE")).isEqualTo("0"));
    awaitRefusal("exceeded timeout", () -> client.commit(id));
    long sleeper = client.begin();
    assertThatThrownBy(() -> in(sleeper, "SELECT SLEEP(60) FROM (SELECT 1) AS a"))
        .isInstanceOf(TabletException.class);
    awaitRefusal("exceeded timeout", () -> client.commit(sleeper));
  }

  /** Whoever kills a transaction has it for a moment longer than the database. */
  private static void awaitRefusal(String why, ThrowingCallable call) {
    await().untilAsserted(() -> refusedAs(Status.Code.ABORTED, why, call));
  }

  @Test
  void tellsErrorsAsVitessDoes() {
    client.execute("INSERT INTO t VALUES (1, 'a')");
    refusedAs(
        Status.Code.ALREADY_EXISTS,
        "(errno 1062) (sqlstate 23000)",
        () -> client.execute("INSERT INTO t VALUES (1, 'a')"));
    refusedAs(
        Status.Code.INVALID_ARGUMENT, "(errno 1064)", () -> client.execute("SELECT FROM WHERE"));
    refusedAs(Status.Code.NOT_FOUND, "(errno 1146)", () -> client.execute("SELECT * FROM none"));
    for (String sql :
        List.of(
            "BEGIN",
            "COMMIT",
            "SET autocommit=0",
            "USE mysql",
            "LOCK TABLES t WRITE",
            "CREATE TEMPORARY TABLE x (id INT)",
            "CREATE OR REPLACE TEMPORARY TABLE x (id INT)",
            "",
            "SELECT 1; SELECT 2",
            "SAVEPOINT a")) {
      refusedAs(Status.Code.INVALID_ARGUMENT, "", () -> client.execute(sql));
    }
  }

  @Test
  void servesOnlyItsOwnTarget() {
    refusedAs(
        Status.Code.INVALID_ARGUMENT,
        "invalid keyspace other does not match expected",
        () -> client.execute(wrong(client.target().toBuilder().setKeyspace("other"))));
    refusedAs(
        Status.Code.INVALID_ARGUMENT,
        "invalid shard -80",
        () -> client.execute(wrong(client.target().toBuilder().setShard("-80"))));
    refusedAs(
        Status.Code.FAILED_PRECONDITION,
        "wrong tablet type: REPLICA, want: PRIMARY",
        () ->
            client.execute(
                wrong(client.target().toBuilder().setTabletType(Topodata.TabletType.REPLICA))));
  }

  private Query.ExecuteRequest wrong(Query.Target.Builder target) {
    return request("SELECT 1").setTarget(target).build();
  }

  @Test
  void streamsManyRows() {
    tablet.run(
        "CREATE TABLE big (id INT PRIMARY KEY, v VARBINARY(4000))",
        "INSERT INTO big VALUES "
            + IntStream.range(0, 1000)
                .mapToObj(i -> "(" + i + ", REPEAT('x', 2000))")
                .collect(Collectors.joining(", ")));
    int rows = 0;
    int messages = 0;
    try (TabletStream<Query.QueryResult> stream =
        client.streamExecute(
            Query.StreamExecuteRequest.newBuilder()
                .setTarget(client.target())
                .setQuery(Query.BoundQuery.newBuilder().setSql("SELECT * FROM big"))
                .build())) {
      while (stream.hasNext()) {
        Query.QueryResult next = stream.next();
        assertThat(next.getFieldsCount()).isEqualTo(messages == 0 ? 2 : 0);
        rows += next.getRowsCount();
        messages++;
      }
    }
    assertThat(rows).isEqualTo(1000);
    assertThat(messages).isGreaterThan(5);
  }

  @Test
  void beginsAndExecutesAtOnce() {
    Query.BeginExecuteResponse response =
        client.beginExecute(
            Query.BeginExecuteRequest.newBuilder()
                .setTarget(client.target())
                .setQuery(Query.BoundQuery.newBuilder().setSql("INSERT INTO t VALUES (1, 'a')"))
                .build());
    assertThat(response.getResult().getRowsAffected()).isOne();
    client.rollback(response.getTransactionId());
    assertThat(client.execute("SELECT * FROM t").getRowsCount()).isZero();
  }

  private void procedure(String name, String body) {
    tablet.run("CREATE PROCEDURE " + name + "() BEGIN " + body + " END");
  }

  private static void perhapsDone(Status.Code code, String text, ThrowingCallable call) {
    refusedAs(code, text, call);
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            TabletException.class, e -> assertThat(e.effect()).isEqualTo(CallEffect.UNKNOWN));
  }

  @Test
  void letsNoProcedureBeginOrEndATransactionUnseen() {
    procedure("commits", "REPLACE INTO t VALUES (2, 'p'); COMMIT;");
    procedure("opens", "START TRANSACTION; REPLACE INTO t VALUES (3, 'o');");
    procedure("plain", "REPLACE INTO t VALUES (5, 'q');");
    long transaction = client.begin();
    var unused = in(transaction, "INSERT INTO t VALUES (1, 'a')");
    unused = in(transaction, "CALL plain()");
    perhapsDone(
        Status.Code.CANCELLED,
        "Transaction state change inside the stored procedure is not allowed",
        () -> in(client.begin(), "CALL commits()"));
    refusedAs(
        Status.Code.CANCELLED,
        "Transaction state change inside the stored procedure is not allowed",
        () -> in(transaction, "CALL commits()"));
    refusedAs(
        Status.Code.ABORTED,
        "transaction " + transaction + ": ended",
        () -> in(transaction, "INSERT INTO t VALUES (6, 'late')"));
    perhapsDone(
        Status.Code.CANCELLED,
        "leaking transaction from stored procedure is not allowed",
        () -> client.execute("CALL opens()"));
    perhapsDone(
        Status.Code.CANCELLED,
        "leaking transaction from stored procedure is not allowed",
        () -> {
          try (TabletStream<Query.QueryResult> stream =
              client.streamExecute(
                  Query.StreamExecuteRequest.newBuilder()
                      .setTarget(client.target())
                      .setQuery(Query.BoundQuery.newBuilder().setSql("CALL opens()"))
                      .build())) {
            while (stream.hasNext()) {
              var _ = stream.next();
            }
          }
        });
    var _ = client.execute("CALL plain()");
    assertThat(tablet.value("SELECT GROUP_CONCAT(id ORDER BY id) FROM t")).isEqualTo("1,2,5");
  }

  private void streamed(String sql) {
    try (TabletStream<Query.QueryResult> stream =
        client.streamExecute(
            Query.StreamExecuteRequest.newBuilder()
                .setTarget(client.target())
                .setQuery(Query.BoundQuery.newBuilder().setSql(sql))
                .build())) {
      while (stream.hasNext()) {
        var _ = stream.next();
      }
    }
  }

  private void streamed(long transaction, String sql) {
    try (TabletStream<Query.QueryResult> stream =
        client.streamExecute(
            Query.StreamExecuteRequest.newBuilder()
                .setTarget(client.target())
                .setQuery(Query.BoundQuery.newBuilder().setSql(sql))
                .setTransactionId(transaction)
                .build())) {
      while (stream.hasNext()) {
        var _ = stream.next();
      }
    }
  }

  /** Committed, so that others see it. */
  private void acknowledged(int id) {
    client.execute("INSERT INTO t VALUES (" + id + ", 'kept')");
    assertThat(tablet.value("SELECT COUNT(*) FROM t WHERE id = " + id)).isEqualTo("1");
  }

  @Test
  void letsNoTransactionOfAFailedProcedureTakeWhatOthersWriteWithIt() {
    procedure(
        "leaks",
        "START TRANSACTION; REPLACE INTO t VALUES (3, 'o'); INSERT INTO t VALUES (3, 'again');");
    procedure("sleeps", "START TRANSACTION; REPLACE INTO t VALUES (3, 'o'); DO SLEEP(60);");
    perhapsDone(Status.Code.ALREADY_EXISTS, "(errno 1062)", () -> client.execute("CALL leaks()"));
    acknowledged(10);
    perhapsDone(Status.Code.ALREADY_EXISTS, "(errno 1062)", () -> streamed("CALL leaks()"));
    acknowledged(11);
    assertThatThrownBy(() -> client.withDeadline(Duration.ofMillis(500)).execute("CALL sleeps()"))
        .isInstanceOf(TabletException.class);
    acknowledged(12);
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () -> assertThat(tablet.value("SELECT COUNT(*) FROM t FOR UPDATE")).isEqualTo("3"));
    acknowledged(13);
    assertThat(tablet.value("SELECT GROUP_CONCAT(id ORDER BY id) FROM t")).isEqualTo("10,11,12,13");
  }

  @Test
  void endsATransactionThatAFailedProcedureHasCommitted() {
    procedure(
        "commits_and_fails",
        "REPLACE INTO t VALUES (2, 'p'); COMMIT; SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no';");
    for (boolean streaming : List.of(false, true)) {
      long transaction = client.begin();
      perhapsDone(
          Status.Code.UNKNOWN,
          "(errno 1644)",
          () -> {
            long id = client.begin();
            if (streaming) {
              streamed(id, "CALL commits_and_fails()");
            } else {
              in(id, "CALL commits_and_fails()");
            }
          });
      refusedAs(
          Status.Code.UNKNOWN,
          "(errno 1644)",
          () -> {
            if (streaming) {
              streamed(transaction, "CALL commits_and_fails()");
            } else {
              in(transaction, "CALL commits_and_fails()");
            }
          });
      refusedAs(
          Status.Code.ABORTED,
          "transaction " + transaction + ": ended: by a stored procedure",
          () -> in(transaction, "INSERT INTO t VALUES (6, 'late')"));
      refusedAs(Status.Code.ABORTED, "ended", () -> client.rollback(transaction));
    }
    assertThat(tablet.value("SELECT GROUP_CONCAT(id ORDER BY id) FROM t")).isEqualTo("2");
  }

  @Test
  void letsAProcedureChangeNothingOfASessionThatOthersGet() {
    procedure("waits", "SET autocommit = 0;");
    procedure("lax", "SET SESSION sql_mode = ''; SET SESSION foreign_key_checks = 0;");
    procedure("hides", "CREATE TEMPORARY TABLE t (id INT PRIMARY KEY, v VARCHAR(20));");
    int id = 20;
    for (String name : List.of("waits", "lax", "hides")) {
      client.execute("CALL " + name + "()");
      acknowledged(id++);
      streamed("CALL " + name + "()");
      acknowledged(id++);
      long transaction = client.begin();
      var unused = in(transaction, "CALL " + name + "()");
      client.rollback(transaction);
      transaction = client.begin();
      unused = in(transaction, "INSERT INTO t VALUES (" + id + ", 'kept')");
      client.commit(transaction);
      assertThat(tablet.value("SELECT COUNT(*) FROM t WHERE id = " + id++)).isEqualTo("1");
    }
    assertThat(
            client
                .execute("SELECT @@SESSION.foreign_key_checks")
                .getRows(0)
                .getValues()
                .toStringUtf8())
        .isEqualTo("1");
  }

  @Test
  void endsATransactionThatTheServerHasRolledBack() {
    client.execute("INSERT INTO t VALUES (1, 'a'), (2, 'b')");
    try (MysqlConnection other = tablet.connect()) {
      other.execute("BEGIN");
      // What has changed more rows is not the one that is rolled back.
      other.execute("INSERT INTO t SELECT 100 + n, 'x' FROM (SELECT 1 n UNION SELECT 2) s");
      other.execute("UPDATE t SET v = 'o' WHERE id = 2");
      long transaction = client.begin();
      var unused = in(transaction, "UPDATE t SET v = 'c' WHERE id = 1");
      CompletableFuture<QueryResult> waits =
          CompletableFuture.supplyAsync(() -> other.execute("UPDATE t SET v = 'o' WHERE id = 1"));
      await()
          .until(() ->
              !tablet
                  .value(
                      "SELECT COUNT(*) FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'")
                  .equals("0"));
      refusedAs(
          Status.Code.ABORTED,
          "(errno 1213)",
          () -> in(transaction, "UPDATE t SET v = 'c' WHERE id = 2"));
      waits.join();
      other.execute("ROLLBACK");
      refusedAs(
          Status.Code.ABORTED,
          "ended: the server has rolled it back",
          () -> in(transaction, "INSERT INTO t VALUES (6, 'late')"));
      refusedAs(Status.Code.ABORTED, "ended", () -> client.commit(transaction));
      client.rollback(transaction);
    }
    assertThat(tablet.value("SELECT GROUP_CONCAT(v ORDER BY id) FROM t")).isEqualTo("a,b");
  }

  @Test
  void keepsATransactionInWhichAStatementFailed() {
    long transaction = client.begin();
    var unused = in(transaction, "INSERT INTO t VALUES (1, 'a')");
    refusedAs(
        Status.Code.ALREADY_EXISTS,
        "(errno 1062)",
        () -> in(transaction, "INSERT INTO t VALUES (1, 'b')"));
    unused = in(transaction, "INSERT INTO t VALUES (2, 'b')");
    client.commit(transaction);
    assertThat(tablet.value("SELECT GROUP_CONCAT(id ORDER BY id) FROM t")).isEqualTo("1,2");
  }

  @Test
  void doesNotTakeAFailedProcedureForUndone() {
    procedure("fails", "REPLACE INTO t VALUES (4, 'f'); INSERT INTO t VALUES (4, 'g');");
    perhapsDone(Status.Code.ALREADY_EXISTS, "(errno 1062)", () -> client.execute("CALL fails()"));
    assertThat(tablet.value("SELECT GROUP_CONCAT(id) FROM t")).isEqualTo("4");
    assertThatThrownBy(() -> client.execute("INSERT INTO t VALUES (4, 'h')"))
        .isInstanceOfSatisfying(
            TabletException.class, e -> assertThat(e.effect()).isEqualTo(CallEffect.NONE));
  }

  @Test
  void endsAStatementWhoseCallerIsGone() {
    String mark = "gone" + tablet.keyspace;
    assertThatThrownBy(() ->
            client
                .withDeadline(Duration.ofMillis(500))
                .execute("SELECT SLEEP(60), '" + mark + "' FROM (SELECT 1) AS a"))
        .isInstanceOf(TabletException.class);
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> {
          try (MysqlConnection connection = tablet.connect()) {
            return connection.execute("SHOW FULL PROCESSLIST").rows().stream()
                .noneMatch(row -> String.valueOf(row.textOrNull(7)).contains(mark));
          }
        });
    client.execute("SELECT 1 FROM t");
  }

  @Test
  void outlivesALostConnection() {
    client.execute("SELECT 1 FROM t");
    try (MysqlConnection connection = tablet.connect()) {
      List<String> others = new ArrayList<>();
      connection
          .execute("SHOW PROCESSLIST")
          .rows()
          .forEach(row -> {
            boolean other = row.number(0) != connection.connectionId();
            if (other && tablet.config.database().equals(row.textOrNull(3))) {
              others.add(row.text(0));
            }
          });
      for (String id : others) {
        try {
          connection.execute("KILL " + id);
        } catch (MysqlException e) {
          assertThat(e.errno()).as("gone by itself").isEqualTo(1094);
        }
      }
    }
    assertThat(client.execute("SELECT 1 FROM t").getFieldsCount()).isOne();
  }

  @Test
  void tellsItsHealth() {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", tablet.port()).usePlaintext().build();
    try {
      assertThat(
              HealthGrpc.newBlockingStub(channel)
                  .check(HealthCheckRequest.getDefaultInstance())
                  .getStatus())
          .isEqualTo(ServingStatus.SERVING);
      Query.StreamHealthResponse health =
          QueryGrpc.newBlockingStub(channel)
              .streamHealth(Query.StreamHealthRequest.getDefaultInstance())
              .next();
      assertThat(health.getServing()).isTrue();
      assertThat(health.getTarget()).isEqualTo(client.target());
      assertThat(health.getPrimaryTermStartTimestamp()).isPositive();
      assertThat(health.getTabletAlias()).isEqualTo(tablet.config.identity().alias());
    } finally {
      channel.shutdownNow();
    }
  }
}
