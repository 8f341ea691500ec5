package dev.shunt.workflow.sql;

import dev.shunt.workflow.sharding.KeyRange;
import dev.shunt.workflow.sql.lexer.SqlLexer;
import dev.shunt.workflow.sql.lexer.SqlToken;
import java.util.List;
import java.util.function.Function;

/** Words the SELECT of a rule anew for another key range; the rest of its text stays as it is. */
public final class RangedRule {
  private static final String IN_KEYRANGE = "in_keyrange";

  private final String sql;
  private final List<SqlToken> tokens;
  private final RuleSelect select;

  /** Where FROM stands, and the first token behind the conditions. */
  private final int from;

  private final int end;

  private RangedRule(SqlParser parser, String sql) {
    this.sql = sql;
    this.select = parser.parseRule(sql);
    this.tokens = SqlLexer.lex(sql).tokens();
    this.from = RuleParser.atTopLevel(tokens, 0, "from");
    int group = RuleParser.atTopLevel(tokens, from, "group");
    int last = tokens.size();
    while (tokens.get(last - 1).is(';')) {
      last--;
    }
    this.end = group < 0 ? last : group;
  }

  /**
   * The same SELECT for the rows of another key range: in place of the one that it names, which
   * must be this one, or beside its conditions where it names none.
   *
   * @param present the range whose rows it reads
   * @param wanted the range whose rows are to be read
   * @param key how {@code in_keyrange} begins: columns and vindex, joined by commas
   * @throws SqlException when it is no SELECT of a rule, or names several ranges, or another one
   */
  public static String of(
      SqlParser parser,
      String sql,
      KeyRange present,
      KeyRange wanted,
      Function<RuleSelect, String> key) {
    RangedRule rule = new RangedRule(parser, sql);
    List<KeyRange> named = ranges(parser, rule.select);
    if (named.size() > 1) {
      throw new SqlException("several key ranges: " + sql);
    }
    if (!named.isEmpty() && !named.getFirst().equals(present)) {
      throw new SqlException(
          "it names key range %s, and not that of its shard, %s: %s"
              .formatted(named.getFirst(), present, sql));
    }
    String condition =
        "%s(%s, %s)"
            .formatted(IN_KEYRANGE, key.apply(rule.select), SqlNames.literal(wanted.toString()));
    String worded = named.isEmpty() ? rule.with(condition) : rule.replaced(condition);
    if (!ranges(parser, parser.parseRule(worded)).equals(List.of(wanted))) {
      throw new SqlException("no key range can be put into it: " + sql);
    }
    return worded;
  }

  private static List<KeyRange> ranges(SqlParser parser, RuleSelect select) {
    return parser.parseFilter("select * " + select.from()).where().stream()
        .filter(condition -> condition instanceof Condition.InKeyRange)
        .map(condition -> ((Condition.InKeyRange) condition).range())
        .toList();
  }

  private String replaced(String condition) {
    for (int i = from; i + 1 < tokens.size(); i++) {
      if (tokens.get(i).is(IN_KEYRANGE) && tokens.get(i + 1).is('(')) {
        return sql.substring(0, tokens.get(i).start())
            + condition
            + sql.substring(tokens.get(closing(i + 1)).end());
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

  /** Behind the last token of the conditions, as a comment may follow. */
  private String with(String condition) {
    int behind = tokens.get(end - 1).end();
    return sql.substring(0, behind)
        + (select.conditional() ? " and " : " where ")
        + condition
        + sql.substring(behind);
  }
}
