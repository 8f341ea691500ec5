package dev.shunt.workflow.sql;

import dev.shunt.workflow.sharding.KeyRange;
import java.util.List;
import java.util.Optional;

/**
 * One member of the AND-list of a WHERE clause. Columns are unqualified: a statement of one table
 * may write them with the table or its alias in front.
 */
public sealed interface Condition {
  /** Comparison of a column with a value. */
  record Compare(String column, Operator operator, SqlValue value) implements Condition {}

  /** The column equals one of the values. */
  record In(String column, List<SqlValue> values) implements Condition {
    public In {
      values = List.copyOf(values);
    }
  }

  /** The column is not NULL. */
  record NotNull(String column) implements Condition {}

  /**
   * The keyspace id of the row lies in a range.
   *
   * @param columns columns the vindex takes; empty in the one-argument form, which means those of
   *     the table's own vindex
   * @param vindex vindex type, name, or {@code keyspace.name}; empty in the one-argument form
   * @param range the range
   */
  record InKeyRange(List<String> columns, Optional<String> vindex, KeyRange range)
      implements Condition {
    public InKeyRange {
      columns = List.copyOf(columns);
    }
  }

  /** A condition of another form, as text. Never part of a filter. */
  record Unhandled(String text) implements Condition {}

  /** How a column is compared with a value. */
  enum Operator {
    EQUAL,
    NOT_EQUAL,
    LESS,
    LESS_OR_EQUAL,
    GREATER,
    GREATER_OR_EQUAL;

    /** The operator when the sides change places. */
    Operator mirrored() {
      return switch (this) {
        case EQUAL, NOT_EQUAL -> this;
        case LESS -> GREATER;
        case LESS_OR_EQUAL -> GREATER_OR_EQUAL;
        case GREATER -> LESS;
        case GREATER_OR_EQUAL -> LESS_OR_EQUAL;
      };
    }
  }
}
