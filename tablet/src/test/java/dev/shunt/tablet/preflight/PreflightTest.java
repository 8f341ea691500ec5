package dev.shunt.tablet.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.mysql.Flavor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the checklist makes of facts that a running server can't be brought to in a test. */
class PreflightTest {
  private static final Pattern ROW =
      Pattern.compile("^\\| `([a-z-]+)` \\| (REFUSE|WARN) \\|", Pattern.MULTILINE);

  private static ServerFacts facts(Flavor flavor, Map<String, String> variables) {
    return new ServerFacts(flavor, "1.0", variables, List.of(), Map.of(), Map.of());
  }

  private static List<Line> lines(ServerFacts facts) {
    return LogLines.judge(facts, "shop", "_vt", table -> true, () -> List.of("t", "u")).stream()
        .map(Finding::line)
        .toList();
  }

  @Test
  void theDocumentListsTheSameLines() throws IOException {
    Path document = Path.of("").toAbsolutePath().resolve("../docs/preflight.md").normalize();
    List<String> listed = new ArrayList<>();
    Matcher row = ROW.matcher(Files.readString(document));
    while (row.find()) {
      listed.add(row.group(1) + " " + row.group(2));
    }
    assertThat(listed)
        .containsExactlyElementsOf(
            Arrays.stream(Line.values()).map(line -> line.id() + " " + line.severity()).toList());
  }

  @ParameterizedTest
  @CsvSource({
    "MYSQL, log_bin, OFF, ON, LOG_BIN",
    "MARIADB, log_bin, OFF, ON, LOG_BIN",
    "MYSQL, gtid_mode, OFF, ON, GTID_MODE",
    "MYSQL, binlog_format, MIXED, ROW, BINLOG_FORMAT",
    "MARIADB, expire_logs_days, 0.5, 3.000000, LOG_EXPIRY",
    "MARIADB, expire_logs_days, 0.5, 0.000000, LOG_EXPIRY",
    "MYSQL, sync_binlog, 0, 1, DURABILITY",
    "MYSQL, innodb_flush_log_at_trx_commit, 2, 1, DURABILITY",
    "MARIADB, binlog_row_image, NOBLOB, FULL_NODUP, ROW_IMAGE",
    "MARIADB, init_connect, set @@session.skip_replication=1, SET skip_replication=0, INIT_CONNECT",
    "MYSQL, init_connect, SET autocommit=1; SET SQL_LOG_BIN = OFF, SET SQL_LOG_BIN = ON, INIT_CONNECT",
    "MYSQL, init_connect, SET @@sql_log_bin := 0, SET binlog_format='row', INIT_CONNECT",
  })
  void judgesSettings(Flavor flavor, String name, String broken, String whole, Line line) {
    assertThat(lines(facts(flavor, Map.of(name, broken)))).containsExactly(line);
    assertThat(lines(facts(flavor, Map.of(name, whole)))).isEmpty();
  }

