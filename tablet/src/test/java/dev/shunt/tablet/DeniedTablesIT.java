package dev.shunt.tablet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.shunt.embedded.DatabaseKind;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.tablet.query.StatementGate;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.tabletclient.TabletException;
import io.grpc.Status;
import io.vitess.proto.Query;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@MethodSource("kinds")
class DeniedTablesIT {
  private static final int WRITERS = 8;
  private static final int SWITCHES = 15;

  @Parameter DatabaseKind kind;
  @TempDir Path folder;
  private TestTablet tablet;

  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  @BeforeEach
  void start() {
    tablet = new TestTablet(kind, folder);
    tablet.run(
        "CREATE TABLE customer (id BIGINT AUTO_INCREMENT PRIMARY KEY, v INT)",
        "CREATE TABLE other (id BIGINT AUTO_INCREMENT PRIMARY KEY, customer INT)",
        "CREATE VIEW grown AS SELECT id, v FROM customer WHERE v > 1",
        "INSERT INTO customer VALUES (1, 1)");
  }

  @AfterEach
  void stop() {
    if (tablet != null) {
      tablet.close();
    }
  }

  private void deny(String... tables) {
    tablet.deny(tables);
    tablet.client().refreshState();
  }

  @Test
  void refusesEveryKindOfStatementOnADeniedTable() {
    deny("customer");
    for (String sql :
        List.of(
            "SELECT * FROM customer",
            "select c.id from other o join Customer c on c.id = o.customer",
            "INSERT INTO customer (v) VALUES (1)",
            "INSERT INTO other (customer) SELECT id FROM customer",
            "UPDATE customer SET v = 2 WHERE id = 1",
            "DELETE FROM `customer`",
            "REPLACE INTO customer VALUES (1, 2)",
            "DELETE FROM other WHERE customer IN (SELECT id FROM customer)",
            "TRUNCATE TABLE customer",
            "ALTER TABLE customer ADD COLUMN x INT",
            "DROP TABLE customer",
            "UPDATE /*! customer */ SET v = 2",
            "UPDATE /*!99999 ' */ customer SET v = 2 /*!99999 ' */",
            "/*!99999 SHOW ' */ UPDATE customer SET v = 2 /*!99999 ' */",
            "INSERT INTO grown (id, v) VALUES (9, 9)",
            "CALL anything()")) {
      TabletException refused =
          catchThrowableOfType(TabletException.class, () -> tablet.client().execute(sql));
      assertThat(refused).as(sql).isNotNull();
      assertThat(refused).as(sql).hasMessageContaining(StatementGate.DISALLOWED);
      assertThat(refused.code()).as(sql).isEqualTo(Status.Code.FAILED_PRECONDITION);
    }
    assertThat(tablet.value("SELECT GROUP_CONCAT(v) FROM customer")).isEqualTo("1");
  }

  /** MariaDB's ANALYZE carries a statement out; MySQL's EXPLAIN ANALYZE of one writes nothing. */
  @Test
  void letsNoStatementThatIsExplainedWriteToADeniedTable() {
    tablet.run("INSERT INTO other (id, customer) VALUES (1, 1)");
    String join = "customer c JOIN other o ON c.id = o.customer";
    List<String> changes =
        List.of(
            "UPDATE customer SET v = 2",
            "DELETE FROM customer",
            "INSERT INTO customer (v) VALUES (3)",
            "REPLACE INTO customer VALUES (1, 4)",
            "UPDATE " + join + " SET c.v = 5",
            "DELETE c FROM " + join,
            "WITH one AS (SELECT 1) UPDATE customer, one SET v = 6");
    deny("customer");
    for (String change : changes) {
      for (String analyze : List.of("ANALYZE ", "ANALYZE FORMAT=JSON ", "/*! ANALYZE */ ")) {
        assertThatThrownBy(() -> tablet.client().execute(analyze + change))
            .as(analyze + change)
            .hasMessageContaining(StatementGate.DISALLOWED);
      }
      for (String explain :
          List.of(
              "EXPLAIN ",
              "EXPLAIN FORMAT=JSON ",
              "EXPLAIN ANALYZE ",
              "DESC ANALYZE ",
              "EXPLAIN ANALYZE FORMAT=TREE ",
              "EXPLAIN ANALYZE FORMAT=JSON ")) {
        try {
          tablet.client().execute(explain + change);
        } catch (TabletException e) { // not every server takes each of them
          assertThat(e).as(explain + change).hasMessageContaining("syntax");
        }
      }
    }
    assertThat(tablet.value("SELECT GROUP_CONCAT(id, ':', v) FROM customer")).isEqualTo("1:1");
  }

