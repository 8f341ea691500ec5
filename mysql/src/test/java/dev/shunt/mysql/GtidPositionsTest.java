package dev.shunt.mysql;

import static dev.shunt.mysql.ScriptedServer.error;
import static dev.shunt.mysql.ScriptedServer.row;
import static dev.shunt.mysql.ScriptedServer.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is made of what servers tell of their log. */
class GtidPositionsTest {
  private static final String A = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
  private static final String B = "4e11fa47-71ca-11e1-9e33-c80aa9429562";

  private final ScriptedServer mysql = ScriptedServer.mysql();
  private final ScriptedServer mariaDb = ScriptedServer.mariaDb();

  @AfterEach
  void stop() {
    mysql.close();
    mariaDb.close();
  }

  @Test
  void aServerWithoutGtidsSaysWhatToSwitchOn() {
    mysql.on("SELECT @@GLOBAL.gtid_executed", row("", "OFF_PERMISSIVE"));
    mariaDb.on("SELECT @@GLOBAL.gtid_binlog_pos", row("", "", "0", "0"));
    try (MysqlConnection one = mysql.connect();
        MysqlConnection other = mariaDb.connect()) {
      assertThatExceptionOfType(MysqlException.class)
          .isThrownBy(() -> Positions.current(one))
          .withMessageContaining("has no GTID position: gtid_mode is OFF_PERMISSIVE; switch it on")
          .satisfies(e -> assertThat(e.errno()).isEqualTo(MysqlException.UNSUITABLE_SERVER));
      assertThatExceptionOfType(MysqlException.class)
          .isThrownBy(() -> Positions.current(other))
          .withMessageContaining("has no GTID position: log_bin is off; switch it on");
    }
  }

