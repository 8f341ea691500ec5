package dev.shunt.mysql;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What a flavor says of its servers holds on each of them. */
@ParameterizedClass
@EnumSource(TestServer.class)
class FlavorIT {
  private static final int SYNTAX_ERROR = 1064;
  private static final int DATA_TOO_LONG = 1406;

  @Parameter TestServer server;

  private MysqlEndpoint endpoint;
  private MysqlConnection connection;
  private Flavor flavor;

  @BeforeEach
  void connect() {
    endpoint = server.database("flavor_it");
    connection = MysqlConnection.open(endpoint);
    flavor = connection.flavor();
  }

  @AfterEach
  void close() {
    connection.execute("DROP USER IF EXISTS flavor_it");
    connection.execute("DROP ROLE IF EXISTS flavor_it_role");
    connection.close();
  }

  private String text(String query) {
    return connection.execute(query).only().text(0);
  }

  @Test
  void isSupported() {
    String[] numbers = connection.serverVersion().split("\\.", 3);
    assertThat(flavor.isSupported(Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1])))
        .isTrue();
  }

  @Test
  void carriesOutAStatementUnderAnotherMode() {
    connection.execute("CREATE TABLE t (a VARCHAR(2))");
    connection.sqlMode("STRICT_ALL_TABLES");
    assertThatExceptionOfType(MysqlException.class)
        .isThrownBy(() -> connection.execute("INSERT INTO t VALUES ('long')"))
        .satisfies(e -> assertThat(e.errno()).isEqualTo(DATA_TOO_LONG));
    String insert = flavor.statements().underMode("INSERT", "ALLOW_INVALID_DATES");
    connection.execute(insert + " INTO t VALUES ('long')");
    assertThat(text("SELECT a FROM t")).isEqualTo("lo");
    assertThat(text("SELECT @@sql_mode")).isEqualTo("STRICT_ALL_TABLES");
  }

  @Test
  void endsALongSelect() {
    connection.execute("CREATE TABLE t (a INT)");
    connection.execute("INSERT INTO t VALUES (1), (2), (3)");
    String select = flavor.statements().selectWithin(Duration.ofSeconds(1));
    assertThat(text(select + "MAX(a) FROM t")).isEqualTo("3");
    assertThatExceptionOfType(MysqlException.class)
        .isThrownBy(() -> connection.execute(select + "a FROM t WHERE SLEEP(5) = 0"));
    assertThat(text("SELECT 1")).isEqualTo("1");
  }

  @Test
  void estimatesRowsWithAnIndex() {
    connection.execute("CREATE TABLE t (a INT PRIMARY KEY)");
    connection.execute("INSERT INTO t VALUES (1), (2), (3)");
    QueryResult plan =
        connection.execute(
            flavor.statements().explainSelectWithin(Duration.ofSeconds(1))
                + "a FROM t "
                + flavor.statements().hintToEstimate()
                + " INDEX (PRIMARY) WHERE a > 1 ORDER BY a");
    assertThat(plan.only().number(plan.column("rows"))).isBetween(1L, 3L);
  }

  @Test
  void knowsWhetherJsonIsAType() {
    connection.execute("CREATE TABLE t (a JSON)");
    String type =
        text(
            "SELECT DATA_TYPE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'flavor_it' AND"
                + " TABLE_NAME = 't'");
    assertThat(flavor.statements().hasJsonValues()).isEqualTo(type.equals("json"));
  }

  @Test
  void setsGlobalVariables() {
    String before = text("SELECT @@GLOBAL.max_connect_errors");
    try {
      connection.execute(flavor.statements().setGlobal("max_connect_errors", "123"));
      assertThat(text("SELECT @@GLOBAL.max_connect_errors")).isEqualTo("123");
    } finally {
      connection.execute(flavor.statements().setGlobal("max_connect_errors", before));
    }
  }

  @Test
  void readsExecutableComments() {
    boolean asMariaDb = flavor.statements().readsCommentsAsMariaDb();
    assertThat(text("SELECT 1 /*M! + 1 */")).isEqualTo(asMariaDb ? "2" : "1");
    assertThat(text("SELECT 1 /*!50701 + 1 */")).isEqualTo(asMariaDb ? "1" : "2");
    assertThat(text("SELECT 1 /*!50101 + 1 */")).isEqualTo("2");
  }

  @Test
  void knowsCollationsByNameAndNumber() {
    Map<String, Integer> collations = flavor.catalog().collations(connection);
    assertThat(collations).containsEntry("utf8mb4_bin", 46).hasSizeGreaterThan(100);
    collations.forEach((name, id) -> {
      if (id % 7 == 0) {
        assertThat(flavor.catalog().collation(connection, id)).isPresent();
        assertThat(flavor.catalog().charsetOfCollation(connection, id)).isPresent();
      }
    });
    assertThat(flavor.catalog().collation(connection, 46)).hasValue("utf8mb4_bin");
    assertThat(flavor.catalog().charsetOfCollation(connection, 46)).hasValue("utf8mb4");
    assertThat(flavor.catalog().collation(connection, 60_000)).isEmpty();
    assertThat(flavor.catalog().charsetOfCollation(connection, 60_000)).isEmpty();
  }

  private List<List<String>> foreignKeys(String table) {
    String query = flavor.catalog().foreignKeysTo(connection, "flavor_it", table);
    List<List<String>> rows = new ArrayList<>();
    for (Row row : connection.execute(query).rows()) {
      if (row.text(0).isEmpty() || row.text(0).equals(table)) {
        rows.add(List.of(row.text(1), row.text(2)));
      }
    }
    return rows;
  }

  @Test
  void seesForeignKeysToATable() {
    connection.execute("CREATE TABLE p (a INT PRIMARY KEY)");
    List<List<String>> none = foreignKeys("p");
    connection.execute("CREATE TABLE c (a INT, FOREIGN KEY (a) REFERENCES p (a))");
    List<List<String>> one = foreignKeys("p");
    connection.execute("CREATE TABLE d (a INT, FOREIGN KEY (a) REFERENCES p (a))");
    assertThat(one).isNotEqualTo(none);
    assertThat(foreignKeys("p")).isNotEqualTo(one);
  }

  @Test
  void readsWhatColumnsAreComputedFrom() {
    connection.execute("CREATE TABLE t (a VARCHAR(9), b VARCHAR(9) AS (CONCAT(a, 'x')) STORED)");
    String shown =
        text(
            "SELECT GENERATION_EXPRESSION FROM information_schema.COLUMNS WHERE TABLE_SCHEMA ="
                + " 'flavor_it' AND COLUMN_NAME = 'b'");
    assertThat(flavor.catalog().expression(shown)).contains("'x'").doesNotContain("\\");
  }

  @Test
  void knowsWhetherThereAreSequences() {
    if (flavor.catalog().hasSequences()) {
      assertThatNoException().isThrownBy(() -> connection.execute("CREATE SEQUENCE s"));
    } else {
      assertThatExceptionOfType(MysqlException.class)
          .isThrownBy(() -> connection.execute("CREATE SEQUENCE s"))
          .satisfies(e -> assertThat(e.errno()).isEqualTo(SYNTAX_ERROR));
    }
  }

  @Test
  void asksForReplication() {
    ReplicationStatements replication = flavor.replication();
    assertThat(connection.execute(replication.status()).rows()).isEmpty();
    assertThat(connection.execute(replication.allStatuses().getFirst()).rows()).isEmpty();
    assertThat(connection.execute(replication.logStatus().getFirst()).only().text(0)).isNotEmpty();
    assertThat(connection.execute(replication.replicas()).rows()).isEmpty();
    for (String variable : replication.readOnly()) {
      assertThat(text("SELECT @@GLOBAL." + variable)).isEqualTo("0");
    }
    assertThat(replication.heartbeatSeconds(connection).orElse(0)).isBetween(0.0, 1e6);
    assertThat(replication.identity(connection)).isNotEmpty();
    assertThat(replication.uuid(connection)).matches("|[0-9a-f-]{36}");
    assertThat(replication.usesGtids(column -> "")).isFalse();
  }

  @Test
  void namesPrivilegesThatAreThere() {
    Privileges privileges = flavor.privileges();
    List<String> all = new ArrayList<>(List.of(privileges.toWriteUnlogged()));
    all.addAll(privileges.toSeePrepared());
    all.addAll(privileges.toSeeReplication());
    all.addAll(privileges.toSeeCode());
    connection.execute("CREATE USER flavor_it IDENTIFIED BY 'secret'");
    for (String privilege : all) {
      assertThatNoException()
          .as(privilege)
          .isThrownBy(() -> connection.execute("GRANT " + privilege + " ON *.* TO flavor_it"));
    }
  }

  @Test
  void tellsWhatAnAccountWasGranted() {
    connection.execute("CREATE USER flavor_it IDENTIFIED BY 'secret'");
    connection.execute("CREATE ROLE flavor_it_role");
    connection.execute("GRANT SELECT ON flavor_it.* TO flavor_it_role");
    assertThat(granted().idleRoles()).isFalse();
    connection.execute("GRANT flavor_it_role TO flavor_it");
    assertThat(granted().idleRoles()).isTrue();
    connection.execute("SET DEFAULT ROLE flavor_it_role " + forUser());
    Privileges.Grants granted = granted();
    assertThat(granted.idleRoles()).isFalse();
    assertThat(granted.lines()).anyMatch(line -> line.startsWith("GRANT SELECT ON `flavor_it`"));
  }

  /** The two have one word each for it. */
  private String forUser() {
    return connection.serverVersion().contains("MariaDB") ? "FOR flavor_it" : "TO flavor_it";
  }

  private Privileges.Grants granted() {
    MysqlEndpoint shared = TestServer.endpoint(server.shared());
    try (MysqlConnection as =
        MysqlConnection.open(
            new MysqlEndpoint(
                shared.host(), shared.port(), "flavor_it", Password.of("secret"), null))) {
      return flavor.privileges().granted(as);
    }
  }

  @Test
  void tellsPositions() {
    connection.execute("CREATE TABLE t (a INT)");
    GtidPositions positions = flavor.positions();
    Position current = positions.current(connection);
    assertThat(positions.takes(current)).isTrue();
    assertThat(positions.parse(positions.currentText(connection))).isEqualTo(current);
    assertThat(current.atLeast(positions.beginningOfLog(connection))).isTrue();
    assertThat(positions.lost(connection, current)).isEmpty();
    positions
        .received(connection, current.text(), "")
        .ifPresent(received -> assertThat(positions.parse(received)).isEqualTo(current));
  }

  @Test
  void dumpsItsLogFromAPosition() {
    Position before = flavor.positions().current(connection);
    connection.execute("CREATE TABLE t (a INT)");
    try (MysqlConnection replica = MysqlConnection.open(endpoint.withDatabase(null))) {
      replica.readTimeout(Duration.ofSeconds(30));
      replica.execute(
          "SET @master_binlog_checksum=@@global.binlog_checksum,"
              + " @source_binlog_checksum=@@global.binlog_checksum");
      BinlogDump dump = flavor.binaryLog().dump(replica, before);
      boolean found = false;
      while (!found) {
        found = new String(dump.next(), ISO_8859_1).contains("CREATE TABLE t");
      }
      replica.abort();
    }
  }
}