  @Test
  void refusesTablesOfOtherDatabases() {
    tablet.run(
        "CREATE DATABASE IF NOT EXISTS elsewhere",
        "CREATE TABLE elsewhere.customer (id BIGINT PRIMARY KEY, v INT)",
        "INSERT INTO elsewhere.customer VALUES (1, 1)");
    String own = tablet.config.database();
    TabletClient client = tablet.client();
    try {
      for (String sql :
          List.of(
              "UPDATE elsewhere.customer SET v = 2 WHERE id = 1",
              "update `ELSEWHERE` . `customer` set v = 2",
              "INSERT INTO elsewhere.customer VALUES (2, 2)",
              "INSERT INTO other (customer) SELECT id FROM elsewhere.customer",
              "DELETE FROM elsewhere.customer",
              "UPDATE elsewhere.customer elsewhere SET elsewhere.v = 2",
              "UPDATE other o JOIN elsewhere.customer c ON c.id = o.customer SET c.v = 2",
              "REPLACE INTO elsewhere.customer VALUES (1, 2)",
              "TRUNCATE TABLE elsewhere.customer",
              "DROP TABLE elsewhere.customer",
              "RENAME TABLE elsewhere.customer TO elsewhere.gone",
              "ALTER TABLE elsewhere.customer ADD COLUMN x INT",
              "CREATE TABLE elsewhere.more (id INT PRIMARY KEY)",
              "SELECT * FROM elsewhere.customer",
              "SELECT * FROM elsewhere.customer FOR UPDATE",
              "UPDATE /*! elsewhere.customer */ SET v = 2",
              "CALL elsewhere.anything()",
              "DELETE FROM _vt.vreplication")) {
        assertThatThrownBy(() -> client.execute(sql))
            .as(sql)
            .isInstanceOfSatisfying(
                TabletException.class,
                e -> assertThat(e.code()).isEqualTo(Status.Code.INVALID_ARGUMENT))
            .hasMessageContaining("this tablet serves " + own);
      }
      assertThat(tablet.value("SELECT GROUP_CONCAT(v) FROM elsewhere.customer")).isEqualTo("1");
      for (String sql :
          List.of(
              "UPDATE " + own + ".customer SET v = 3 WHERE id = 1",
              "SELECT c.id, o.* FROM customer c JOIN other o ON c.id = o.customer",
              "UPDATE customer c SET c.v = 4 WHERE c.id = 1",
              "SELECT customer.v FROM customer WHERE customer.id = 1.5",
              "DELETE o FROM other o WHERE o.customer = 99",
              "INSERT INTO other (customer) VALUES (2) ON DUPLICATE KEY UPDATE other.customer = 3",
              "SELECT table_name FROM information_schema.tables LIMIT 1",
              "SELECT 'elsewhere.customer'",
              "SELECT id FROM _vt.vreplication",
              "SHOW TABLES FROM elsewhere")) {
        client.execute(sql);
      }
    } finally {
      tablet.run("DROP DATABASE elsewhere");
    }
  }

  @Test
  void refusesToTakeOrReleaseLocksByName() {
    for (String sql :
        List.of(
            "SELECT RELEASE_ALL_LOCKS()",
            "select get_lock ('x', 1)",
            "SELECT `release_lock`('x')",
            "SELECT /*!50000 RELEASE_ALL_LOCKS() */",
            "UPDATE customer SET v = RELEASE_ALL_LOCKS()")) {
      assertThatThrownBy(() -> tablet.client().execute(sql))
          .as(sql)
          .isInstanceOfSatisfying(
              TabletException.class,
              e -> assertThat(e.code()).isEqualTo(Status.Code.INVALID_ARGUMENT))
          .hasMessageContaining("shared");
    }
    tablet.client().execute("SELECT 'release_all_locks()'");
  }

