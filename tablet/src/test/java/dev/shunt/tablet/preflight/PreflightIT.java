package dev.shunt.tablet.preflight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shunt.embedded.DatabaseKind;
import dev.shunt.embedded.Engine;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.Password;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.vstreamer.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each line of the checklist that can be broken on a running server. */
class PreflightIT {
  private static final Role SOURCE = Role.SOURCE;
  private static final Role TARGET = Role.TARGET;

  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  /** A setting that breaks a line, and one that holds. */
  private record Case(Line line, Role role, String breaks, String holds) {}

  private static List<Case> settings(DatabaseKind kind) {
    List<Case> cases = new ArrayList<>();
    cases.add(new Case(Line.BINLOG_FORMAT, SOURCE, "binlog_format='MIXED'", "binlog_format='ROW'"));
    cases.add(
        new Case(Line.ROW_IMAGE, SOURCE, "binlog_row_image='MINIMAL'", "binlog_row_image='FULL'"));
    cases.add(
        new Case(
            Line.ROW_METADATA,
            SOURCE,
            "binlog_row_metadata='MINIMAL'",
            "binlog_row_metadata='FULL'"));
    cases.add(
        new Case(Line.INIT_CONNECT, SOURCE, "init_connect='SET sql_log_bin=0'", "init_connect=''"));
    cases.add(
        new Case(
            Line.INIT_CONNECT,
            SOURCE,
            "init_connect='SET SESSION binlog_format = STATEMENT'",
            "init_connect='SET NAMES utf8mb4'"));
    cases.add(
        new Case(
            Line.LOG_EXPIRY,
            SOURCE,
            "binlog_expire_logs_seconds=3600",
            "binlog_expire_logs_seconds=2592000"));
    cases.add(new Case(Line.READ_ONLY, TARGET, "read_only=1", "read_only=0"));
    cases.add(new Case(Line.WAY_BACK, TARGET, "binlog_format='MIXED'", "binlog_format='ROW'"));
    if (kind.engine() == Engine.MARIADB) {
      cases.add(new Case(Line.GTID_STRICT, SOURCE, "gtid_strict_mode=0", "gtid_strict_mode=1"));
      cases.add(
          new Case(
              Line.ENFORCED_ENGINE,
              TARGET,
              "enforce_storage_engine=Aria",
              "enforce_storage_engine=NULL"));
      cases.add(new Case(Line.READ_ONLY, TARGET, "tx_read_only=1", "tx_read_only=0"));
      if (kind == DatabaseKind.MARIADB_11_4) {
        cases.add(
            new Case(
                Line.LOG_EXPIRY,
                SOURCE,
                "max_binlog_total_size=1048576",
                "max_binlog_total_size=0"));
      }
    } else {
      cases.add(
          new Case(
              Line.ROW_IMAGE,
              SOURCE,
              "binlog_row_value_options='PARTIAL_JSON'",
              "binlog_row_value_options=''"));
      cases.add(
          new Case(
              Line.LOG_ERRORS,
              SOURCE,
              "binlog_error_action='IGNORE_ERROR'",
              "binlog_error_action='ABORT_SERVER'"));
      cases.add(new Case(Line.GTID_MODE, SOURCE, "gtid_mode='ON_PERMISSIVE'", "gtid_mode='ON'"));
      cases.add(new Case(Line.READ_ONLY, TARGET, "super_read_only=1", "super_read_only=0"));
      cases.add(
          new Case(Line.READ_ONLY, TARGET, "transaction_read_only=1", "transaction_read_only=0"));
      cases.add(
          new Case(
              Line.REQUIRED_KEY, TARGET, "sql_require_primary_key=1", "sql_require_primary_key=0"));
      cases.add(
          new Case(
              Line.GENERATED_KEY,
              TARGET,
              "sql_generate_invisible_primary_key=1",
              "sql_generate_invisible_primary_key=0"));
    }
    return cases;
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void findsEachSettingThatAServerCanChange(DatabaseKind kind) {
    TestDatabase database = TestDatabase.source(kind);
    try (MysqlConnection connection = MysqlConnection.open(database.endpoint())) {
      for (Case setting : settings(kind)) {
        try {
          connection.execute("SET GLOBAL " + setting.breaks());
          assertThat(lines(connection, setting.role(), Scope.all(database.name(), "_vt")))
              .as(kind + " with " + setting.breaks())
              .contains(setting.line());
        } finally {
          if (setting.breaks().startsWith("super_read_only")) {
            connection.execute("SET GLOBAL super_read_only=0");
            connection.execute("SET GLOBAL read_only=0");
          }
          connection.execute("SET GLOBAL " + setting.holds());
        }
        assertThat(lines(connection, setting.role(), Scope.all(database.name(), "_vt")))
            .as(kind + " with " + setting.holds())
            .doesNotContain(setting.line());
        connection.execute("SET GLOBAL init_connect=''");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void findsColumnsThatDependOnTheSession(DatabaseKind kind) {
    TestDatabase database = TestDatabase.source(kind);
    database.run(
        "CREATE TABLE a (id INT PRIMARY KEY, ts TIMESTAMP NULL, v VARCHAR(9),"
            + " g INT AS (HOUR(ts)) STORED, h INT AS (HOUR(ts)) VIRTUAL)",
        "CREATE TABLE b (id INT PRIMARY KEY, ts TIMESTAMP NULL, d DATETIME, v VARCHAR(9),"
            + " g INT AS (IF(ts IS NULL, 1, NULL)) STORED,"
            + " s VARCHAR(30) AS (CONCAT(v, 'it''s ts')) STORED, e INT AS (HOUR(d)) STORED)",
        "CREATE TABLE c (id INT PRIMARY KEY, ts TIMESTAMP NULL, h INT AS (HOUR(ts)) VIRTUAL,"
            + " g INT AS (h + 1) STORED)",
        "CREATE TABLE d (id INT PRIMARY KEY, date TIMESTAMP NULL, v VARCHAR(30),"
            + " g DATE AS (CAST(v AS DATE)) STORED)",
        "CREATE TABLE e (id INT PRIMARY KEY, d DATETIME,"
            + " g TIMESTAMP AS (d + INTERVAL 7 DAY) STORED)");
    try (MysqlConnection connection = MysqlConnection.open(database.endpoint())) {
      for (Role role : Role.values()) {
        List<Finding> found =
            Preflight.findings(connection, role, Scope.all(database.name(), "_vt")).stream()
                .filter(finding -> finding.line() == Line.COMPUTED_BY_SESSION)
                .toList();
        assertThat(found).allMatch(finding -> finding.refuses() == (role == TARGET));
        assertThat(found)
            .extracting(Finding::text)
            .satisfiesExactlyInAnyOrder(
                text -> assertThat(text).contains("column g of a", "time zone", "hour(`ts`)"),
                text -> assertThat(text).contains("column g of c", "time zone", "`h` + 1"),
                text ->
                    assertThat(text).contains("column g of e", "time zone", "`d` + interval 7"));
      }
    }
  }

  private static List<Line> lines(MysqlConnection connection, Role role, Scope scope) {
    return Preflight.findings(connection, role, scope).stream().map(Finding::line).toList();
  }

  private static List<String> texts(MysqlConnection connection, Role role, Scope scope, Line line) {
    return Preflight.findings(connection, role, scope).stream()
        .filter(finding -> finding.line() == line)
        .map(Finding::text)
        .toList();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void findsDurabilityThatIsRelaxed(DatabaseKind kind) {
    TestDatabase database = TestDatabase.source(kind);
    try (MysqlConnection connection = MysqlConnection.open(database.endpoint())) {
      // The servers of tests are relaxed.
      assertThat(texts(connection, SOURCE, Scope.all(database.name(), "_vt"), Line.DURABILITY))
          .hasSize(2);
    }
  }

  private static List<String> engines(DatabaseKind kind) {
    List<String> engines = new ArrayList<>(List.of("MyISAM", "MEMORY", "CSV", "MRG_MyISAM"));
    engines.add(kind.engine() == Engine.MARIADB ? "Aria" : "ARCHIVE");
    engines.add("BLACKHOLE");
    return engines;
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void refusesTablesOfOtherEngines(DatabaseKind kind) {
    TestDatabase database = TestDatabase.source(kind);
    database.run("CREATE TABLE inno (id INT NOT NULL)");
    List<String> expected = new ArrayList<>();
    try (MysqlConnection connection = MysqlConnection.open(database.endpoint())) {
      List<String> there =
          connection
              .execute(
                  "SELECT UPPER(ENGINE) FROM information_schema.ENGINES WHERE SUPPORT IN"
                      + " ('YES', 'DEFAULT')")
              .rows()
              .stream()
              .map(row -> row.text(0))
              .toList();
      for (String engine : engines(kind)) {
        if (there.contains(engine.toUpperCase(java.util.Locale.ROOT))) {
          connection.execute("CREATE TABLE t_" + engine + " (id INT NOT NULL) ENGINE=" + engine);
          expected.add("t_" + engine);
        }
      }
      assertThat(expected).hasSizeGreaterThan(3);
      for (Role role : Role.values()) {
        assertThat(Preflight.findings(connection, role, Scope.all(database.name(), "_vt")))
            .filteredOn(finding -> finding.line() == Line.ENGINE)
            .allMatch(Finding::refuses)
            .extracting(Finding::subject)
            .containsExactlyInAnyOrderElementsOf(expected);
      }
      assertThat(lines(connection, SOURCE, Scope.of(database.name(), "_vt", Set.of("inno"))))
          .doesNotContain(Line.ENGINE);
      assertThatThrownBy(() -> Preflight.demandTargetTable(connection, database.name(), "t_MyISAM"))
          .isInstanceOf(RpcException.class)
          .hasMessageContaining("the target can't be streamed: the table t_MyISAM has the engine")
          .hasMessageContaining("ENGINE = InnoDB");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void tellsWhatStaysBehind(DatabaseKind kind) {
    TestDatabase database = TestDatabase.source(kind);
    database.run(
        "CREATE TABLE t (id INT PRIMARY KEY, v INT)",
        "CREATE TABLE u (id INT PRIMARY KEY)",
        "CREATE VIEW seen AS SELECT id FROM t",
        "CREATE TRIGGER counts BEFORE INSERT ON t FOR EACH ROW SET NEW.v = 1",
        "CREATE PROCEDURE does() SELECT 1",
        "CREATE FUNCTION gives() RETURNS INT DETERMINISTIC RETURN 1",
        "CREATE EVENT later ON SCHEDULE AT '2037-01-01 00:00:00' DO SELECT 1");
    try (MysqlConnection connection = MysqlConnection.open(database.endpoint())) {
      Scope both = Scope.of(database.name(), "_vt", Set.of("t", "u"));
      assertThat(String.join("\n", texts(connection, SOURCE, both, Line.STAYS_BEHIND)))
          .contains("view seen", "procedure does", "function gives", "event later");
      assertThat(texts(connection, SOURCE, both, Line.SOURCE_TRIGGERS))
          .singleElement()
          .asString()
          .contains("trigger counts of t");
      assertThat(texts(connection, TARGET, both, Line.TARGET_TRIGGERS)).hasSize(1);
      assertThat(lines(connection, SOURCE, Scope.of(database.name(), "_vt", Set.of("u"))))
          .doesNotContain(Line.SOURCE_TRIGGERS);
      assertThat(
              texts(
                  connection,
                  SOURCE,
                  Scope.of(database.name(), "_vt", Set.of("seen")),
                  Line.TABLE_KIND))
          .singleElement()
          .asString()
          .contains("seen is a view");
      assertThat(lines(connection, SOURCE, Scope.all(database.name(), "_vt")))
          .doesNotContain(Line.TABLE_KIND);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void refusesKindsOfTablesThatOnlyMariaDbHas(DatabaseKind kind) {
    if (kind.engine() != Engine.MARIADB) {
      return;
    }
    TestDatabase database = TestDatabase.source(kind);
    database.run(
        "CREATE TABLE hist (id INT PRIMARY KEY, v VARCHAR(20)) WITH SYSTEM VERSIONING",
        "CREATE SEQUENCE s1",
        "CREATE TABLE numbered (id INT PRIMARY KEY DEFAULT NEXTVAL(s1))",
        "CREATE TABLE text (id INT PRIMARY KEY, v VARCHAR(20) DEFAULT 'nextvalue')");
    try (MysqlConnection connection = MysqlConnection.open(database.endpoint())) {
      Scope all = Scope.all(database.name(), "_vt");
      assertThat(texts(connection, SOURCE, all, Line.SYSTEM_VERSIONED))
          .singleElement()
          .asString()
          .contains("hist", "system versioning");
      assertThat(texts(connection, SOURCE, all, Line.SEQUENCE_DEFAULT))
          .singleElement()
          .asString()
          .contains("numbered", "sequence", "nextval");
      assertThat(String.join("\n", texts(connection, SOURCE, all, Line.STAYS_BEHIND)))
          .contains("sequence s1")
          .doesNotContain("hist");
      Scope others = Scope.of(database.name(), "_vt", Set.of("text"));
      assertThat(lines(connection, SOURCE, others))
          .doesNotContain(Line.SYSTEM_VERSIONED, Line.SEQUENCE_DEFAULT);
      assertThat(String.join("\n", texts(connection, SOURCE, others, Line.STAYS_BEHIND)))
          .contains("sequence s1", "system-versioned table hist");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void refusesASidecarWithoutTransactions(DatabaseKind kind) {
    TestDatabase database = TestDatabase.source(kind);
    TestDatabase sidecar = TestDatabase.source(kind);
    sidecar.run("CREATE TABLE vreplication (id INT) ENGINE=MyISAM");
    try (MysqlConnection connection = MysqlConnection.open(database.endpoint())) {
      assertThat(lines(connection, TARGET, Scope.all(database.name(), sidecar.name())))
          .contains(Line.SIDECAR_ENGINE);
      sidecar.run("ALTER TABLE vreplication ENGINE=InnoDB");
      assertThat(lines(connection, TARGET, Scope.all(database.name(), sidecar.name())))
          .doesNotContain(Line.SIDECAR_ENGINE);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void printsTheRightsThatAnAccountLacks(DatabaseKind kind) {
    TestDatabase database = TestDatabase.source(kind);
    String name = database.name();
    String account = "'few_" + name + "'@'%'";
    database.run(
        "CREATE TABLE t (id INT PRIMARY KEY)",
        "CREATE USER " + account + " IDENTIFIED BY 'secret'",
        "GRANT SELECT ON " + name + ".* TO " + account);
    MysqlEndpoint few =
        new MysqlEndpoint(
            database.endpoint().host(),
            database.endpoint().port(),
            "few_" + name,
            Password.of("secret"),
            name);
    Scope scope = Scope.of(name, "_vt", Set.of("t"));
    for (int round = 0; round < 2; round++) {
      for (Role role : Role.values()) {
        List<String> remedies = new ArrayList<>();
        try (MysqlConnection connection = MysqlConnection.open(few)) {
          for (Finding finding : Preflight.findings(connection, role, scope)) {
            if (finding.line() == Line.RIGHTS || finding.line() == Line.RIGHTS_WISHED) {
              remedies.addAll(finding.remedy());
            }
          }
        }
        assertThat(remedies)
            .as(kind + " " + role + " " + round)
            .allMatch(grant -> grant.startsWith("GRANT "));
        if (round == 0 && role == Role.SOURCE) {
          assertThat(remedies)
              .anyMatch(grant -> grant.contains("LOCK TABLES"))
              .anyMatch(grant -> grant.contains("`_vt`"))
              .anyMatch(grant -> grant.contains("REPLICATION SLAVE"));
        }
        // What is printed can be pasted, and then nothing is missing.
        remedies.forEach(database::run);
        try (MysqlConnection connection = MysqlConnection.open(few)) {
          assertThat(lines(connection, role, scope))
              .as(kind + " " + role)
              .doesNotContain(Line.RIGHTS, Line.RIGHTS_WISHED, Line.NOT_TOLD);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void countsRolesThatAreInForce(DatabaseKind kind) {
    TestDatabase database = TestDatabase.source(kind);
    String name = database.name();
    String role = "role_" + name;
    String account = "'by_role_" + name + "'@'%'";
    boolean maria = kind.engine() == Engine.MARIADB;
    database.run(
        "CREATE ROLE " + role,
        "GRANT ALL PRIVILEGES ON *.* TO " + role,
        "CREATE USER " + account + " IDENTIFIED BY 'secret'",
        "GRANT " + role + " TO " + account);
    MysqlEndpoint endpoint =
        new MysqlEndpoint(
            database.endpoint().host(),
            database.endpoint().port(),
            "by_role_" + name,
            Password.of("secret"),
            null);
    Scope scope = Scope.all(name, "_vt");
    try (MysqlConnection connection = MysqlConnection.open(endpoint)) {
      assertThat(lines(connection, SOURCE, scope)).contains(Line.RIGHTS);
    }
    database.run(
        maria
            ? "SET DEFAULT ROLE " + role + " FOR " + account
            : "SET DEFAULT ROLE ALL TO " + account);
    try (MysqlConnection connection = MysqlConnection.open(endpoint)) {
      assertThat(lines(connection, SOURCE, scope)).doesNotContain(Line.RIGHTS, Line.RIGHTS_WISHED);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void missesWhatWasRevokedInPart(DatabaseKind kind) {
    if (kind.engine() != Engine.MYSQL) {
      return;
    }
    TestDatabase database = TestDatabase.source(kind);
    String name = database.name();
    String account = "'part_" + name + "'@'%'";
    database.run("SET GLOBAL partial_revokes=ON");
    database.run(
        "CREATE USER " + account + " IDENTIFIED BY 'secret'",
        "GRANT ALL PRIVILEGES ON *.* TO " + account,
        "REVOKE SELECT ON " + name + ".* FROM " + account);
    MysqlEndpoint endpoint =
        new MysqlEndpoint(
            database.endpoint().host(),
            database.endpoint().port(),
            "part_" + name,
            Password.of("secret"),
            null);
    try (MysqlConnection connection = MysqlConnection.open(endpoint)) {
      assertThat(texts(connection, SOURCE, Scope.all(name, "_vt"), Line.RIGHTS))
          .singleElement()
          .asString()
          .contains("lacks SELECT on " + name);
    } finally {
      database.run("DROP USER " + account);
      database.run("SET GLOBAL partial_revokes=OFF");
    }
  }
}
