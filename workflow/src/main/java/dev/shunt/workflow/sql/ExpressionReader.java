package dev.shunt.workflow.sql;

import dev.shunt.workflow.sql.RuleSelect.Template;
import dev.shunt.workflow.sql.lexer.SqlToken;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;

/**
 * Finds the columns in the text of an expression. Whether a word is a column or a keyword is known
 * by its place: where an operand may stand it is a column, a function or one of a few words that
 * begin operands; behind an operand it is an operator or a part of the syntax. A word that is taken
 * for a column wrongly is refused later, when no table has it. String literals without a character
 * set get that of the text.
 */
final class ExpressionReader {
  private static final Set<String> AGGREGATES =
      Set.of(
          "any_value",
          "avg",
          "bit_and",
          "bit_or",
          "bit_xor",
          "count",
          "group_concat",
          "json_arrayagg",
          "json_objectagg",
          "max",
          "min",
          "std",
          "stddev",
          "stddev_pop",
          "stddev_samp",
          "sum",
          "var_pop",
          "var_samp",
          "variance");
  private static final Set<String> CONSTANTS =
      Set.of(
          "null",
          "true",
          "false",
          "unknown",
          "current_date",
          "current_time",
          "current_timestamp",
          "localtime",
          "localtimestamp",
          "utc_date",
          "utc_time",
          "utc_timestamp");
  private static final Set<String> OPERAND_STARTS =
      Set.of("not", "case", "when", "interval", "binary", "leading", "trailing", "both");
  private static final Set<String> OPERATORS =
      Set.of(
          "and", "or", "xor", "div", "mod", "like", "rlike", "regexp", "in", "between", "is", "not",
          "then", "else", "when", "escape", "from", "for", "sounds", "member", "of");
  private static final Set<String> UNIT_FIRST =
      Set.of("extract", "timestampdiff", "timestampadd", "get_format");
  private static final Set<String> DATE_LITERALS = Set.of("date", "time", "timestamp");

  private final String sql;
  private final List<SqlToken> tokens;
  private final List<String> texts = new ArrayList<>();
  private final List<String> columns = new ArrayList<>();
  private final StringBuilder text = new StringBuilder();
  private final Deque<Call> calls = new ArrayDeque<>();
  private boolean operandComes = true;
  private int at;
  private int copied;

  /** A parenthesis; the name is empty when it is no function's. */
  private static final class Call {
    private final String function;
    private int argument;
    private boolean untouched = true;

    Call(String function) {
      this.function = function;
    }
  }

  /**
   * @param expression tokens of the text
   */
  ExpressionReader(String sql, List<SqlToken> expression) {
    this.sql = sql;
    this.tokens = expression;
    this.copied = expression.getFirst().start();
  }

  /** Whether a token alone is a column. */
  static boolean isColumn(SqlToken token) {
    return token.kind() == SqlToken.Kind.QUOTED_WORD
        || (token.kind() == SqlToken.Kind.WORD && !CONSTANTS.contains(token.lower()));
  }

  Template read() {
    for (at = 0; at < tokens.size(); at++) {
      SqlToken token = tokens.get(at);
      switch (token.kind()) {
        case STRING -> string(token);
        case NUMBER -> operandComes = false;
        case VARIABLE, LIST_VARIABLE -> throw unsupported("variable", token);
        case SYMBOL -> symbol(token);
        case QUOTED_WORD -> {
          if (operandComes) {
            column(token);
          }
        }
        case WORD -> word(token);
      }
    }
    if (!calls.isEmpty()) {
      throw unsupported("parenthesis", tokens.getLast());
    }
    text.append(sql, copied, tokens.getLast().end());
    texts.add(text.toString());
    return new Template(texts, columns);
  }

  private SqlException unsupported(String what, SqlToken where) {
    String whole = sql.substring(tokens.getFirst().start(), tokens.getLast().end());
    return new SqlException("unsupported " + what + ": " + where.text() + " in " + whole);
  }

  private void string(SqlToken token) {
    boolean plain = operandComes && !(at > 0 && ownsString(tokens.get(at - 1), token));
    if (plain) {
      text.append(sql, copied, token.start()).append("_utf8mb4");
      copied = token.start();
    }
    operandComes = false;
  }

