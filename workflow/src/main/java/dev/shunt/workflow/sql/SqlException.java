package dev.shunt.workflow.sql;

/** A statement that is not understood. The message names the construct, never row data. */
public final class SqlException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With one sentence. */
  public SqlException(String message) {
    super(message);
  }
}
