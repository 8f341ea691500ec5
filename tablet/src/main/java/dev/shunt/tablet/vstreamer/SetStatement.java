package dev.shunt.tablet.vstreamer;

import dev.shunt.workflow.sql.lexer.SqlLexer;
import dev.shunt.workflow.sql.lexer.SqlSyntaxException;
import dev.shunt.workflow.sql.lexer.SqlToken;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * MariaDB's {@code SET STATEMENT variable = value, … FOR statement}, which its log holds as it was
 * written.
 */
final class SetStatement {
  private SetStatement() {}

  /** The statement behind all settings; the text itself when there are none, or no end of them. */
  static String inner(String sql) {
    String rest = sql;
    for (Optional<String> next = next(rest); next.isPresent(); next = next(rest)) {
      rest = next.get();
    }
    return rest;
  }

  /** Whether a text begins with settings for a statement. */
  static boolean leads(String sql) {
    try {
      return leads(SqlLexer.lex(sql).tokens());
    } catch (SqlSyntaxException _) {
      return sql.toLowerCase(Locale.ROOT).contains("statement");
    }
  }

  private static boolean leads(List<SqlToken> tokens) {
    return tokens.size() > 1 && tokens.get(0).is("set") && tokens.get(1).is("statement");
  }

  private static Optional<String> next(String sql) {
    if (!mayLead(sql)) {
      return Optional.empty();
    }
    try {
      List<SqlToken> tokens = SqlLexer.lex(sql).tokens();
      if (!leads(tokens)) {
        return Optional.empty();
      }
      int depth = 0;
      for (SqlToken token : tokens) {
        depth += token.is('(') ? 1 : token.is(')') ? -1 : 0;
        if (depth == 0 && token.is("for")) {
          return Optional.of(sql.substring(token.end()).strip());
        }
      }
      return Optional.empty();
    } catch (SqlSyntaxException _) {
      return Optional.empty();
    }
  }

  /** Spares long statements of other kinds the lexer. */
  private static boolean mayLead(String sql) {
    String start = sql.stripLeading();
    return start.regionMatches(true, 0, "set", 0, 3)
        || start.startsWith("/")
        || start.startsWith("-")
        || start.startsWith("#");
  }
}
