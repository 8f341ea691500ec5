package dev.shunt.workflow.sql.lexer;

/**
 * Writes a statement that was made under a sql_mode with quotes of its own as {@link SqlLexer}
 * reads it, and as a server without such a mode does: names in back quotes, and backslashes in
 * strings escaped.
 */
public final class PlainQuotes {
  private final String sql;
  private final Mode mode;
  private final StringBuilder plain = new StringBuilder();
  private int at;

  private PlainQuotes(String sql, Mode mode) {
    this.sql = sql;
    this.mode = mode;
  }

  /**
   * What of a sql_mode quotes are read by.
   *
   * @param ansiQuotes whether names are in double quotes (ANSI_QUOTES)
   * @param brackets whether names are in brackets (MariaDB's MSSQL)
   * @param backslashes whether a backslash stands for itself (NO_BACKSLASH_ESCAPES)
   */
  public record Mode(boolean ansiQuotes, boolean brackets, boolean backslashes) {
    /** How this lexer reads. */
    public static final Mode PLAIN = new Mode(false, false, false);
  }

  /** The statement in plain quotes. */
  public static String of(String sql, Mode mode) {
    if (mode.equals(Mode.PLAIN)) {
      return sql;
    }
    PlainQuotes quotes = new PlainQuotes(sql, mode);
    quotes.run();
    return quotes.plain.toString();
  }

  private void run() {
    while (at < sql.length()) {
      char c = sql.charAt(at);
      if (c == '`') {
        copyTo(nameEnd('`'));
      } else if (c == '"' && mode.ansiQuotes()) {
        name('"');
      } else if (c == '[' && mode.brackets()) {
        name(']');
      } else if (c == '\'' || c == '"') {
        string(c);
      } else if (c == '#' || startsLineComment()) {
        copyTo(behind("\n", at));
      } else if (sql.startsWith("/*", at) && !isCarriedOut()) {
        copyTo(behind("*/", at + 2));
      } else {
        copyTo(at + 1);
      }
    }
  }

  private void copyTo(int end) {
    plain.append(sql, at, end);
    at = end;
  }

  private int behind(String mark, int from) {
    int found = sql.indexOf(mark, from);
    return found < 0 ? sql.length() : found + mark.length();
  }

  private boolean startsLineComment() {
    return sql.startsWith("--", at) && (at + 2 == sql.length() || sql.charAt(at + 2) <= ' ');
  }

  private boolean isCarriedOut() {
    return sql.startsWith("/*!", at) || sql.startsWith("/*M!", at);
  }

  /** Behind a name; a quote that is doubled is a part of it. */
  private int nameEnd(char close) {
    int end = at + 1;
    while (end < sql.length()) {
      if (sql.charAt(end++) == close) {
        if (end == sql.length() || sql.charAt(end) != close) {
          return end;
        }
        end++;
      }
    }
    return end;
  }

  private void name(char close) {
    int end = nameEnd(close);
    boolean closed = end > at + 1 && sql.charAt(end - 1) == close;
    String text =
        sql.substring(at + 1, closed ? end - 1 : end)
            .replace(String.valueOf(close).repeat(2), String.valueOf(close))
            .replace("`", "``");
    plain.append('`').append(text).append(closed ? "`" : "");
    at = end;
  }

  private void string(char quote) {
    copyTo(at + 1);
    while (at < sql.length()) {
      char c = sql.charAt(at);
      if (c == '\\') {
        plain.append(mode.backslashes() ? "\\" : "");
        copyTo(Math.min(sql.length(), at + (mode.backslashes() ? 1 : 2)));
      } else {
        copyTo(at + 1);
        if (c == quote) { // a doubled one ends and begins anew
          return;
        }
      }
    }
  }
}
