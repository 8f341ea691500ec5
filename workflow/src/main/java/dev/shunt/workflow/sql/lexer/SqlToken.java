package dev.shunt.workflow.sql.lexer;

import java.util.Locale;

/**
 * A token of a statement.
 *
 * @param kind what it is
 * @param text its text; of a quoted identifier or a string the content without quotes and escapes
 * @param start where it starts in the statement
 * @param end where it ends, exclusive
 */
public record SqlToken(Kind kind, String text, int start, int end) {
  /** Stands for bytes that are no text of the character set in which a statement came. */
  public static final char UNREADABLE = '\uFFFD';

  /** What a token is. */
  public enum Kind {
    /** A keyword or an identifier without quotes. */
    WORD,
    /** An identifier in back quotes. */
    QUOTED_WORD,
    /** A string literal. */
    STRING,
    /** A number. */
    NUMBER,
    /** A bind variable, {@code :name}; its text is the name. */
    VARIABLE,
    /** A list of bind values, {@code ::name}; its text is the name. */
    LIST_VARIABLE,
    /** Any other character. */
    SYMBOL
  }

  /** Whether this is the given keyword, in any case. */
  public boolean is(String keyword) {
    return kind == Kind.WORD && text.equalsIgnoreCase(keyword);
  }

  /** Whether this is the given character. */
  public boolean is(char symbol) {
    return kind == Kind.SYMBOL && text.charAt(0) == symbol;
  }

  /** Whether this can name something. */
  public boolean isName() {
    return kind == Kind.WORD || kind == Kind.QUOTED_WORD;
  }

  /**
   * Whether it names something, perhaps in double quotes, by a name that can't be read. Other texts
   * and comments may have that character in earnest, and do no harm.
   *
   * @param sql the statement that it is of
   */
  public boolean isUnreadableName(String sql) {
    return text.indexOf(UNREADABLE) >= 0 && (isName() || sql.charAt(start) == '"');
  }

  /** The text in lower case. */
  public String lower() {
    return text.toLowerCase(Locale.ROOT);
  }
}
