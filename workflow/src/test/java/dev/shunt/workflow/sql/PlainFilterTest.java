package dev.shunt.workflow.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlainFilterTest {
  private final JSqlStatementParser parser = new JSqlStatementParser();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select * from t",
        "SELECT  *\nFROM `a table`",
        "select * from `order`",
        "select * from _t1 where in_keyrange('-80')",
        "select * from t where in_keyrange(id, 'customer.xxhash', '40-80')",
        "select * from `t` Where In_KeyRange ( `select` , b, 'multi', '80-' )",
        "select * from t where in_keyrange(id, 'hash', '-')",
        "select * from t /* all of them */ where in_keyrange('80-')",
      })
  void readsWhatTheParserReads(String sql) {
    assertThat(PlainFilter.read(sql)).contains(parser.parsedFilter(sql));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select id from t",
        "select t.* from t",
        "select * from db.t",
        "select * from t x",
        "select * from t where id = 1",
        "select * from t where in_keyrange('-80') and id = 1",
        "select * from t where in_keyrange('-80') or (id = 1)",
        "select * from t where not in_keyrange('-80')",
        "select * from t where in_keyrange(id, '-80')",
        "select * from t where in_keyrange(1, 'hash', '-80')",
        "select * from t where in_keyrange(t.id, 'hash', '-80')",
        "select * from t where in_keyrange(id, hash, '-80')",
        "select * from t where in_keyrange(id, \"hash\", '-80')",
        "select * from t where in_keyrange(id, 'ha''sh', '-80')",
        "select * from t where in_keyrange()",
        "select * from t where in_keyrange('-80',)",
        "select * from t limit 1",
        "select * from `a``b`",
        "select * from order",
        "select * from t where in_keyrange('-80'",
        "select * from 't'",
        "select",
        ""
      })
  void leavesTheRestToTheParser(String sql) {
    assertThat(PlainFilter.read(sql)).isEmpty();
  }

  @Test
  void refusesAMalformedRangeAsTheParserDoes() {
    String sql = "select * from t where in_keyrange(id, 'hash', '80-40')";
    assertThatThrownBy(() -> PlainFilter.read(sql))
        .isInstanceOf(SqlException.class)
        .hasMessage(catchThrowable(() -> parser.parsedFilter(sql)).getMessage());
  }
}
