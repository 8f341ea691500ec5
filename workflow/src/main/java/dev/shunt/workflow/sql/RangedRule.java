package dev.shunt.workflow.sql;

import dev.shunt.workflow.sharding.KeyRange;
import dev.shunt.workflow.sql.lexer.SqlLexer;
import dev.shunt.workflow.sql.lexer.SqlToken;
import java.util.List;
import java.util.function.Function;

/** Words the SELECT of a rule anew for another key range; the rest of its text stays as it is. */
public final class RangedRule {
  private static final String IN_KEYRANGE = "in_keyrange";

  private final SqlParser parser;
  private final String sql;
  private final List<SqlToken> tokens;
  private final RuleSelect select;

  private RangedRule(SqlParser parser, String sql) {
    this.parser = parser;
    this.sql = sql;
    this.select = parser.parseRule(sql);
    this.tokens = SqlLexer.lex(sql).tokens();
  }

  /**
   * The same SELECT for the rows of a key range: in place of the range that it names, or beside its
   * conditions where it names none.
   *
   * @param key how {@code in_keyrange} begins where it is added: columns and vindex, joined by
   *     commas
   * @throws SqlException when it is no SELECT of a rule, or names several ranges
   */
  public static String of(
      SqlParser parser, String sql, KeyRange range, Function<RuleSelect, String> key) {
    RangedRule rule = new RangedRule(parser, sql);
    return switch (rule.named()) {
      case 0 -> rule.with(range, key);
      case 1 -> rule.replaced(range);
      default -> throw new SqlException("several key ranges: " + sql);
    };
  }

  private int named() {
    List<Condition> ranges =
        parser.parseFilter("select * " + select.from()).where().stream()
            .filter(condition -> condition instanceof Condition.InKeyRange)
            .toList();
    return ranges.size();
  }

  private String replaced(KeyRange range) {
    for (int i = 0; i + 1 < tokens.size(); i++) {
      if (tokens.get(i).is(IN_KEYRANGE) && tokens.get(i + 1).is('(')) {
        SqlToken last = tokens.get(closing(i + 1) - 1);
        return sql.substring(0, last.start()) + literal(range) + sql.substring(last.end());
      }
    }
    throw new SqlException("no literal key range: " + sql);
  }

  /** Index of the parenthesis that closes one. */
  private int closing(int opening) {
    int depth = 0;
    for (int i = opening; i < tokens.size(); i++) {
      depth += tokens.get(i).is('(') ? 1 : tokens.get(i).is(')') ? -1 : 0;
      if (depth == 0) {
        return i;
      }
    }
    throw new SqlException("unbalanced parentheses: " + sql);
  }

  private String with(KeyRange range, Function<RuleSelect, String> key) {
    String condition = IN_KEYRANGE + "(" + key.apply(select) + ", " + literal(range) + ")";
    int from = sql.lastIndexOf(select.from());
    int end = from + select.from().length();
    return sql.substring(0, end)
        + (select.conditional() ? " and " : " where ")
        + condition
        + sql.substring(end);
  }

  private static String literal(KeyRange range) {
    return SqlNames.literal(range.toString());
  }
}
