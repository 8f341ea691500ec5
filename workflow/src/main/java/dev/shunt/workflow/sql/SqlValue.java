package dev.shunt.workflow.sql;

/** What stands where a value is expected. */
public sealed interface SqlValue {
  /** An integer or decimal number as written, with its sign. */
  record NumberLiteral(String text) implements SqlValue {}

  /** A string, without quotes and escapes. */
  record StringLiteral(String text) implements SqlValue {}

  /** NULL. */
  record NullLiteral() implements SqlValue {}

  /** A bind variable; the name is without the colon. */
  record Bind(String name) implements SqlValue {}

  /** The column's default. */
  record Default() implements SqlValue {}

  /** Anything else, as text; only the database knows its value. */
  record Expression(String text) implements SqlValue {}
}
