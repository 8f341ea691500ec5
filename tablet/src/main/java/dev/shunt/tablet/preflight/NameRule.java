package dev.shunt.tablet.preflight;

import java.util.Locale;

/**
 * How a server compares names of databases and tables, as its lower_case_table_names says: 0 by
 * bytes, 1 and 2 without case. Names of columns are compared without case by every server.
 */
public enum NameRule {
  EXACT,
  WITHOUT_CASE;

  /** Reads the variable's text. */
  public static NameRule of(String lowerCaseTableNames) {
    return lowerCaseTableNames.equals("0") ? EXACT : WITHOUT_CASE;
  }

  /** Whether both name the same. */
  public boolean same(String one, String other) {
    return this == EXACT ? one.equals(other) : fold(one).equals(fold(other));
  }

  /** A form that is equal for names that are the same. */
  public String fold(String name) {
    return this == EXACT ? name : name.toLowerCase(Locale.ROOT);
  }
}