  @Test
  void aPositionOfTheOtherKindIsNotAwaited() {
    try (MysqlConnection connection = mysql.connect()) {
      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> Positions.waitFor(connection, Position.parse("MariaDB/0-1-5"), Duration.ZERO))
          .withMessage("MariaDB/0-1-5 can't be awaited on a MYSQL server");
      assertThat(mysql.statements()).isEmpty();
    }
  }

  /** Whatever is there has it. */
  @Test
  void theEmptyPositionIsNotAskedFor() {
    try (MysqlConnection one = mysql.connect();
        MysqlConnection other = mariaDb.connect()) {
      assertThat(Positions.waitFor(one, Position.parse("MySQL56/"), Duration.ofDays(1))).isTrue();
      assertThat(Positions.waitFor(other, Position.parse("MariaDB/"), Duration.ofDays(1))).isTrue();
      assertThat(mysql.statements()).isEmpty();
      assertThat(mariaDb.statements()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "PT30S, 30.000",
    "PT0.2S, 0.200",
    "PT0.001S, 0.001",
    "PT0.0019S, 0.001",
    "PT1H0.5S, 3600.500"
  })
  void mysqlWaitsAsLongAsIsLeft(Duration timeout, String seconds) {
    mysql.on("SELECT WAIT_FOR_EXECUTED_GTID_SET", row("0"), row("1"));
    try (MysqlConnection connection = mysql.connect()) {
      Position position = Position.parse("MySQL56/" + A + ":1-5");
      assertThat(Positions.waitFor(connection, position, timeout)).isTrue();
      assertThat(Positions.waitFor(connection, position, timeout)).isFalse();
      assertThat(mysql.statements().getFirst())
          .isEqualTo("SELECT WAIT_FOR_EXECUTED_GTID_SET('%s:1-5', %s)".formatted(A, seconds));
    }
  }

  /** The function takes zero for "for ever" and refuses what is below (MySQL manual). */
  @ParameterizedTest
  @ValueSource(longs = {0, 1, 499_999, 999_999, -1, -5_000_000_000L})
  void mysqlLooksOnceWhereNoTimeIsLeft(long nanos) {
    mysql.on(
        "SELECT @@GLOBAL.gtid_executed",
        row(A + ":1-4", "ON"),
        row(A + ":1-4,\n" + B + ":1", "ON"));
    try (MysqlConnection connection = mysql.connect()) {
      Duration timeout = Duration.ofNanos(nanos);
      assertThat(Positions.waitFor(connection, Position.parse("MySQL56/" + A + ":5"), timeout))
          .isFalse();
      assertThat(Positions.waitFor(connection, Position.parse("MySQL56/" + B + ":1"), timeout))
          .isTrue();
    }
  }

  @Test
  void mariaDbLooksUntilItIsThereAndOnceWhereNoTimeIsLeft() {
    mariaDb.on(
        "SELECT @@GLOBAL.gtid_binlog_pos",
        row("0-1-4", "", "0-1-4", "0"),
        row("0-1-4", "", "0-1-4", "0"),
        row("0-1-5", "", "0-1-5", "0"));
    try (MysqlConnection connection = mariaDb.connect()) {
      Position position = Position.parse("MariaDB/0-1-5");
      assertThat(Positions.waitFor(connection, position, Duration.ZERO)).isFalse();
      assertThat(Positions.waitFor(connection, position, Duration.ofSeconds(30))).isTrue();
      assertThat(mariaDb.statements()).hasSize(3);
    }
  }

  /** A replica that keeps no log of what it applies has it all the same. */
  @Test
  void mariaDbAlsoHasWhatItAppliedWithoutALogOfItsOwn() {
    mariaDb.on("SELECT @@GLOBAL.gtid_binlog_pos", row("", "0-9-7", "", "0"));
    try (MysqlConnection connection = mariaDb.connect()) {
      assertThat(Positions.waitFor(connection, Position.parse("MariaDB/0-9-7"), Duration.ZERO))
          .isTrue();
      assertThat(Positions.waitFor(connection, Position.parse("MariaDB/0-9-8"), Duration.ZERO))
          .isFalse();
    }
  }

  @Test
  void mysqlHasLostWhatItMadeItselfAndNeitherExecutedNorOwns() {
    Position asked = Position.parse("MySQL56/" + A + ":1-9," + B + ":1-100");
    mysql.on(
        "SELECT @@GLOBAL.server_uuid", row(A.toUpperCase(java.util.Locale.ROOT), "", A + ":1-7"));
    mysql.on("SELECT COUNT(*) FROM performance_schema", row("0"));
    try (MysqlConnection connection = mysql.connect()) {
      assertThat(LostTransactions.of(connection, asked))
          .contains(A + ":1-9 is asked for, it has " + A + ":1-7");
    }
  }

  /** They are sent to readers of the log before they count as executed. */
  @Test
  void mysqlHasNotLostWhatSessionsOwn() {
    Position asked = Position.parse("MySQL56/" + A + ":1-9");
    mysql.on("SELECT @@GLOBAL.server_uuid", row(A, A + ":8#12:9#31", A + ":1-7"));
    mysql.on("SELECT COUNT(*) FROM performance_schema", row("0"));
    try (MysqlConnection connection = mysql.connect()) {
      assertThat(LostTransactions.of(connection, asked)).isEmpty();
    }
  }

  @Test
  void mysqlMayGetItsOwnBackFromAnotherServer() {
    Position asked = Position.parse("MySQL56/" + A + ":1-9");
    mysql.on("SELECT @@GLOBAL.server_uuid", row(A, "", ""));
    mysql.on(
        "SELECT COUNT(*) FROM performance_schema",
        row("1"),
        error(1142, "42000", "SELECT command denied"));
    try (MysqlConnection connection = mysql.connect()) {
      assertThat(LostTransactions.of(connection, asked)).isEmpty();
      assertThat(LostTransactions.of(connection, asked))
          .contains(A + ":1-9 is asked for, it has none");
    }
  }

  @Test
  void mysqlMakesOneSetOfWhatItHasAndWhatIsOnItsWay() {
    mysql.on("SELECT GTID_SUBTRACT", row(A + ":1-9,\n" + B + ":1"));
    mariaDb.on("SELECT @@GLOBAL.gtid_binlog_pos", row("0-1-5,\n1-1-2"));
    try (MysqlConnection one = mysql.connect();
        MysqlConnection other = mariaDb.connect()) {
      assertThat(Flavor.MYSQL.positions().received(one, A + ":1-5", A + ":6-9"))
          .contains(A + ":1-9," + B + ":1");
      assertThat(mysql.statements())
          .containsExactly("SELECT GTID_SUBTRACT('%1$s:1-5,%1$s:6-9', '')".formatted(A));
      assertThat(Flavor.MARIADB.positions().received(other, "0-1-5", "0-1-9")).isEmpty();
      assertThat(Flavor.MARIADB.positions().currentText(other)).isEqualTo("0-1-5,1-1-2");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        // asked             | state         | replicated | wsrep | lost
        "0-7-9               | 0-7-8         | ''         | OFF   | 0-7-9 is asked for, it has 0-7-8",
        "0-7-9               | 0-7-9         | ''         | OFF   | -",
        "0-7-9               | 0-7-10,0-3-90 | ''         | OFF   | -",
        "0-3-9               | 0-7-8         | ''         | OFF   | -",
        "0-7-9               | ''            | ''         | OFF   | 0-7-9 is asked for, it has none",
        "0-7-9               | ''            | 0-3-9      | OFF   | -",
        "0-7-9               | ''            | 0-3-8      | OFF   | 0-7-9 is asked for, it has none",
        "0-7-9               | 0-7-8         | ''         | ON    | -",
        "0-3-5,1-7-4         | 1-7-3         | ''         | OFF   | 1-7-4 is asked for, it has 1-7-3",
      })
  void mariaDbHasLostWhatItMadeItselfAndKnowsNoMore(
      String asked, String state, String replicated, String wsrep, String lost) {
    mariaDb.on("SELECT @@GLOBAL.server_id", row("7", state, replicated));
    mariaDb.on("SHOW GLOBAL VARIABLES LIKE 'wsrep_on'", row("wsrep_on", wsrep));
    try (MysqlConnection connection = mariaDb.connect()) {
      assertThat(LostTransactions.of(connection, Position.parse("MariaDB/" + asked)).orElse(null))
          .isEqualTo(lost);
    }
  }

  @Test
  void theBeginningOfTheLogIsWhereItsFirstFileBegins() {
    mysql.on("SELECT @@GLOBAL.gtid_purged", row(A + ":1-3"));
    mariaDb.on("SHOW BINARY LOGS", rows(List.of("b'n.000007", "123"), List.of("b'n.000008", "9")));
    mariaDb.on("SELECT BINLOG_GTID_POS", row("0-1-5"), row((String) null));
    try (MysqlConnection one = mysql.connect();
        MysqlConnection other = mariaDb.connect()) {
      assertThat(Flavor.MYSQL.positions().beginningOfLog(one).text()).isEqualTo(A + ":1-3");
      assertThat(Flavor.MARIADB.positions().beginningOfLog(other).text()).isEqualTo("0-1-5");
      assertThat(Flavor.MARIADB.positions().beginningOfLog(other).isEmpty()).isTrue();
      assertThat(mariaDb.statements().get(1))
          .isEqualTo("SELECT BINLOG_GTID_POS('b\\'n.000007', 4)");
    }
  }
}