  @Test
  void letsOtherTablesThroughThoughTheyUseTheName() {
    deny("customer");
    tablet.client().execute("INSERT INTO other (customer) VALUES (7)");
    assertThat(tablet.client().execute("SELECT customer FROM other").getRowsCount()).isOne();
    assertThat(tablet.client().execute("SELECT 'customer' FROM other").getRowsCount()).isOne();
    assertThat(tablet.client().execute("SELECT /*!40001 1 */ FROM other").getRowsCount()).isOne();
  }

  @Test
  void refusesWhatItCannotReadOnlyWhenItNamesADeniedTable() {
    String odd = "SELECT id FROM other WHERE MATCH customer BOOLEAN GARBAGE";
    deny("customer");
    assertThatThrownBy(() -> tablet.client().execute(odd))
        .isInstanceOfSatisfying(
            TabletException.class,
            e -> {
              assertThat(e.code()).isEqualTo(Status.Code.INVALID_ARGUMENT);
              assertThat(e).hasMessageContaining("denied table");
            });
  }

  @Test
  void refusesInsideAnOpenTransactionThatMayStillCommit() {
    TabletClient client = tablet.client();
    long id = client.begin();
    execute(id, "INSERT INTO customer (v) VALUES (5)");
    deny("customer");
    assertThatThrownBy(() -> execute(id, "INSERT INTO customer (v) VALUES (6)"))
        .hasMessageContaining(StatementGate.DISALLOWED);
    client.commit(id);
    assertThat(tablet.value("SELECT GROUP_CONCAT(v ORDER BY v) FROM customer")).isEqualTo("1,5");
  }

