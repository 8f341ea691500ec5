package dev.shunt.tablet.vstreamer;

import org.jspecify.annotations.Nullable;

/** Decides on a full row of a table whether it belongs to a stream. */
@FunctionalInterface
interface RowFilter {
  /** Every row belongs. */
  RowFilter ALL = row -> true;

  boolean test(byte[] @Nullable [] row);

  /** Rows that both filters take. */
  default RowFilter and(RowFilter other) {
    return this == ALL ? other : row -> test(row) && other.test(row);
  }
}
