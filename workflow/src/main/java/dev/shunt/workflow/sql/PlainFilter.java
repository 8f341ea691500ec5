package dev.shunt.workflow.sql;

import dev.shunt.workflow.sql.lexer.SqlLexer;
import dev.shunt.workflow.sql.lexer.SqlSyntaxException;
import dev.shunt.workflow.sql.lexer.SqlToken;
import dev.shunt.workflow.sql.lexer.SqlToken.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads the one form that nearly all filters have: whole rows of a table, perhaps those of a key
 * range. A full parser takes the better part of a millisecond for it, and a switch has a filter of
 * each table and shard read while writes wait.
 *
 * <pre>
 *   select * from TABLE [where in_keyrange([COLUMN, …, 'VINDEX',] 'RANGE')]
 * </pre>
 */
final class PlainFilter {
  private static final int TABLE = 3;
  private static final int CONDITION = 5;

  /** Behind {@code where in_keyrange (}. */
  private static final int ARGUMENTS = 7;

  private final String sql;
  private final List<SqlToken> tokens;

  private PlainFilter(String sql, List<SqlToken> tokens) {
    this.sql = sql;
    this.tokens = tokens;
  }

  /**
   * The filter, where it is of that form; then it is what the parser makes of it.
   *
   * @throws SqlException for a malformed key range
   */
  static Optional<FilterSelect> read(String sql) {
    if (sql.contains("``")) {
      return Optional.empty();
    }
    try {
      return new PlainFilter(sql, SqlLexer.lex(sql).tokens()).read();
    } catch (SqlSyntaxException _) {
      return Optional.empty(); // the parser says what is wrong with it
    }
  }

  private Optional<FilterSelect> read() {
    boolean begins =
        tokens.size() > TABLE
            && tokens.get(0).is("select")
            && tokens.get(1).is('*')
            && tokens.get(2).is("from")
            && isName(tokens.get(TABLE));
    if (!begins) {
      return Optional.empty();
    }
    String table = tokens.get(TABLE).text();
    if (tokens.size() == TABLE + 1) {
      return Optional.of(new FilterSelect(table, List.of(), List.of()));
    }
    boolean ranged =
        tokens.size() > ARGUMENTS + 1
            && tokens.get(TABLE + 1).is("where")
            && tokens.get(CONDITION).is("in_keyrange")
            && tokens.get(CONDITION + 1).is('(')
            && tokens.getLast().is(')');
    return ranged
        ? range(tokens.subList(ARGUMENTS, tokens.size() - 1))
            .map(range -> new FilterSelect(table, List.of(), List.of(range)))
        : Optional.empty();
  }

  /** What is between the parentheses: columns and vindex if any, and the range. */
  private Optional<Condition> range(List<SqlToken> list) {
    List<SqlToken> arguments = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      if (i % 2 == 0) {
        arguments.add(list.get(i));
      } else if (!list.get(i).is(',')) {
        return Optional.empty();
      }
    }
    boolean whole = list.size() % 2 == 1 && arguments.size() != 2 && isText(arguments.getLast());
    if (!whole) {
      return Optional.empty();
    }
    List<String> columns = new ArrayList<>();
    Optional<String> vindex = Optional.empty();
    if (arguments.size() > 1) {
      SqlToken named = arguments.get(arguments.size() - 2);
      List<SqlToken> keyColumns = arguments.subList(0, arguments.size() - 2);
      if (!isText(named) || !keyColumns.stream().allMatch(PlainFilter::isName)) {
        return Optional.empty();
      }
      keyColumns.forEach(column -> columns.add(column.text()));
      vindex = Optional.of(named.text());
    }
    return Optional.of(
        new Condition.InKeyRange(columns, vindex, Expressions.range(arguments.getLast().text())));
  }

  /** In quotes, or one that needs none. */
  private static boolean isName(SqlToken token) {
    return token.kind() == Kind.QUOTED_WORD
        || (token.kind() == Kind.WORD && SqlNames.canonical(token.text()).equals(token.text()));
  }

  /** A string in single quotes, without escapes. */
  private boolean isText(SqlToken token) {
    return token.kind() == Kind.STRING
        && sql.charAt(token.start()) == '\''
        && token.end() - token.start() == token.text().length() + 2;
  }
}
