package dev.shunt.workflow.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shunt.workflow.sharding.KeyRange;
import dev.shunt.workflow.sql.Condition.Compare;
import dev.shunt.workflow.sql.Condition.InKeyRange;
import dev.shunt.workflow.sql.Condition.Operator;
import dev.shunt.workflow.sql.FilterSelect.SelectedColumn;
import dev.shunt.workflow.sql.SqlValue.Bind;
import dev.shunt.workflow.sql.SqlValue.NumberLiteral;
import dev.shunt.workflow.sql.SqlValue.StringLiteral;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SqlParserTest {
  private final SqlParser parser = SqlParser.create();

  @Test
  void readsTheFilterOfAnUnshardedMove() {
    assertThat(parser.parseFilter("select * from `corder`"))
        .isEqualTo(new FilterSelect("corder", List.of(), List.of()));
  }

  @Test
  void readsInKeyRangeWithThreeArguments() {
    FilterSelect filter =
        parser.parseFilter(
            "select * from t where in_keyrange(customer_id, 'customer.xxhash', '-80')");

    assertThat(filter.where())
        .containsExactly(
            new InKeyRange(
                List.of("customer_id"), Optional.of("customer.xxhash"), KeyRange.parse("-80")));
    assertThat(filter.allColumns()).isTrue();
  }

  @Test
  void readsInKeyRangeWithOneArgument() {
    assertThat(parser.parseFilter("select * from t where in_keyrange('80-')").where())
        .containsExactly(new InKeyRange(List.of(), Optional.empty(), KeyRange.parse("80-")));
  }

  @Test
  void readsColumnsAliasesAndConditions() {
    FilterSelect filter =
        parser.parseFilter(
            "select id, `select` as s from `order` where in_keyrange(id, 'hash', '40-80')"
                + " and a = 1 and 'it''s' <= b and c != -2.5 and d in (1, \"x\") and e is not null");

    assertThat(filter.columns())
        .containsExactly(new SelectedColumn("id", "id"), new SelectedColumn("select", "s"));
    assertThat(filter.table()).isEqualTo("order");
    assertThat(filter.where().subList(1, 6))
        .containsExactly(
            new Compare("a", Operator.EQUAL, new NumberLiteral("1")),
            new Compare("b", Operator.GREATER_OR_EQUAL, new StringLiteral("it's")),
            new Compare("c", Operator.NOT_EQUAL, new NumberLiteral("-2.5")),
            new Condition.In("d", List.of(new NumberLiteral("1"), new StringLiteral("x"))),
            new Condition.NotNull("e"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select * from t where a = 1 or b = 2",
        "select * from t, u",
        "select * from t join u on t.a = u.a",
        "select count(*) from t",
        "select a + 1 as b from t",
        "select distinct a from t",
        "select * from t limit 1",
        "select * from t order by a",
        "select a from t group by a",
        "select * from t where a = :b",
        "select * from t where a = (select 1)",
        "select * from t where in_keyrange(a, '-80')",
        "select * from t where in_keyrange(a, 'hash', '80-40')",
        "select * from t union select * from u",
        "delete from t",
        "select * frm t",
        "select t.* from t",
        ""
      })
  void refusesOtherFilters(String sql) {
    assertThatThrownBy(() -> parser.parseFilter(sql)).isInstanceOf(SqlException.class);
  }

  @Test
  void findsTheTableAndTheEqualitiesOfASelect() {
    SqlStatement statement =
        parser.parse(
            "select c.name from `customer` c where c.customer_id = :id and (c.a = 'x') for update");

    assertThat(statement)
        .isEqualTo(
            new SqlStatement.Select(
                List.of(new TableName("", "customer")),
                Optional.of(new TableName("", "customer")),
                List.of(
                    new Compare("customer_id", Operator.EQUAL, new Bind("id")),
                    new Compare("a", Operator.EQUAL, new StringLiteral("x"))),
                true,
                false));
  }

  @Test
  void readsAnInsertOfSeveralRows() {
    SqlStatement statement =
        parser.parse(
            "insert into `customer`.`corder` (order_id, customer_id, note) values (:a, 5, 'x'),"
                + " (6, -7, null), (default, now(), 'a\\'b') on duplicate key update note = 'y'");

    SqlStatement.Insert insert = (SqlStatement.Insert) statement;
    assertThat(insert.table()).isEqualTo(new TableName("customer", "corder"));
    assertThat(insert.columns()).containsExactly("order_id", "customer_id", "note");
    assertThat(insert.rows())
        .containsExactly(
            List.of(new Bind("a"), new NumberLiteral("5"), new StringLiteral("x")),
            List.of(new NumberLiteral("6"), new NumberLiteral("-7"), new SqlValue.NullLiteral()),
            List.of(
                new SqlValue.Default(),
                new SqlValue.Expression("now()"),
                new StringLiteral("a'b")));
    assertThat(insert.updatedColumns()).containsExactly("note");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "insert into t (a, b) values (1, 'x')",
        "insert into t set a = 1, b = 'x'",
        "insert into t (a, b) values ((1), ('x'))"
      })
  void readsAnInsertOfOneRow(String sql) {
    SqlStatement.Insert insert = (SqlStatement.Insert) parser.parse(sql);

    assertThat(insert.columns()).containsExactly("a", "b");
    assertThat(insert.rows())
        .containsExactly(List.of(new NumberLiteral("1"), new StringLiteral("x")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "insert into t (a) values (1);1",
        "insert into t (a) values (1), (2);2",
        "insert ignore into t values (1, 2), (3, 4);2",
        "insert into t (a) select b from u;0"
      })
  void countsRows(String sql, int rows) {
    assertThat(((SqlStatement.Insert) parser.parse(sql)).rows()).hasSize(rows);
  }

  @Test
  void refusesRowsOfAnotherLengthThanTheColumns() {
    assertThatThrownBy(() -> parser.parse("insert into t (a, b) values (1, 2), (3)"))
        .isInstanceOf(SqlException.class)
        .hasMessage("column count doesn't match value count: 2 and 1");
  }

  @Test
  void readsReplace() {
    SqlStatement.Insert replace =
        (SqlStatement.Insert) parser.parse("replace into t (a, b) values (1, 2)");

    assertThat(replace.kind()).isEqualTo(StatementKind.REPLACE);
    assertThat(replace.rows())
        .containsExactly(List.of(new NumberLiteral("1"), new NumberLiteral("2")));
  }

  @Test
  void readsUpdateAndDelete() {
    assertThat(parser.parse("update t set a = a + 1, b = :b where id = 5 limit 1"))
        .isEqualTo(
            new SqlStatement.Update(
                List.of(new TableName("", "t")),
                Optional.of(new TableName("", "t")),
                List.of(
                    new SqlStatement.Assignment("a", new SqlValue.Expression("a + 1")),
                    new SqlStatement.Assignment("b", new Bind("b"))),
                List.of(new Compare("id", Operator.EQUAL, new NumberLiteral("5"))),
                true));
    assertThat(parser.parse("delete from t where id in (:a, 2) and x like 'y'"))
        .isEqualTo(
            new SqlStatement.Delete(
                List.of(new TableName("", "t")),
                Optional.of(new TableName("", "t")),
                List.of(
                    new Condition.In("id", List.of(new Bind("a"), new NumberLiteral("2"))),
                    new Condition.Unhandled("x LIKE 'y'")),
                false));
  }

  @Test
  void namesEveryTableOfAStatement() {
    assertThat(
            parser.tables(
                "select * from a join `b`.`c.d` on a.x = 1 where exists (select 1 from e)"))
        .containsExactlyInAnyOrder(
            new TableName("", "a"), new TableName("b", "c.d"), new TableName("", "e"));
    assertThat(parser.tables("insert into a select * from b"))
        .containsExactlyInAnyOrder(new TableName("", "a"), new TableName("", "b"));
    assertThat(parser.tables("update _vt.vreplication set message = 'x' where id = 1"))
        .containsExactly(new TableName("_vt", "vreplication"));
  }

  @Test
  void treatsAJoinOrSubSelectAsNotOneTable() {
    SqlStatement.Select select =
        (SqlStatement.Select) parser.parse("select * from a where id in (select id from b)");

    assertThat(select.table()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "select 1|SELECT",
        "(select 1)|SELECT",
        "/* x */ insert into t values (1)|INSERT",
        "'-- c\n update t set a=1'|UPDATE",
        "lock tables t read|OTHER",
        "alter table t add column a int|DDL",
        "start transaction|BEGIN",
        "commit|COMMIT",
        "set @a = 1|SET",
        "/*!40000 ALTER TABLE x DISABLE KEYS */|DDL",
        "/*!50001 DROP VIEW IF EXISTS v*/|DDL",
        "/*M!100201 alter table x add y int */|DDL",
        "/*!50003 CREATE*/ /*!50020 DEFINER=a@b*/ /*!50003 TRIGGER g*/|DDL",
        "/*! */ insert into t values (1)|INSERT",
        "/*M x */ insert into t values (1)|INSERT",
        "'--\tc\n update t set a=1'|UPDATE",
        "'--'|OTHER"
      })
  void tellsTheKindByTheFirstWord(String sql, StatementKind kind) {
    assertThat(parser.kind(sql)).isEqualTo(kind);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a = 1 or b = 2",
        "a = 1 and b in (2) or c = 3",
        "a = 1 and not b in (2) or c = 3",
        "a = 1 and b not in (2) and c = 3 or d = 4",
        "a = 1 and d->'$.x' = 2 or b = 3",
        "a = 1 xor b = 2"
      })
  void takesNoConditionOutOfAnOr(String where) {
    assertThat(where(where))
        .allSatisfy(condition -> assertThat(condition).isInstanceOf(Condition.Unhandled.class));
  }

  @Test
  void readsConditionsBehindAnInList() {
    assertThat(where("a in (1, 2) and b = 3 and c in (4) and d = 5"))
        .containsExactly(
            new Condition.In("a", List.of(new NumberLiteral("1"), new NumberLiteral("2"))),
            new Compare("b", Operator.EQUAL, new NumberLiteral("3")),
            new Condition.In("c", List.of(new NumberLiteral("4"))),
            new Compare("d", Operator.EQUAL, new NumberLiteral("5")));
  }

  private List<Condition> where(String where) {
    return ((SqlStatement.Delete) parser.parse("delete from t where " + where)).where();
  }

  @ParameterizedTest
  @ValueSource(strings = {"selec 1", "insert into", "select 'secret-value", "select from where"})
  void refusesBrokenStatementsWithoutShowingValues(String sql) {
    assertThatThrownBy(() -> parser.parse(sql))
        .isInstanceOf(SqlException.class)
        .message()
        .startsWith("syntax error")
        .doesNotContain("secret");
  }

  @Test
  void quotesNamesOnlyWhereNeeded() {
    assertThat(SqlNames.canonical("customer")).isEqualTo("customer");
    assertThat(SqlNames.canonical("order")).isEqualTo("`order`");
    assertThat(SqlNames.canonical("a-b`c")).isEqualTo("`a-b``c`");
  }
}
