package dev.shunt.mysql;

import static dev.shunt.mysql.ScriptedServer.error;
import static dev.shunt.mysql.ScriptedServer.hangUp;
import static dev.shunt.mysql.ScriptedServer.row;
import static dev.shunt.mysql.ScriptedServer.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What servers of a flavor are asked, and what is made of answers that are not the usual ones. */
class FlavorQuestionsTest {
  private final ScriptedServer mysql = ScriptedServer.mysql();
  private final ScriptedServer mariaDb = ScriptedServer.mariaDb();

  @AfterEach
  void stop() {
    mysql.close();
    mariaDb.close();
  }

  @Test
  void mysqlsRolesCountWhereTheyAreInForce() {
    mysql.on("SELECT CURRENT_ROLE()", row("`r`@`%`,`s`@`%`"));
    mysql.on("SHOW GRANTS FOR CURRENT_USER() USING", row("GRANT SELECT ON *.* TO `u`@`%`"));
    try (MysqlConnection connection = mysql.connect()) {
      Privileges.Grants granted = Flavor.MYSQL.privileges().granted(connection);

      assertThat(granted.lines()).containsExactly("GRANT SELECT ON *.* TO `u`@`%`");
      assertThat(granted.idleRoles()).isFalse();
      assertThat(mysql.statements().getLast())
          .isEqualTo("SHOW GRANTS FOR CURRENT_USER() USING `r`@`%`,`s`@`%`");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GRANT `r`@`%` TO `u`@`%`               | true",
        "GRANT SELECT ON `a`.* TO `u`@`%`       | false",
        "GRANT `r`.* ON `x` TO `u`@`%`          | false",
        "GRANT USAGE ON *.* TO `u`@`%`          | false"
      })
  void mysqlsRolesAreIdleWhereNoneIsInForce(String line, boolean idle) {
    mysql.on("SELECT CURRENT_ROLE()", row("NONE"));
    mysql.on("SHOW GRANTS FOR CURRENT_USER()", row(line));
    try (MysqlConnection connection = mysql.connect()) {
      assertThat(Flavor.MYSQL.privileges().granted(connection).idleRoles()).isEqualTo(idle);
      assertThat(mysql.statements().getLast()).isEqualTo("SHOW GRANTS FOR CURRENT_USER()");
    }
  }

  @Test
  void mariaDbAlsoAsksWhatEverybodyMayDo() {
    mariaDb.on("SHOW GRANTS FOR PUBLIC", row("GRANT EXECUTE ON `sys`.* TO PUBLIC"));
    mariaDb.on("SHOW GRANTS", row("GRANT `r` TO `u`@`%`"));
    mariaDb.on("SELECT CURRENT_ROLE()", row((String) null), row("r"));
    try (MysqlConnection connection = mariaDb.connect()) {
      Privileges.Grants granted = Flavor.MARIADB.privileges().granted(connection);
      assertThat(granted.lines())
          .containsExactly("GRANT `r` TO `u`@`%`", "GRANT EXECUTE ON `sys`.* TO PUBLIC");
      assertThat(granted.idleRoles()).isTrue();
      assertThat(Flavor.MARIADB.privileges().granted(connection).idleRoles()).isFalse();
    }
  }

  /** Servers before 10.11 refuse that as a syntax error. */
  @Test
  void mariaDbIsAsOldAsItsRefusal() {
    mariaDb.on("SHOW GRANTS FOR PUBLIC", error(1064, "42000", "You have an error"), hangUp());
    mariaDb.on("SHOW GRANTS", row("GRANT USAGE ON *.* TO `u`@`%`"));
    try (MysqlConnection connection = mariaDb.connect()) {
      assertThat(Flavor.MARIADB.privileges().granted(connection).lines()).hasSize(1);
      assertThat(mariaDb.statements()).doesNotContain("SELECT CURRENT_ROLE()");
      assertThatThrownBy(() -> Flavor.MARIADB.privileges().granted(connection))
          .hasMessageContaining("lost the connection");
    }
  }

  @Test
  void mariaDbsCollationsHaveTheirFullNamesWhereThereAreSuch() {
    mariaDb.on("SELECT 1 FROM information_schema.COLUMNS", row("1"), rows());
    mariaDb.on("SELECT FULL_COLLATION_NAME, ID", row("utf8mb4_uca1400_ai_ci", "2304"));
    mariaDb.on("SELECT COLLATION_NAME, ID", row("latin1_swedish_ci", "8"));
    try (MysqlConnection connection = mariaDb.connect()) {
      Catalog catalog = Flavor.MARIADB.catalog();
      assertThat(catalog.collations(connection)).isEqualTo(Map.of("utf8mb4_uca1400_ai_ci", 2304));
      assertThat(catalog.collations(connection)).isEqualTo(Map.of("latin1_swedish_ci", 8));
    }
  }