  @Test
  void logsOfClustersMustHaveWhatOtherNodesWrote() {
    Map<String, String> node = Map.of("wsrep_on", "ON", "log_slave_updates", "OFF");
    assertThat(lines(facts(Flavor.MARIADB, node))).containsExactly(Line.REPLICA_UPDATES);
    assertThat(lines(facts(Flavor.MARIADB, Map.of("log_slave_updates", "OFF")))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "binlog_ignore_db | shop        | LOG_FILTER",
        "binlog_ignore_db | a,shop      | LOG_FILTER",
        "binlog_ignore_db | SHOP        | LOG_FILTER",
        "binlog_ignore_db | a           | LOG_FILTER_OTHERS",
        "binlog_ignore_db | _vt         | LOG_FILTER_OTHERS",
        "binlog_do_db     | a           | LOG_FILTER",
        "binlog_do_db     | shop        | LOG_FILTER_OTHERS",
        "binlog_do_db     | shop,_vt    | LOG_FILTER_OTHERS",
      })
  void judgesFiltersOfTheLog(String column, String value, Line line) {
    ServerFacts facts =
        new ServerFacts(Flavor.MYSQL, "1.0", Map.of(), List.of(), Map.of(column, value), Map.of());
    assertThat(lines(facts)).containsExactly(line);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "replicate_do_db             | other       | true",
        "replicate_do_db             | other,shop  | false",
        "replicate_ignore_db         | shop        | true",
        "replicate_ignore_db         | other       | false",
        "replicate_do_table          | shop.t      | true",
        "replicate_ignore_table      | shop.u      | true",
        "replicate_ignore_table      | other.u     | false",
        "replicate_wild_ignore_table | sh%.%       | true",
        "replicate_wild_ignore_table | sh\\_p.%    | false",
        "replicate_wild_do_table     | shop.%      | false",
        "replicate_wild_do_table     | shop.t%     | true",
      })
  void judgesFiltersOfReplicas(String column, String value, boolean refused) {
    ServerFacts facts =
        new ServerFacts(
            Flavor.MYSQL, "1.0", Map.of(), List.of(Map.of(column, value)), Map.of(), Map.of());
    assertThat(lines(facts)).isEqualTo(refused ? List.of(Line.REPLICA_FILTER) : List.of());
  }

  @Test
  void looksAtTheTablesOfTheStreamOnly() {
    ServerFacts facts =
        new ServerFacts(
            Flavor.MYSQL,
            "1.0",
            Map.of(),
            List.of(Map.of("replicate_ignore_table", "shop.u")),
            Map.of(),
            Map.of());
    assertThat(LogLines.judge(facts, "shop", "_vt", "t"::equals, () -> List.of("t", "u")))
        .isEmpty();
  }

  @Test
  void readsGrants() {
    Rights rights =
        Rights.parse(
            List.of(
                "GRANT REPLICATION SLAVE, BINLOG MONITOR ON *.* TO `u`@`%` IDENTIFIED BY PASSWORD"
                    + " '*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19'",
                "GRANT SELECT, INSERT (a, b) ON `shop`.* TO `u`@`%`",
                "GRANT DELETE ON `sh\\_p`.* TO `u`@`%`",
                "GRANT DROP ON `sh%`.* TO `u`@`%`",
                "GRANT UPDATE ON `shop`.`t` TO `u`@`%`",
                "GRANT EXECUTE ON PROCEDURE `shop`.`p` TO `u`@`%`",
                "GRANT ALL PRIVILEGES ON `_vt`.* TO `u`@`%` WITH GRANT OPTION",
                "GRANT `r`@`%` TO `u`@`%`"));
    assertThat(rights.onServer("REPLICATION SLAVE")).isTrue();
    assertThat(rights.onServer("REPLICATION CLIENT")).isTrue();
    assertThat(rights.onServer("SELECT")).isFalse();
    assertThat(rights.onDatabase("SELECT", "shop")).isTrue();
    assertThat(rights.onDatabase("SELECT", "shop2")).isFalse();
    assertThat(rights.onDatabase("INSERT", "shop")).isFalse();
    assertThat(rights.onDatabase("DELETE", "shop")).isFalse();
    assertThat(rights.onDatabase("DELETE", "sh_p")).isTrue();
    assertThat(rights.onDatabase("DROP", "shop")).isTrue();
    assertThat(rights.onDatabase("UPDATE", "shop")).isFalse();
    assertThat(rights.onTable("UPDATE", "shop", "t")).isTrue();
    assertThat(rights.onTable("UPDATE", "shop", "u")).isFalse();
    assertThat(rights.onDatabase("CREATE", "_vt")).isTrue();
  }

  @Test
  void refusesNamesThatTheTargetSpellsInAnotherWay() {
    Scope scope = Scope.of("shop", "_vt", Set.of("Orders", "orders", "items"));
    assertThat(TargetLines.names(facts(Flavor.MYSQL, Map.of("lower_case_table_names", "1")), scope))
        .extracting(Finding::subject)
        .contains("Orders")
        .doesNotContain("items");
    assertThat(TargetLines.names(facts(Flavor.MYSQL, Map.of("lower_case_table_names", "0")), scope))
        .isEmpty();
  }

  @Test
  void findingsSayWhatWhyAndWhatToDo() {
    assertThat(Finding.ofServer(Line.LOG_BIN, "log_bin is OFF", "SET x", "SET y").text())
        .isEqualTo(
            "log_bin is OFF: changes that are not in the binary log never reach the target [SET x;"
                + " SET y]");
  }
}
