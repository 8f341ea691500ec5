package dev.shunt.workflow.sql;

import dev.shunt.workflow.sql.lexer.SqlLexer;
import dev.shunt.workflow.sql.lexer.SqlSyntaxException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Whether a definition gives rows that are there already the same values wherever it is carried
 * out, though nothing is known of the session that the source carried it out in: its time and time
 * zone, sql_mode and character set. What is not known to do so does not.
 *
 * @param obstacle what in the statement may give other values; empty for nothing
 * @param retyped columns whose values are converted: they are the same if that is no conversion
 *     from or to a kind of value that a session has a say in
 */
public record DdlValues(Optional<String> obstacle, List<Retyped> retyped) {
  public DdlValues {
    retyped = List.copyOf(retyped);
  }

  /**
   * A column that is defined anew.
   *
   * @param column its name before
   * @param type the first word of its type, in lower case
   * @param digits behind the point of its seconds, for a type that has such
   * @param numbered whether it is AUTO_INCREMENT
   * @param bytes whether it has bytes rather than text
   */
  public record Retyped(String column, String type, int digits, boolean numbered, boolean bytes) {}

  /** Types of points in time and of durations. */
  public static final Set<String> TEMPORAL =
      Set.of("date", "datetime", "timestamp", "time", "year");

  /**
   * Reads a statement that {@link TableDdl} takes for one that defines a table.
   *
   * @throws SqlException when it can't be read
   */
  public static DdlValues read(String sql) {
    try {
      return new DdlValuesReader(sql, SqlLexer.lex(sql).tokens()).read();
    } catch (SqlSyntaxException | IndexOutOfBoundsException e) {
      throw new SqlException("the statement can't be read: " + e.getMessage());
    }
  }
}
