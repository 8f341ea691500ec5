package dev.shunt.workflow.sql;

import dev.shunt.workflow.sql.RuleSelect.Column;
import dev.shunt.workflow.sql.RuleSelect.Computed;
import dev.shunt.workflow.sql.RuleSelect.Count;
import dev.shunt.workflow.sql.RuleSelect.Grouping;
import dev.shunt.workflow.sql.RuleSelect.Output;
import dev.shunt.workflow.sql.RuleSelect.Sum;
import dev.shunt.workflow.sql.lexer.SqlLexer;
import dev.shunt.workflow.sql.lexer.SqlSyntaxException;
import dev.shunt.workflow.sql.lexer.SqlToken;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the SELECT of a rule. The select list is cut into tokens only, since its expressions go to
 * the target's server as they are written; what follows FROM is parsed. Refusals say what Vitess
 * says.
 */
final class RuleParser {
  private final SqlParser parser;
  private final String sql;
  private final List<SqlToken> tokens;

  RuleParser(SqlParser parser, String sql) {
    this.parser = parser;
    this.sql = sql;
    try {
      this.tokens = SqlLexer.lex(sql).tokens();
    } catch (SqlSyntaxException e) {
      throw new SqlException(String.valueOf(e.getMessage()));
    }
  }

  RuleSelect parse() {
    if (tokens.isEmpty() || !tokens.getFirst().is("select")) {
      throw new SqlException("unsupported non-select statement");
    }
    int from = atTopLevel(1, "from");
    if (from < 0) {
      throw new SqlException("unsupported from expression");
    }
    if (tokens.size() > 1 && (tokens.get(1).is("distinct") || tokens.get(1).is("distinctrow"))) {
      throw new SqlException("unsupported distinct clause");
    }
    int group = atTopLevel(from, "group");
    int end = group < 0 ? sql.length() : tokens.get(group).start();
    String rest = sql.substring(tokens.get(from).start(), end).trim();
    String table = parser.parseFilter("select * " + rest).table();
    boolean where = atTopLevel(from, "where") >= 0;
    List<List<SqlToken>> items = split(1, from);
    boolean grouped = group >= 0;
    if (items.stream().anyMatch(RuleParser::isStar)) {
      if (items.size() > 1) {
        throw new SqlException("unsupported mix of '*' and columns");
      }
      if (items.getFirst().size() > 1) {
        throw new SqlException(
            "unsupported qualifier for '*' expression: " + text(items.getFirst()));
      }
      if (grouped) {
        throw new SqlException(
            "group by expression does not reference an alias in the select list");
      }
      return new RuleSelect(table, List.of(), Grouping.NONE, rest, where);
    }
    List<Output> outputs = new ArrayList<>(items.stream().map(this::output).toList());
    demandDistinctAliases(outputs);
    if (!grouped) {
      if (outputs.stream().anyMatch(one -> one instanceof Count || one instanceof Sum)) {
        throw new SqlException("aggregate expressions need a group by clause: " + sql);
      }
      return new RuleSelect(table, outputs, Grouping.NONE, rest, where);
    }
    groupBy(group, outputs);
    Grouping grouping =
        outputs.stream().allMatch(Output::grouped) ? Grouping.DISTINCT : Grouping.MERGED;
    return new RuleSelect(table, outputs, grouping, rest, where);
  }

  private static boolean isStar(List<SqlToken> item) {
    return item.getLast().is('*')
        && (item.size() == 1 || (item.size() == 3 && item.get(1).is('.')));
  }

  private int atTopLevel(int start, String keyword) {
    return atTopLevel(tokens, start, keyword);
  }

  /** Index of the first such keyword outside of all parentheses; -1 when there is none. */
  static int atTopLevel(List<SqlToken> tokens, int start, String keyword) {
    int depth = 0;
    for (int i = start; i < tokens.size(); i++) {
      SqlToken token = tokens.get(i);
      depth += token.is('(') ? 1 : token.is(')') ? -1 : 0;
      if (depth == 0 && token.is(keyword)) {
        return i;
      }
    }
    return -1;
  }

  private List<List<SqlToken>> split(int start, int end) {
    List<List<SqlToken>> items = new ArrayList<>();
    int depth = 0;
    int begin = start;
    for (int i = start; i <= end; i++) {
      SqlToken token = tokens.get(i);
      depth += token.is('(') ? 1 : token.is(')') ? -1 : 0;
      if (i == end || (depth == 0 && token.is(','))) {
        if (i == begin) {
          throw new SqlException("syntax error in the select list: " + sql);
        }
        items.add(tokens.subList(begin, i));
        begin = i + 1;
      }
    }
    return items;
  }

  private String text(List<SqlToken> part) {
    return sql.substring(part.getFirst().start(), part.getLast().end());
  }