  @Test
  void followsTheTopologyByItself() {
    tablet.deny("customer");
    for (String table : List.of("customer", "grown")) {
      await()
          .atMost(Duration.ofSeconds(10))
          .untilAsserted(() ->
              assertThatThrownBy(() -> tablet.client().execute("SELECT * FROM " + table))
                  .hasMessageContaining(StatementGate.DISALLOWED));
    }
    tablet.deny();
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> tablet.client().execute("SELECT * FROM customer"));
  }

  @Test
  void deniesFromTheStartOn() {
    tablet.deny("customer");
    tablet.restart();
    for (String table : List.of("customer", "grown")) {
      assertThatThrownBy(() -> tablet.client().execute("SELECT * FROM " + table))
          .hasMessageContaining(StatementGate.DISALLOWED);
    }
  }

  /** Its statement was let through before the table was denied, and is slow. */
  @Test
  void refusesAViewThatWasBeingMadeWhenItsTableWasDenied() throws Exception {
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
        MysqlConnection holder = tablet.connect()) {
      holder.execute("FLUSH TABLES WITH READ LOCK");
      Future<?> making =
          callers.submit(
              () -> tablet.client().execute("CREATE VIEW late AS SELECT id, v FROM customer"));
      await().until(() -> waitingForALock(holder));
      tablet.deny("customer");
      Future<?> denying = callers.submit(() -> tablet.client().refreshState());
      await()
          .untilAsserted(() ->
              assertThatThrownBy(() -> tablet.client().execute("SELECT * FROM customer"))
                  .hasMessageContaining(StatementGate.DISALLOWED));
      holder.execute("UNLOCK TABLES");
      making.get();
      denying.get();
    }
    assertThatThrownBy(() -> tablet.client().execute("INSERT INTO late (id, v) VALUES (9, 9)"))
        .hasMessageContaining(StatementGate.DISALLOWED);
  }

  private static boolean waitingForALock(MysqlConnection connection) {
    return !connection
        .execute(
            "SELECT 1 FROM information_schema.processlist"
                + " WHERE state LIKE 'Waiting for%' AND info LIKE 'CREATE VIEW%'")
        .rows()
        .isEmpty();
  }

  /**
   * Writers never stop. After RefreshState and LOCK TABLES returned, every row that was or will be
   * acknowledged is there already.
   */
  @Test
  void acknowledgesNoWriteAfterTheDrain() throws InterruptedException {
    Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    AtomicBoolean stop = new AtomicBoolean();
    AtomicInteger next = new AtomicInteger(100);
    AtomicInteger refused = new AtomicInteger();
    List<String> surprises = new ArrayList<>();
    List<Thread> writers = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      boolean inTransaction = i % 2 == 0;
      writers.add(
          Thread.ofVirtual()
              .start(() -> {
                while (!stop.get()) {
                  int id = next.incrementAndGet();
                  try {
                    write(id, inTransaction);
                    acknowledged.add(String.valueOf(id));
                  } catch (TabletException e) {
                    if (String.valueOf(e.getMessage()).contains(StatementGate.DISALLOWED)) {
                      refused.incrementAndGet();
                    } else {
                      synchronized (surprises) {
                        surprises.add(e.getMessage());
                      }
                    }
                  }
                }
              }));
    }
    for (int round = 0; round < SWITCHES; round++) {
      int before = acknowledged.size();
      await().until(() -> acknowledged.size() > before + 20);
      deny("customer");
      tablet
          .client()
          .executeFetchAsDba("LOCK TABLES " + tablet.config.database() + ".customer READ", 1);
      String rows = tablet.value("SELECT COUNT(*) FROM customer");
      int refusals = refused.get();
      await().until(() -> refused.get() > refusals + 20);
      assertThat(tablet.value("SELECT COUNT(*) FROM customer")).isEqualTo(rows);
      deny();
    }
    stop.set(true);
    for (Thread writer : writers) {
      writer.join();
    }
    assertThat(surprises).isEmpty();
    assertThat(tablet.value("SELECT COUNT(*) FROM customer WHERE id > 100"))
        .isEqualTo(String.valueOf(acknowledged.size()));
  }

  private void write(int id, boolean inTransaction) {
    String sql = "INSERT INTO customer (id, v) VALUES (" + id + ", 1)";
    if (!inTransaction) {
      tablet.client().execute(sql);
      return;
    }
    long transaction = tablet.client().begin();
    try {
      execute(transaction, sql);
    } catch (TabletException e) {
      tablet.client().rollback(transaction);
      throw e;
    }
    tablet.client().commit(transaction);
  }

  private Query.QueryResult execute(long transaction, String sql) {
    TabletClient client = tablet.client();
    return client.execute(
        Query.ExecuteRequest.newBuilder()
            .setTarget(client.target())
            .setTransactionId(transaction)
            .setQuery(Query.BoundQuery.newBuilder().setSql(sql))
            .build());
  }

  /** Its rows are served by other shards, or will be; also a table that is made meanwhile. */
  @Test
  void aShardThatDoesNotServeRefusesAllTables() {
    tablet.serving(false);
    tablet.client().refreshState();
    tablet.run("CREATE TABLE made_since (id INT PRIMARY KEY)");

    for (String sql :
        List.of(
            "SELECT * FROM customer",
            "SELECT * FROM grown",
            "INSERT INTO other (customer) VALUES (1)",
            "INSERT INTO made_since VALUES (1)",
            "SELECT id FROM made_since FOR UPDATE",
            "CREATE TABLE one_more (id INT PRIMARY KEY)",
            "CALL anything()")) {
      TabletException refused =
          catchThrowableOfType(TabletException.class, () -> tablet.client().execute(sql));
      assertThat(refused).as(sql).isNotNull();
      assertThat(refused).as(sql).hasMessageContaining(StatementGate.DISALLOWED);
    }
    assertThat(tablet.client().execute("SELECT 1").getRowsCount()).isEqualTo(1);

    tablet.serving(true);
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() ->
            assertThat(tablet.client().execute("SELECT * FROM customer").getRowsCount())
                .isEqualTo(1));
  }
}
