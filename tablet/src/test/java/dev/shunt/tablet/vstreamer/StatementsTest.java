package dev.shunt.tablet.vstreamer;

import static org.assertj.core.api.Assertions.assertThat;

import binlogdata.Binlogdata;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.Password;
import dev.shunt.tablet.preflight.NameRule;
import dev.shunt.tablet.vstreamer.ServerCode.Text;
import dev.shunt.tablet.vstreamer.Statements.Kind;
import dev.shunt.tablet.vstreamer.binlog.BinlogEvent;
import dev.shunt.workflow.sql.SqlParser;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import vschema.Vschema;

/** What statements mean to a stream of table t of database shop. */
class StatementsTest {
  private static final SqlParser PARSER = SqlParser.create();

  private static Kind kind(NameRule names, Optional<List<Text>> code, String database, String sql) {
    MysqlEndpoint nowhere = new MysqlEndpoint("localhost", 1, "u", Password.of("p"), null);
    RowFilters filters =
        new RowFilters("shop", Vschema.SrvVSchema::getDefaultInstance, new CollatedOrder(nowhere));
    StreamRules rules =
        new StreamRules(
            Binlogdata.Filter.newBuilder()
                .addRules(Binlogdata.Rule.newBuilder().setMatch("t"))
                .build(),
            filters,
            PARSER,
            names);
    return new Statements(PARSER, rules, names, "shop", new ServerCode(() -> code))
        .kind(new BinlogEvent.Statement(0, database, SetStatement.inner(sql), Optional.empty()));
  }

  private static Kind kindWithoutCode(String database, String sql) {
    return kind(NameRule.EXACT, Optional.of(List.of()), database, sql);
  }

