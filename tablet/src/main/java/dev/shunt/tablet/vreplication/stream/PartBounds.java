package dev.shunt.tablet.vreplication.stream;

import dev.shunt.mysql.SqlText;
import io.vitess.proto.Query;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which rows of a table a part has. Parts of a table have bounds of one kind, and each begins where
 * the one before it ends.
 */
public sealed interface PartBounds {
  /** All rows. */
  PartBounds WHOLE = new Numbers(null, null);

  /**
   * Rows whose key begins with an integer in a range.
   *
   * @param first the least value; null for no bound
   * @param below what values are less than; null for no bound
   */
  record Numbers(@Nullable BigInteger first, @Nullable BigInteger below) implements PartBounds {
    /** The bounds as terms of a WHERE clause. */
    List<String> terms(String keyColumn) {
      List<String> terms = new ArrayList<>();
      String column = SqlText.identifier(keyColumn);
      if (first != null) {
        terms.add(column + " >= " + first);
      }
      if (below != null) {
        terms.add(column + " < " + below);
      }
      return terms;
    }

    /** Whether rows whose key begins with this value belong to it. */
    public boolean covers(BigInteger value) {
      return (first == null || value.compareTo(first) >= 0)
          && (below == null || value.compareTo(below) < 0);
    }
  }

  /**
   * Rows between two keys, by the order of the source's server.
   *
   * @param after the key that is before all of them; empty for no bound
   * @param until the greatest key that one may have; empty for no bound
   */
  record Keys(Optional<Query.Row> after, Optional<Query.Row> until) implements PartBounds {}

  /** Bounds of parts that begin with the values given, but for the first one. */
  static List<PartBounds> ofStarts(List<BigInteger> starts) {
    List<PartBounds> parts = new ArrayList<>();
    for (int i = 0; i <= starts.size(); i++) {
      parts.add(
          new Numbers(
              i == 0 ? null : starts.get(i - 1), i == starts.size() ? null : starts.get(i)));
    }
    return parts;
  }

  /** Bounds of parts that end with the keys given, but for the last one. */
  static List<PartBounds> ofEnds(List<Query.Row> ends) {
    List<PartBounds> parts = new ArrayList<>();
    for (int i = 0; i <= ends.size(); i++) {
      parts.add(
          new Keys(
              i == 0 ? Optional.empty() : Optional.of(ends.get(i - 1)),
              i == ends.size() ? Optional.empty() : Optional.of(ends.get(i))));
    }
    return parts;
  }
}