  private Output output(List<SqlToken> item) {
    int size = item.size();
    List<SqlToken> expression = item;
    String alias = "";
    if (size > 2 && item.get(size - 2).is("as") && isAlias(item.getLast())) {
      expression = item.subList(0, size - 2);
      alias = item.getLast().text();
    } else if (size > 1 && isAlias(item.getLast()) && endsBefore(item)) {
      expression = item.subList(0, size - 1);
      alias = item.getLast().text();
    }
    if (expression.size() == 1 && ExpressionReader.isColumn(expression.getFirst())) {
      String column = expression.getFirst().text();
      return new Column(column, alias.isEmpty() ? column : alias, false);
    }
    Output aggregate = aggregate(expression, alias);
    Output output =
        aggregate == null
            ? new Computed(new ExpressionReader(sql, expression).read(), alias, false)
            : aggregate;
    if (alias.isEmpty()) {
      throw new SqlException("expression needs an alias: " + text(item));
    }
    return output;
  }

  private static boolean isAlias(SqlToken token) {
    return token.isName() || token.kind() == SqlToken.Kind.STRING;
  }

  /** Whether what is before the last token is complete, so that this is an alias without AS. */
  private static boolean endsBefore(List<SqlToken> item) {
    SqlToken before = item.get(item.size() - 2);
    return !item.getLast().is("end")
        && (before.is(')') || before.is("end") || (item.size() == 2 && before.isName()));
  }

  private @Nullable Output aggregate(List<SqlToken> expression, String alias) {
    SqlToken first = expression.getFirst();
    if (expression.size() < 3 || !expression.get(1).is('(') || !expression.getLast().is(')')) {
      return null;
    }
    List<SqlToken> inside = expression.subList(2, expression.size() - 1);
    if (closesEarlier(inside)) {
      return null;
    }
    if (first.is("count")) {
      if (inside.size() == 1 && inside.getFirst().is('*')) {
        return new Count(alias);
      }
      throw new SqlException(
          (!inside.isEmpty() && inside.getFirst().is("distinct")
                  ? "unsupported distinct expression usage: "
                  : "only count(*) is supported: ")
              + text(expression));
    }
    if (first.is("sum")) {
      if (!inside.isEmpty() && inside.getFirst().is("distinct")) {
        throw new SqlException("unsupported distinct expression usage: " + text(expression));
      }
      if (inside.size() != 1 || !ExpressionReader.isColumn(inside.getFirst())) {
        throw new SqlException("unsupported non-column name in sum clause: " + text(expression));
      }
      return new Sum(inside.getFirst().text(), alias);
    }
    if (first.is("keyspace_id")) {
      throw new SqlException("unsupported keyspace_id expression: " + text(expression));
    }
    return null;
  }

  private static boolean closesEarlier(List<SqlToken> inside) {
    int depth = 0;
    for (SqlToken token : inside) {
      depth += token.is('(') ? 1 : token.is(')') ? -1 : 0;
      if (depth < 0) {
        return true;
      }
    }
    return false;
  }

  private void demandDistinctAliases(List<Output> outputs) {
    Set<String> aliases = new HashSet<>();
    for (Output output : outputs) {
      if (!aliases.add(output.alias().toLowerCase(Locale.ROOT))) {
        throw new SqlException("column " + output.alias() + " is selected twice: " + sql);
      }
    }
  }

  private void groupBy(int group, List<Output> outputs) {
    if (group + 2 >= tokens.size() || !tokens.get(group + 1).is("by")) {
      throw new SqlException("syntax error in the group by clause: " + sql);
    }
    for (int i = group + 2; i < tokens.size(); i += 2) {
      boolean alone =
          i + 1 == tokens.size() || (tokens.get(i + 1).is(',') && i + 2 < tokens.size());
      if (!ExpressionReader.isColumn(tokens.get(i)) || !alone) {
        throw new SqlException(
            "unsupported non-column name or alias in group by clause: "
                + sql.substring(tokens.get(group).start()));
      }
      mark(tokens.get(i).text(), outputs);
    }
  }

  private static void mark(String name, List<Output> outputs) {
    for (int i = 0; i < outputs.size(); i++) {
      Output output = outputs.get(i);
      if (output.alias().equalsIgnoreCase(name)) {
        outputs.set(
            i,
            switch (output) {
              case Column column -> new Column(column.column(), column.alias(), true);
              case Computed computed -> new Computed(computed.template(), computed.alias(), true);
              case Count _, Sum _ ->
                  throw new SqlException(
                      "group by expression is not allowed to reference an aggregate expression: "
                          + name);
            });
        return;
      }
    }
    throw new SqlException(
        "group by expression does not reference an alias in the select list: " + name);
  }
}
