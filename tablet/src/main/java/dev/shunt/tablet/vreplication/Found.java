package dev.shunt.tablet.vreplication;

import dev.shunt.mysql.MysqlException;
import java.util.Locale;

/**
 * Lets a transaction that is sent whole end before its COMMIT when an UPDATE in it found nothing.
 * Sessions must count found rows: an UPDATE to the same values counts none otherwise.
 */
final class Found {
  private static final int OUT_OF_RANGE = 1690;

  /** A statement that fails when the UPDATE right before it found nothing. */
  static final String ONE = "SET @shunt_found = ~0 + (1 - ROW_COUNT())";

  private Found() {}

  /** Whether {@link #ONE} failed with this. */
  static boolean isNothing(MysqlException error) {
    return error.errno() == OUT_OF_RANGE
        && String.valueOf(error.getMessage()).toLowerCase(Locale.ROOT).contains("row_count");
  }
}
