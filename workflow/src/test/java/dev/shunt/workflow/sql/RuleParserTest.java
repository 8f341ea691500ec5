package dev.shunt.workflow.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shunt.workflow.sql.RuleSelect.Column;
import dev.shunt.workflow.sql.RuleSelect.Computed;
import dev.shunt.workflow.sql.RuleSelect.Count;
import dev.shunt.workflow.sql.RuleSelect.Grouping;
import dev.shunt.workflow.sql.RuleSelect.Sum;
import dev.shunt.workflow.sql.RuleSelect.Template;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RuleParserTest {
  private final SqlParser parser = SqlParser.create();

  @Test
  void readsColumnsWithAndWithoutAlias() {
    RuleSelect rule =
        parser.parseRule(
            "select id, `order` as o, b c from t where in_keyrange(id, 'hash', '-80')");

    assertThat(rule.outputs())
        .containsExactly(
            new Column("id", "id", false),
            new Column("order", "o", false),
            new Column("b", "c", false));
    assertThat(rule.query(List.of("ID", "k")))
        .isEqualTo("select `id`, `order`, `b`, `k` from t where in_keyrange(id, 'hash', '-80')");
    assertThat(parser.parseRule("select * from `t`").query(List.of()))
        .isEqualTo("select * from `t`");
  }

  @Test
  void readsAggregatesWithGroupBy() {
    RuleSelect rule =
        parser.parseRule(
            "select a, count(*) as n, sum(price) as total, upper(b) as u from t where c > 1 group"
                + " by a");

    assertThat(rule.grouping()).isEqualTo(Grouping.MERGED);
    assertThat(rule.outputs().subList(0, 3))
        .containsExactly(new Column("a", "a", true), new Count("n"), new Sum("price", "total"));
    assertThat(rule.query(List.of())).isEqualTo("select `a`, `price`, `b` from t where c > 1");
    assertThat(parser.parseRule("select a, b+1 as c from t group by a, c").grouping())
        .isEqualTo(Grouping.DISTINCT);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "a + b*2 | [a] + [b]*2",
        "concat(`x y`, ' it''s \\'', \"q\") | concat([x y], _utf8mb4' it''s \\'', _utf8mb4\"q\")",
        "date_add(d, interval n day) | date_add([d], interval [n] day)",
        "d + interval 1 day_hour | [d] + interval 1 day_hour",
        "case when a=1 then day else null end | case when [a]=1 then [day] else null end",
        "cast(a as char(10) character set utf8mb4) | cast([a] as char(10) character set utf8mb4)",
        "convert(v using utf8mb4) | convert([v] using utf8mb4)",
        "convert(signed, signed) | convert([signed], signed)",
        "j->>'$.a' | [j]->>'$.a'",
        "a > 'x' and b like 'y%' escape '!' | [a] > _utf8mb4'x' and [b] like _utf8mb4'y%' escape '!'",
        "extract(year from year) | extract(year from [year])",
        "timestampdiff(day, day, d) | timestampdiff(day, [day], [d])",
        "trim(leading 'x' from b) | trim(leading _utf8mb4'x' from [b])",
        "substring(v from a for 2) | substring([v] from [a] for 2)",
        "a is not null and not b in (1, c) | [a] is not null and not [b] in (1, [c])",
        "_latin1'x' | _latin1'x'",
        "date '2024-01-01' | date '2024-01-01'",
        "date(d) | date([d])",
        "b collate utf8mb4_bin | [b] collate utf8mb4_bin",
        "binary b | binary [b]",
        "x'ff' | x'ff'",
        "now() | now()",
        "if(a between 1 and b, 1.5, .5) | if([a] between 1 and [b], 1.5, .5)",
        "a->'$[0]' = 'x' | [a]->'$[0]' = _utf8mb4'x'"
      })
  void findsTheColumnsOfExpressions(String expression, String wanted) {
    RuleSelect rule = parser.parseRule("select id, " + expression + " as v from t");

    Template template = ((Computed) rule.outputs().get(1)).template();
    StringBuilder found = new StringBuilder(template.texts().getFirst());
    for (int i = 0; i < template.columns().size(); i++) {
      found.append('[').append(template.columns().get(i)).append(']');
      found.append(template.texts().get(i + 1));
    }
    assertThat(found).hasToString(wanted);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "update t set a = 1 | unsupported non-select statement",
        "select distinct a from t | unsupported distinct clause",
        "select *, a from t | unsupported mix of '*' and columns",
        "select t.* from t | unsupported qualifier for '*' expression",
        "select t.a from t | unsupported qualifier for column",
        "select a + t.b as c from t | unsupported qualifier for column",
        "select a + 1 from t | expression needs an alias: a + 1",
        "select count(a) as c from t group by a | only count(*) is supported: count(a)",
        "select sum(a + 1) as c from t group by a | unsupported non-column name in sum clause: sum(a + 1)",
        "select sum(distinct a) as c from t group by a | unsupported distinct expression usage",
        "select a, max(b) as m from t group by a | unsupported aggregation function: max",
        "select a, 1 + count(*) as m from t group by a | unsupported aggregation function: count",
        "select a, (select 1) as s from t | unsupported subquery",
        "select a, row_number() over () as s from t | unsupported window function",
        "select a, @x as s from t | unsupported variable",
        "select a, count(*) as c from t | aggregate expressions need a group by clause",
        "select a from t group by a + 1 | unsupported non-column name or alias in group by clause",
        "select a from t group by a having a > 1 | unsupported non-column name or alias in group by",
        "select a from t group by b | group by expression does not reference an alias in the select list: b",
        "select a, count(*) as c from t group by c | group by expression is not allowed to reference an aggregate expression: c",
        "select a, b as a from t | column a is selected twice",
        "select a from t, u | exactly one table",
        "select a from t order by a | ORDER BY",
        "select a from t where a = 1 or b = 2 | unsupported condition",
        "select keyspace_id() as k from t | unsupported keyspace_id expression",
        "select a from | error"
      })
  void refusesTheRest(String sql, String wanted) {
    assertThatThrownBy(() -> parser.parseRule(sql))
        .isInstanceOf(SqlException.class)
        .hasMessageContaining(wanted);
  }
}