  /** Whether what is before the string says what it is, or takes a plain one only. */
  private boolean ownsString(SqlToken before, SqlToken string) {
    if (before.kind() == SqlToken.Kind.WORD) {
      return before.text().startsWith("_")
          || before.is("escape")
          || DATE_LITERALS.contains(before.lower())
          || before.end() == string.start();
    }
    return before.is('>')
        && at > 1
        && (tokens.get(at - 2).is('-') || tokens.get(at - 2).is('>'))
        && tokens.get(at - 2).end() == before.start();
  }

  private void symbol(SqlToken token) {
    switch (token.text().charAt(0)) {
      case '(' -> {
        boolean call = at > 0 && isFunction(tokens.get(at - 1));
        calls.push(new Call(call ? tokens.get(at - 1).lower() : ""));
        operandComes = true;
      }
      case ')' -> {
        if (calls.poll() == null) {
          throw unsupported("parenthesis", token);
        }
        operandComes = false;
      }
      case ',' -> {
        if (!calls.isEmpty()) {
          calls.element().argument++;
          calls.element().untouched = true;
        }
        operandComes = true;
      }
      case '.' -> {
        boolean number =
            (at + 1 < tokens.size() && tokens.get(at + 1).kind() == SqlToken.Kind.NUMBER)
                || (at > 0 && tokens.get(at - 1).kind() == SqlToken.Kind.NUMBER);
        if (!number) {
          throw unsupported("qualifier for column", token);
        }
      }
      case '@' -> throw unsupported("variable", token);
      case '?', ';', ':', '{', '}', '[', ']', '\\' -> throw unsupported("syntax", token);
      default -> operandComes = true;
    }
  }

  private static boolean isFunction(SqlToken token) {
    return token.kind() == SqlToken.Kind.WORD
        && !OPERATORS.contains(token.lower())
        && !OPERAND_STARTS.contains(token.lower());
  }

  private boolean next(char symbol) {
    return at + 1 < tokens.size() && tokens.get(at + 1).is(symbol);
  }

  private void word(SqlToken token) {
    String word = token.lower();
    if (word.equals("select") || word.equals("exists") || word.equals("with")) {
      throw unsupported("subquery", token);
    }
    if (word.equals("over")) {
      throw unsupported("window function", token);
    }
    if (word.equals("distinct")) {
      throw unsupported("distinct expression usage", token);
    }
    if (next('(') && isFunction(token)) {
      if (AGGREGATES.contains(word)) {
        throw unsupported("aggregation function", token);
      }
      if (word.equals("values") || word.equals("keyspace_id")) {
        throw unsupported("function", token);
      }
      return;
    }
    if (!operandComes) {
      behindAnOperand(word);
    } else if (!startsOperand(token, word)) {
      column(token);
    }
  }

  private void behindAnOperand(String word) {
    if (word.equals("as")) {
      skipTypeUpToTheEndOfTheCall();
    } else if (word.equals("using") || word.equals("collate")) {
      at++; // a name of a character set or collation
    } else {
      // END, a unit of time, and the like end an operand.
      operandComes = OPERATORS.contains(word);
    }
  }

  private void skipTypeUpToTheEndOfTheCall() {
    int depth = 0;
    while (at + 1 < tokens.size()) {
      SqlToken next = tokens.get(at + 1);
      if (depth == 0 && next.is(')')) {
        return;
      }
      depth += next.is('(') ? 1 : next.is(')') ? -1 : 0;
      at++;
    }
  }

  private boolean startsOperand(SqlToken token, String word) {
    Call call = calls.peek();
    boolean first = call != null && call.untouched;
    if (call != null) {
      call.untouched = false;
    }
    if (first && UNIT_FIRST.contains(call.function) && call.argument == 0) {
      operandComes = false;
      return true;
    }
    if (first && call.function.equals("convert") && call.argument == 1) {
      skipTypeUpToTheEndOfTheCall();
      operandComes = false;
      return true;
    }
    boolean stringFollows =
        at + 1 < tokens.size() && tokens.get(at + 1).kind() == SqlToken.Kind.STRING;
    if (stringFollows
        && (word.startsWith("_")
            || DATE_LITERALS.contains(word)
            || tokens.get(at + 1).start() == token.end())) {
      return true; // the string is the operand
    }
    if (CONSTANTS.contains(word)) {
      operandComes = false;
      return true;
    }
    return OPERAND_STARTS.contains(word);
  }

  private void column(SqlToken token) {
    if (next('.') || next('(')) {
      throw unsupported(next('.') ? "qualifier for column" : "function", token);
    }
    text.append(sql, copied, token.start());
    texts.add(text.toString());
    text.setLength(0);
    columns.add(token.text());
    copied = token.end();
    operandComes = false;
  }
}
