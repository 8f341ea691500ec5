package dev.shunt.tablet.vstreamer.binlog;

import dev.shunt.workflow.sql.lexer.SqlToken;

/** Reads the text of a statement, which stands in the log in the character set of its client. */
@FunctionalInterface
public interface StatementText {
  /** What stands for bytes that can't be read. */
  char UNREADABLE = SqlToken.UNREADABLE;

  /**
   * The text, with {@link #UNREADABLE} for what is none.
   *
   * @param collation number of a collation of that character set; 0 when the log does not say
   */
  String read(int collation, byte[] text);
}
