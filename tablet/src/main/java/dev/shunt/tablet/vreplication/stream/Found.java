package dev.shunt.tablet.vreplication.stream;

import dev.shunt.mysql.MysqlException;
import java.util.Locale;

/**
 * Lets a transaction that is sent whole end before its COMMIT when an UPDATE in it found nothing.
 * Sessions must count found rows: an UPDATE to the same values counts none otherwise.
 */
public final class Found {
  private static final int OUT_OF_RANGE = 1690;

  /** A statement that fails when the UPDATE right before it found nothing. */
  public static final String ONE = "SET @shunt_found = ~0 + (1 - ROW_COUNT())";

  /** A statement that fails when the change of a row right before it found none. */
  public static final String ROW = "SET @shunt_found = ~0 + (7 - 7 * ROW_COUNT())";

  /** What is said of a change of a row that is not there. */
  public static final String NO_ROW =
      "a change of the source found no row on the target: rows of the target were lost, or somebody"
          + " changed them; compare the tables, and set shunt-target-may-be-purged=true in the"
          + " workflow's configuration if rows may be missing there";

  private static final String FACTOR = "7 *";

  private Found() {}

  /** Whether {@link #ROW} failed with this. */
  public static boolean isNoRow(Throwable error) {
    return error instanceof MysqlException mysql
        && mysql.errno() == OUT_OF_RANGE
        && text(mysql).contains("row_count")
        && text(mysql).contains(FACTOR);
  }

  private static String text(MysqlException error) {
    return String.valueOf(error.getMessage()).toLowerCase(Locale.ROOT);
  }

  /** Whether {@link #ONE} failed with this. */
  public static boolean isNothing(MysqlException error) {
    return error.errno() == OUT_OF_RANGE && text(error).contains("row_count") && !isNoRow(error);
  }
}
