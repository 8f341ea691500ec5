package dev.shunt.workflow.sql.lexer;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a statement into tokens by the rules of MySQL and MariaDB ("Lexical Structure" in MySQL's
 * manual), with ANSI_QUOTES and NO_BACKSLASH_ESCAPES off; see {@link PlainQuotes}. The content of
 * executable comments counts as part of the statement, whatever version they ask for; other
 * comments don't, except Vitess's directives, which are kept apart.
 */
public final class SqlLexer {
  private static final String DIRECTIVE = "/*vt+";

  private final String sql;
  private final List<SqlToken> tokens = new ArrayList<>();
  private final StringBuilder directives = new StringBuilder();
  private int at;
  private int executableComments;

  private SqlLexer(String sql) {
    this.sql = sql;
  }

  /**
   * The tokens of a statement and its directives.
   *
   * @param tokens in order
   * @param directives text of all {@code /*vt+ … *}{@code /} comments
   */
  public record Result(List<SqlToken> tokens, String directives) {}

  /**
   * Cuts up a statement.
   *
   * @throws SqlSyntaxException for a string, a quoted identifier or a comment without its end
   */
  public static Result lex(String sql) {
    SqlLexer lexer = new SqlLexer(sql);
    lexer.run();
    return new Result(List.copyOf(lexer.tokens), lexer.directives.toString());
  }

  private void run() {
    while (at < sql.length()) {
      char c = sql.charAt(at);
      if (Character.isWhitespace(c)) {
        at++;
      } else if (c == '#' || startsLineComment()) {
        skipLine();
      } else if (sql.startsWith("/*", at)) {
        comment();
      } else if (executableComments > 0 && sql.startsWith("*/", at)) {
        executableComments--;
        at += 2;
      } else if (c == '\'' || c == '"') {
        quoted(c, SqlToken.Kind.STRING);
      } else if (c == '`') {
        quoted(c, SqlToken.Kind.QUOTED_WORD);
      } else if (c == ':' && startsVariable()) {
        variable();
      } else if (isWordPart(c)) {
        word();
      } else {
        tokens.add(new SqlToken(SqlToken.Kind.SYMBOL, String.valueOf(c), at, at + 1));
        at++;
      }
    }
    if (executableComments > 0) {
      throw new SqlSyntaxException("comment without an end", sql.length());
    }
  }

  /** Two dashes start a comment only before white space or the end. */
  private boolean startsLineComment() {
    return sql.startsWith("--", at) && (at + 2 == sql.length() || sql.charAt(at + 2) <= ' ');
  }

  private void skipLine() {
    int end = sql.indexOf('\n', at);
    at = end < 0 ? sql.length() : end + 1;
  }

  private void comment() {
    int start = at;
    if (sql.startsWith("/*!", at) || sql.startsWith("/*M!", at)) {
      at = sql.indexOf('!', at) + 1;
      while (at < sql.length() && Character.isDigit(sql.charAt(at))) {
        at++;
      }
      executableComments++;
      return;
    }
    int end = sql.indexOf("*/", at + 2);
    if (end < 0) {
      throw new SqlSyntaxException("comment without an end", start);
    }
    if (sql.startsWith(DIRECTIVE, start)) {
      directives.append(sql, start + DIRECTIVE.length(), end).append(' ');
    }
    at = end + 2;
  }

  private void quoted(char quote, SqlToken.Kind kind) {
    int start = at++;
    StringBuilder content = new StringBuilder();
    while (at < sql.length()) {
      char c = sql.charAt(at++);
      if (c == quote) {
        if (at < sql.length() && sql.charAt(at) == quote) {
          content.append(quote);
          at++;
        } else {
          tokens.add(new SqlToken(kind, content.toString(), start, at));
          return;
        }
      } else if (c == '\\' && kind == SqlToken.Kind.STRING && at < sql.length()) {
        content.append(unescape(sql.charAt(at++)));
      } else {
        content.append(c);
      }
    }
    throw new SqlSyntaxException("quote without an end", start);
  }

  private static String unescape(char c) {
    return switch (c) {
      case '0' -> "\0";
      case 'b' -> "\b";
      case 'n' -> "\n";
      case 'r' -> "\r";
      case 't' -> "\t";
      case 'Z' -> "\u001a";
      case '%', '_' -> "\\" + c;
      default -> String.valueOf(c);
    };
  }

  private boolean startsVariable() {
    int name = sql.startsWith("::", at) ? at + 2 : at + 1;
    return name < sql.length() && (Character.isLetter(sql.charAt(name)) || sql.charAt(name) == '_');
  }

  private void variable() {
    int start = at;
    boolean list = sql.startsWith("::", at);
    at += list ? 2 : 1;
    int name = at;
    while (at < sql.length() && (isWordPart(sql.charAt(at)) || sql.charAt(at) == '.')) {
      at++;
    }
    tokens.add(
        new SqlToken(
            list ? SqlToken.Kind.LIST_VARIABLE : SqlToken.Kind.VARIABLE,
            sql.substring(name, at),
            start,
            at));
  }

  private void word() {
    int start = at;
    boolean digits = true;
    while (at < sql.length() && isWordPart(sql.charAt(at))) {
      digits &= Character.isDigit(sql.charAt(at));
      at++;
    }
    // An identifier may start with digits but not consist of them; 1e5 and 0x1f name nothing.
    boolean number = digits || isNumber(sql.substring(start, at));
    tokens.add(
        new SqlToken(
            number ? SqlToken.Kind.NUMBER : SqlToken.Kind.WORD,
            sql.substring(start, at),
            start,
            at));
  }

  private static boolean isNumber(String word) {
    if (word.startsWith("0x") && word.length() > 2) {
      return word.chars().skip(2).allMatch(c -> Character.digit(c, 16) >= 0);
    }
    int e = Math.max(word.indexOf('e'), word.indexOf('E'));
    return e > 0
        && word.chars().limit(e).allMatch(Character::isDigit)
        && word.chars().skip(e + 1L).allMatch(Character::isDigit);
  }

  private static boolean isWordPart(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '$' || c >= 0x80;
  }
}
