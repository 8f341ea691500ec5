package dev.shunt.mysql;

import java.time.Duration;

/** How the servers of a flavor say what others say in another way. */
public interface SqlDialect {
  /**
   * The start of a statement that is carried out under another sql_mode than its session's.
   *
   * @param verb its own start, such as {@code INSERT}
   * @param mode the sql_mode, without quotes
   */
  String underMode(String verb, String mode);

  /** Whether JSON is a type with values of its own, so that a text is not one without a CAST. */
  boolean hasJsonValues();

  /** The start of a SELECT that the server ends after some time, with a space behind it. */
  String selectWithin(Duration most);

  /** The start of an EXPLAIN of {@link #selectWithin} that answers with a table. */
  String explainSelectWithin(Duration most);

  /** What to write before INDEX so that EXPLAIN looks into that index to estimate rows. */
  String hintToEstimate();

  /** Sets a global variable, also for the time after a restart where that can be done. */
  String setGlobal(String name, String value);

  /**
   * Whether servers read executable comments as MariaDB does: its own are carried out, those of
   * versions that only MySQL has are passed over.
   */
  boolean readsCommentsAsMariaDb();
}
