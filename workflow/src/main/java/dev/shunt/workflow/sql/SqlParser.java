package dev.shunt.workflow.sql;

import java.util.List;

/**
 * Reads MySQL statements. Names come back without back quotes, string literals without quotes and
 * escapes, {@code "text"} is a string literal as in MySQL's default mode, bind variables are
 * written {@code :name}. Implementations may be used by any thread.
 */
public interface SqlParser {
  /** The parser of this release. */
  static SqlParser create() {
    return new JSqlStatementParser();
  }

  /**
   * Kind, tables and, for SELECT, INSERT, UPDATE and DELETE, what places the rows.
   *
   * @throws SqlException when the text is not one statement this parser understands
   */
  SqlStatement parse(String sql);

  /**
   * The SELECT of a filter rule: {@code *} or plain columns with or without alias, from one table,
   * with an AND-list of conditions.
   *
   * @throws SqlException for anything beyond that form
   */
  FilterSelect parseFilter(String sql);

  /**
   * A SELECT as {@link #parseFilter} takes it, which may be followed by ORDER BY of plain columns.
   *
   * @throws SqlException for anything beyond that form
   */
  OrderedSelect parseOrdered(String sql);

  /**
   * The SELECT of a rule as the target of a stream reads it: {@code *}, or columns, expressions,
   * {@code count(*)} and {@code sum(column)} with GROUP BY; the rest as {@link #parseFilter}.
   *
   * @throws SqlException for anything beyond that form, in Vitess's words
   */
  default RuleSelect parseRule(String sql) {
    return new RuleParser(this, sql).parse();
  }

  /**
   * Kind of a statement by its first word, without reading the rest: enough to distinguish reads
   * from writes, and right also for statements that {@link #parse} refuses.
   */
  StatementKind kind(String sql);

  /** Tables that a statement names anywhere, sub-selects included; as {@link #parse} otherwise. */
  default List<TableName> tables(String sql) {
    return parse(sql).tables();
  }
}