  @Test
  void mariaDbsCollationOfANumberIsLookedForInBothPlaces() {
    mariaDb.on("SELECT COLLATION_NAME", rows(), row("utf8mb4_bin"));
    mariaDb.on("SELECT FULL_COLLATION_NAME", row("utf8mb4_uca1400_ai_ci"));
    mariaDb.on("SELECT CHARACTER_SET_NAME FROM information_schema.COLLATIONS", rows());
    mariaDb.on("SELECT CHARACTER_SET_NAME FROM information_schema.COLLATION_CHAR", row("utf8mb4"));
    try (MysqlConnection connection = mariaDb.connect()) {
      Catalog catalog = Flavor.MARIADB.catalog();
      assertThat(catalog.collation(connection, 2304)).contains("utf8mb4_uca1400_ai_ci");
      assertThat(catalog.collation(connection, 46)).contains("utf8mb4_bin");
      assertThat(catalog.charsetOfCollation(connection, 2304)).contains("utf8mb4");
    }
  }

  /** InnoDB encodes other names than plain ones, so that they can't be compared. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "shop | orders | REF_NAME = 'shop/orders'",
        "shop | or-ders | LEFT(REF_NAME, 5) = 'shop/'",
        "my-shop | orders | 1 = 1"
      })
  void mariaDbAsksInnoDbForForeignKeys(String database, String table, String condition) {
    try (MysqlConnection connection = mariaDb.connect()) {
      assertThat(Flavor.MARIADB.catalog().foreignKeysTo(connection, database, table))
          .startsWith("SELECT '', COUNT(*)")
          .endsWith(" FROM information_schema.INNODB_SYS_FOREIGN WHERE " + condition);
    }
  }

  @Test
  void mariaDbAsksTheUsualWayWhereInnoDbIsNotShown() {
    mariaDb.on("SELECT '', COUNT(*)", error(1227, "42000", "Access denied; PROCESS"), hangUp());
    try (MysqlConnection connection = mariaDb.connect()) {
      assertThat(Flavor.MARIADB.catalog().foreignKeysTo(connection, "sh'op", "orders"))
          .contains("REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = 'sh\\'op' GROUP BY");
      assertThatThrownBy(() -> Flavor.MARIADB.catalog().foreignKeysTo(connection, "shop", "orders"))
          .hasMessageContaining("lost the connection");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "concat(`a`,_utf8mb4\\'x\\')   | concat(`a`,_utf8mb4'x')",
        "_utf8mb4\\'a\\\\\\\\b\\'       | _utf8mb4'a\\\\b'",
        "`a` + 1                     | `a` + 1"
      })
  void mysqlShowsExpressionsEscapedOnceMore(String shown, String expression) {
    assertThat(Flavor.MYSQL.catalog().expression(shown)).isEqualTo(expression);
    assertThat(Flavor.MARIADB.catalog().expression(shown)).isEqualTo(shown);
  }

  @Test
  void replicasFindTheirPlaceByGtidsInTheirOwnWords() {
    ReplicationStatements ours = Flavor.MARIADB.replication();
    assertThat(ours.usesGtids(Map.of("Using_Gtid", "Slave_Pos")::get)).isTrue();
    assertThat(ours.usesGtids(Map.of("Using_Gtid", "Current_Pos")::get)).isTrue();
    assertThat(ours.usesGtids(Map.of("Using_Gtid", "No")::get)).isFalse();
    assertThat(ours.usesGtids(column -> "")).isFalse();
    ReplicationStatements theirs = Flavor.MYSQL.replication();
    assertThat(theirs.usesGtids(Map.of("Auto_Position", "1")::get)).isTrue();
    assertThat(theirs.usesGtids(Map.of("Auto_Position", "0")::get)).isFalse();
    assertThat(theirs.usesGtids(column -> "")).isFalse();
  }

  @Test
  void theHeartbeatOfNoReplicaIsNotTold() {
    mysql.on("SELECT heartbeat_interval", rows(), row("30.000"));
    try (MysqlConnection connection = mysql.connect()) {
      ReplicationStatements statements = Flavor.MYSQL.replication();
      assertThat(statements.heartbeatSeconds(connection)).isEqualTo(OptionalDouble.empty());
      assertThat(statements.heartbeatSeconds(connection)).isEqualTo(OptionalDouble.of(30));
    }
  }

  /** A limit of zero is none at all, to both of them. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "PT1S      | 1     | 1000",
        "PT90S     | 90    | 90000",
        "PT0.25S   | 0.25  | 250",
        "PT0.0001S | 0.001 | 1",
        "PT0S      | 0.001 | 1",
      })
  void aSelectIsEndedAfterItsTimeHoweverShortThatIs(Duration most, String seconds, String millis) {
    assertThat(Flavor.MARIADB.statements().selectWithin(most))
        .isEqualTo("SET STATEMENT max_statement_time = " + seconds + " FOR SELECT ");
    assertThat(Flavor.MYSQL.statements().selectWithin(most))
        .isEqualTo("SELECT /*+ MAX_EXECUTION_TIME(" + millis + ") */ ");
  }

  @Test
  void aSnapshotOnMariaDbGoesOnWithoutThePrivilegeToWriteUnlogged() {
    mariaDb.on(
        "SET SESSION sql_log_bin",
        error(Snapshot.ACCESS_DENIED, "42000", "Access denied"),
        error(1193, "HY000", "Unknown system variable"));
    try (MysqlConnection connection = mariaDb.connect()) {
      Flavor.MARIADB.sessions().beforeSnapshot(connection);
      assertThatThrownBy(() -> Flavor.MARIADB.sessions().beforeSnapshot(connection))
          .hasMessageContaining("Unknown system variable");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      nullValues = "-",
      value = {
        // format | gtrid bytes | bqual bytes | data    | as XA COMMIT takes it
        "1        | 3           | 0           | abc     | 'abc'",
        "1        | 3           | 2           | abcde   | 'abc','de',1",
        "7        | 3           | 0           | abc     | 'abc','',7",
        "1        | 2           | 0           | a'      | X'6127'",
        "1        | 2           | 0           | a\\     | X'615c'",
        "1        | 2           | 0           | é       | X'c3a9'",
        "1        | 9           | 0           | abc     | 'abc'",
        "1        | 0           | 0           | -       | ''",
      })
  void transactionsThatArePreparedAreNamedAsXaCommitTakesThem(
      String format, String gtrid, String bqual, String data, String id) {
    mysql.on("XA RECOVER", row(format, gtrid, bqual, data));
    try (MysqlConnection connection = mysql.connect()) {
      assertThat(PreparedTransactions.find(connection)).containsExactly(id);
    }
  }

  @Test
  void anAccountThatMayNotLookForPreparedTransactionsIsToldWhatItLacks() {
    for (int errno : new int[] {1401, Snapshot.ACCESS_DENIED}) {
      try (ScriptedServer server =
              ScriptedServer.mysql().on("XA RECOVER", error(errno, "XAE03", "no"));
          MysqlConnection connection = server.connect()) {
        assertThatThrownBy(() -> PreparedTransactions.find(connection))
            .isInstanceOf(UnfitForSnapshotException.class)
            .hasMessageStartingWith("the account somebody may not look for prepared transactions")
            .hasMessageEndingWith("GRANT XA_RECOVER_ADMIN ON *.* TO it");
      }
    }
    mysql.on("XA RECOVER", error(1047, "08S01", "Unknown command"));
    try (MysqlConnection connection = mysql.connect()) {
      assertThatThrownBy(() -> PreparedTransactions.find(connection))
          .isInstanceOf(MysqlException.class);
    }
  }

  private List<String> statementsOf(ScriptedServer server) {
    return server.statements().stream().filter(sql -> !sql.startsWith("SET ")).toList();
  }

  @Test
  void aSnapshotLetsTheLockGoAndReadsThePositionUnderIt() {
    mysql.on("XA RECOVER", rows());
    mysql.on(
        "SELECT @@GLOBAL.gtid_executed", row("3e11fa47-71ca-11e1-9e33-c80aa9429562:1-9", "ON"));
    MysqlEndpoint endpoint = mysql.endpoint("geheim");
    try (Snapshot snapshot = Snapshot.open(endpoint, List.of("t"), 2, Duration.ofSeconds(5))) {
      assertThat(snapshot.position().text()).endsWith(":1-9");
      assertThat(snapshot.connections()).hasSize(2).first().isEqualTo(snapshot.connection());
    }
    String begin = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY";
    assertThat(statementsOf(mysql))
        .containsExactly(
            "XA RECOVER",
            "LOCK TABLES `t` READ",
            "XA RECOVER",
            begin,
            begin,
            "SELECT @@GLOBAL.gtid_executed, @@GLOBAL.gtid_mode",
            "XA RECOVER",
            "UNLOCK TABLES");
  }

  @Test
  void aSnapshotIsTakenAgainWhereSomethingWasPreparedUnderTheLock() {
    mysql.on("XA RECOVER", rows(), row("1", "1", "0", "x"), rows());
    mysql.on("SELECT @@GLOBAL.gtid_executed", row("", "ON"));
    MysqlEndpoint endpoint = mysql.endpoint("geheim");

    Snapshot.open(endpoint, List.of("t", "u"), 1, Duration.ofSeconds(5)).close();

    assertThat(statementsOf(mysql))
        .startsWith(
            "XA RECOVER",
            "FLUSH TABLES WITH READ LOCK",
            "XA RECOVER",
            "UNLOCK TABLES",
            "XA RECOVER",
            "FLUSH TABLES WITH READ LOCK")
        .endsWith("UNLOCK TABLES");
  }

  @Test
  void aSnapshotThatCanNotBeTakenClosesWhatItOpened() {
    mysql.on("XA RECOVER", rows());
    mysql.on("LOCK TABLES", error(1142, "42000", "LOCK TABLES command denied"));
    MysqlEndpoint endpoint = mysql.endpoint("geheim");

    assertThatThrownBy(() -> Snapshot.open(endpoint, List.of("t")).close())
        .hasMessageContaining("LOCK TABLES command denied");
    assertThatThrownBy(() -> Snapshot.open(endpoint, List.of()).close())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a snapshot needs a table and a connection at least");
    assertThatThrownBy(() -> Snapshot.open(endpoint, List.of("t"), 0, Duration.ZERO).close())
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(mysql.statements()).doesNotContain("UNLOCK TABLES");
  }
}
