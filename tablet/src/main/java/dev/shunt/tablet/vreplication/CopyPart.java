package dev.shunt.tablet.vreplication;

import dev.shunt.mysql.SqlText;
import io.vitess.proto.Query;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A part of a table that is copied in the order of the source's key: all of it, or the rows whose
 * key begins with an integer between two bounds.
 *
 * @param number tells the parts of a table apart; {@link #WHOLE} for all of it
 * @param first the least value of the key's first column; null for no bound
 * @param below what that column's values are less than; null for no bound
 * @param last key of the last copied row with its fields; without a row before the first
 * @param done whether all of its rows are copied
 * @param mark of the newest note of it
 */
record CopyPart(
    int number,
    @Nullable BigInteger first,
    @Nullable BigInteger below,
    Query.QueryResult last,
    boolean done,
    long mark) {
  /** Number of a part that is the whole table. */
  static final int WHOLE = 0;

  /**
   * All of a table.
   *
   * @param mark of the newest note of it
   */
  static CopyPart whole(Optional<Query.QueryResult> last, long mark) {
    return new CopyPart(
        WHOLE, null, null, last.orElse(Query.QueryResult.getDefaultInstance()), false, mark);
  }

  /** Whether rows of it are copied, or it turned out to have none. */
  boolean begun() {
    return done || last.getRowsCount() > 0;
  }

  /** Key of the last copied row. */
  Optional<Query.QueryResult> lastPk() {
    return last.getRowsCount() > 0 ? Optional.of(last) : Optional.empty();
  }

  /** The bounds as terms of a WHERE clause. */
  List<String> terms() {
    if (first == null && below == null) {
      return List.of();
    }
    String column = SqlText.identifier(last.getFields(0).getName());
    if (first == null) {
      return List.of(column + " < " + below);
    }
    return below == null
        ? List.of(column + " >= " + first)
        : List.of(column + " >= " + first, column + " < " + below);
  }

  /** Whether rows whose key begins with this value belong to it. */
  boolean covers(BigInteger value) {
    return (first == null || value.compareTo(first) >= 0)
        && (below == null || value.compareTo(below) < 0);
  }
}
