package dev.shunt.workflow.sql.lexer;

/** A statement whose text can't be understood. */
public final class SqlSyntaxException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Makes one; the position is an index into the statement. */
  public SqlSyntaxException(String message, int position) {
    super(message + " at position " + position);
  }
}
