package dev.shunt.tablet.vreplication.stream;

import io.vitess.proto.Query;
import java.util.List;
import java.util.Optional;

/**
 * A part of a table that is copied in the order of the source's key: all of it, or the rows between
 * two bounds.
 *
 * @param number distinguishes the parts of a table; {@link #WHOLE} for all of it
 * @param bounds which rows it has
 * @param last key of the last copied row with its fields; without a row before the first
 * @param done whether all of its rows are copied
 * @param mark of the newest note of it
 */
public record CopyPart(
    int number, PartBounds bounds, Query.QueryResult last, boolean done, long mark) {
  /** Number of a part that is the whole table. */
  static final int WHOLE = 0;

  /**
   * All of a table.
   *
   * @param mark of the newest note of it
   */
  public static CopyPart whole(Optional<Query.QueryResult> last, long mark) {
    return new CopyPart(
        WHOLE, PartBounds.WHOLE, last.orElse(Query.QueryResult.getDefaultInstance()), false, mark);
  }

  /** Whether rows of it are copied, or it turned out to have none. */
  boolean begun() {
    return done || last.getRowsCount() > 0;
  }

  /** Key of the last copied row. */
  public Optional<Query.QueryResult> lastPk() {
    return last.getRowsCount() > 0 ? Optional.of(last) : Optional.empty();
  }

  /** The key behind which its next row is to be read. */
  public Optional<Query.QueryResult> after() {
    Optional<Query.QueryResult> begin =
        bounds instanceof PartBounds.Keys keys
            ? keys.after()
                .map(row ->
                    Query.QueryResult.newBuilder()
                        .addAllFields(last.getFieldsList())
                        .addRows(row)
                        .build())
            : Optional.empty();
    return lastPk().or(() -> begin);
  }

  /** The key with which it ends, where it does not end by a term. */
  public Optional<Query.Row> until() {
    return bounds instanceof PartBounds.Keys keys ? keys.until() : Optional.empty();
  }

  /** The bounds as terms of a WHERE clause, where they are terms. */
  public List<String> terms() {
    boolean cut = number != WHOLE;
    return cut && bounds instanceof PartBounds.Numbers numbers
        ? numbers.terms(last.getFields(0).getName())
        : List.of();
  }
}
