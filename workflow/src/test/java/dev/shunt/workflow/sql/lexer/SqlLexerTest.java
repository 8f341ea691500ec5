package dev.shunt.workflow.sql.lexer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import org.junit.jupiter.api.Test;

class SqlLexerTest {
  private static List<String> texts(String sql) {
    return SqlLexer.lex(sql).tokens().stream().map(SqlToken::text).toList();
  }

  @Test
  void leavesCommentsOutButReadsExecutableOnes() {
    assertThat(texts("select 1 -- c\n# d\n/* e */ + /*!80000 f */ /*M!100100 g */ 2--3"))
        .containsExactly("select", "1", "+", "f", "g", "2", "-", "-", "3");
  }

  @Test
  void readsQuotesAndEscapes() {
    assertThat(texts("'it''s' \"a\\\"b\" `c``d` 'x\\ny' '\\%'"))
        .containsExactly("it's", "a\"b", "c`d", "x\ny", "\\%");
  }

  @Test
  void tellsVariablesFromOtherColons() {
    assertThat(SqlLexer.lex("a = :v1 and b in ::list and @x := 1").tokens())
        .extracting(SqlToken::kind, SqlToken::text)
        .contains(
            org.assertj.core.groups.Tuple.tuple(SqlToken.Kind.VARIABLE, "v1"),
            org.assertj.core.groups.Tuple.tuple(SqlToken.Kind.LIST_VARIABLE, "list"))
        .doesNotContain(org.assertj.core.groups.Tuple.tuple(SqlToken.Kind.VARIABLE, "1"));
  }

  @Test
  void keepsDirectivesApart() {
    SqlLexer.Result result = SqlLexer.lex("update /*vt+ ALLOW_X */ t set a = 1");
    assertThat(result.directives()).contains("ALLOW_X");
    assertThat(result.tokens()).extracting(SqlToken::text).doesNotContain("ALLOW_X");
  }

  @Test
  void refusesWhatHasNoEnd() {
    for (String sql : List.of("'a", "`a", "/* a", "/*! a", "\"a\\\"")) {
      assertThatExceptionOfType(SqlSyntaxException.class)
          .as(sql)
          .isThrownBy(() -> SqlLexer.lex(sql));
    }
  }
}