  private static Kind kindUnseen(String database, String sql) {
    return kind(NameRule.EXACT, Optional.empty(), database, sql);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "other|/*!40000 ALTER TABLE t DISABLE KEYS */|DDL",
        "shop|/*!40000 ALTER TABLE t DISABLE KEYS */|DDL_OF_STREAM",
        "shop|/*!40000 ALTER TABLE u DISABLE KEYS */|DDL",
        "other|/*!50001 DROP VIEW IF EXISTS v*/|DDL",
        "shop|/*!50001 DROP VIEW IF EXISTS v*/|DDL",
        "other|/*M!100201 ALTER TABLE shop.t ADD x INT */|DDL_OF_STREAM",
        "shop|SET STATEMENT lock_wait_timeout=5 FOR TRUNCATE TABLE t|DDL_OF_STREAM",
        "other|set statement a=(select 1 from x for update), b=2 for truncate table t|DDL",
        "other|/* x */ SET STATEMENT a=1 FOR SET STATEMENT b=2 FOR DELETE FROM shop.t|ROWS",
        "shop|SET STATEMENT a=1 FOR ANALYZE TABLE t|OTHER",
        "shop|SET PASSWORD FOR 'a' = 'b'|OTHER",
        "shop|ANALYZE TABLE t|OTHER",
        "shop|ANALYZE NO_WRITE_TO_BINLOG TABLES t|OTHER",
        "shop|ANALYZE UPDATE t SET x = 1|ROWS",
        "shop|ANALYZE FORMAT=JSON DELETE FROM t|ROWS",
        "other|ANALYZE DELETE FROM t|OTHER"
      })
  void areReadPastCommentsAndSettings(String database, String sql, Kind kind) {
    assertThat(kindWithoutCode(database, sql)).isEqualTo(kind);
  }

  @Test
  void settingsWithoutAnEndMayChangeRows() {
    assertThat(kindUnseen("shop", "SET STATEMENT a=1")).isEqualTo(Kind.ROWS);
    assertThat(kindUnseen("shop", "SET STATEMENT a='1 FOR DELETE FROM t")).isEqualTo(Kind.ROWS);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "INSERT INTO mysql.rds_heartbeat2(id, value) values (1,1) ON DUPLICATE KEY UPDATE value = 1",
        "INSERT INTO mysql.rds_heartbeat2(id, value) values (1,1700000000000)"
            + " ON DUPLICATE KEY UPDATE value = 1700000000000",
        "DELETE FROM mysql.rds_history WHERE id IN (1, 2)",
        "UPDATE `mysql`.`x` SET a = 1 WHERE (b = 2)"
      })
  void ofTheServersOwnDatabasePassAnAccountThatSeesNoCode(String sql) {
    assertThat(kindUnseen("", sql)).isEqualTo(Kind.OTHER);
    assertThat(kindUnseen("mysql", sql)).isEqualTo(Kind.OTHER);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mysql|INSERT INTO x SELECT a FROM shop.u",
        "mysql|INSERT INTO x VALUES (f(1))",
        "mysql|INSERT INTO x VALUES (other.f (1))",
        "mysql|INSERT INTO other.x VALUES (1)",
        "other|INSERT INTO x SELECT a FROM mysql.y",
        "mysql|CALL p(1)",
        "shop|INSERT INTO mysql.x VALUES (1)"
      })
  void thatMayLeadElsewhereDoNot(String database, String sql) {
    assertThat(kindUnseen(database, sql)).isEqualTo(Kind.ROWS);
  }

  @Test
  void ofAnotherDatabaseReachTheStreamByCodeOfOthersOnly() {
    Text own = new Text("shop", "INSERT INTO t VALUES (NEW.x)");
    Text unrelated = new Text("other", "INSERT INTO t VALUES (NEW.x)");
    Text bridge = new Text("third", "CALL shop.fill(NEW.x)");
    Text unreadable = new Text("third", "'");
    String elsewhere = "INSERT INTO x VALUES (1)";
    String within = "INSERT INTO shop.u VALUES (1)";

    assertThat(kind(NameRule.EXACT, Optional.of(List.of(own, unrelated)), "other", elsewhere))
        .isEqualTo(Kind.OTHER);
    assertThat(kind(NameRule.EXACT, Optional.of(List.of(own, unrelated)), "other", within))
        .isEqualTo(Kind.ROWS);
    assertThat(kind(NameRule.EXACT, Optional.of(List.of(own, bridge)), "other", elsewhere))
        .isEqualTo(Kind.ROWS);
    assertThat(kind(NameRule.EXACT, Optional.of(List.of(own, unreadable)), "other", elsewhere))
        .isEqualTo(Kind.ROWS);
    assertThat(kind(NameRule.EXACT, Optional.of(List.of(unrelated)), "other", within))
        .isEqualTo(Kind.OTHER);
    assertThat(kindUnseen("other", elsewhere)).isEqualTo(Kind.ROWS);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "shop|TRUNCATE gr\uFFFD\uFFFDe|DDL_OF_STREAM",
        "shop|DROP TABLE u, `\uFFFD`|DDL_OF_STREAM",
        "shop|RENAME TABLE u TO \"\uFFFD\"|DDL_OF_STREAM",
        "shop|ALTER TABLE t ADD x INT COMMENT '\uFFFD'|DDL_OF_STREAM",
        "shop|ALTER TABLE u ADD x INT COMMENT '\uFFFD'|DDL",
        "other|TRUNCATE \uFFFD.u|DDL_OF_STREAM",
        "other|DROP DATABASE \uFFFD|DDL_OF_STREAM",
        "shop|DELETE FROM \uFFFD|ROWS",
        "other|DELETE FROM \uFFFD.u|ROWS",
        "other|DELETE FROM u WHERE x = '\uFFFD'|OTHER",
        "shop|CREATE VIEW \uFFFD AS SELECT 1|DDL"
      })
  void whoseNamesCanNotBeReadMayNameATableOfTheStream(String database, String sql, Kind kind) {
    assertThat(kindWithoutCode(database, sql)).isEqualTo(kind);
  }

  @Test
  void areComparedAsTheServerComparesNames() {
    Optional<List<Text>> none = Optional.of(List.of());

    assertThat(kind(NameRule.EXACT, none, "SHOP", "DELETE FROM t")).isEqualTo(Kind.OTHER);
    assertThat(kind(NameRule.EXACT, none, "", "DROP DATABASE Shop")).isEqualTo(Kind.DDL);
    assertThat(kind(NameRule.WITHOUT_CASE, none, "SHOP", "DELETE FROM T")).isEqualTo(Kind.ROWS);
    assertThat(kind(NameRule.WITHOUT_CASE, none, "", "DROP DATABASE Shop"))
        .isEqualTo(Kind.DROP_DATABASE);
  }
}
