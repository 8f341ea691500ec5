package dev.shunt.workflow.sql.lexer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.workflow.sql.lexer.PlainQuotes.Mode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlainQuotesTest {
  private static final Mode ANSI = new Mode(true, false, false);
  private static final Mode BRACKETS = new Mode(true, true, false);
  private static final Mode BACKSLASHES = new Mode(false, false, true);
  private static final Mode BOTH = new Mode(true, false, true);

  private static Mode mode(String name) {
    return switch (name) {
      case "ANSI" -> ANSI;
      case "BRACKETS" -> BRACKETS;
      case "BACKSLASHES" -> BACKSLASHES;
      case "BOTH" -> BOTH;
      default -> Mode.PLAIN;
    };
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '~',
      delimiter = '|',
      textBlock =
          """
          PLAIN       | "a\\"b" 'c\\'d' [e]      | "a\\"b" 'c\\'d' [e]
          ANSI        | "a""b`c\\" 'd\\'"' "e"   | `a"b``c\\` 'd\\'"' `e`
          ANSI        | `a"b` "c"                | `a"b` `c`
          ANSI        | 'it''s "x"' [e]          | 'it''s "x"' [e]
          ANSI        | /* "a */ "b" # "c        | /* "a */ `b` # "c
          ANSI        | /*!50000 "a" */ -- "b    | /*!50000 `a` */ -- "b
          ANSI        | "no end                  | `no end
          BRACKETS    | [a]]b`c] "d" 'e[f]'      | `a]b``c` `d` 'e[f]'
          BACKSLASHES | '\\' x '\\n''' "\\" `\\` | '\\\\' x '\\\\n''' "\\\\" `\\`
          BOTH        | '\\', "a\\" /* ' */ '"'  | '\\\\', `a\\` /* ' */ '"'
          """)
  void areReadByThePlainLexer(String name, String sql, String plain) {
    assertThat(PlainQuotes.of(sql, mode(name))).isEqualTo(plain);
  }
}
