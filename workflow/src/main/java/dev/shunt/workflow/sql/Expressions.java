package dev.shunt.workflow.sql;

import dev.shunt.workflow.sharding.KeyRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import net.sf.jsqlparser.expression.DoubleValue;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.Function;
import net.sf.jsqlparser.expression.JdbcNamedParameter;
import net.sf.jsqlparser.expression.LongValue;
import net.sf.jsqlparser.expression.NullValue;
import net.sf.jsqlparser.expression.SignedExpression;
import net.sf.jsqlparser.expression.StringValue;
import net.sf.jsqlparser.expression.operators.conditional.AndExpression;
import net.sf.jsqlparser.expression.operators.relational.ComparisonOperator;
import net.sf.jsqlparser.expression.operators.relational.EqualsTo;
import net.sf.jsqlparser.expression.operators.relational.GreaterThan;
import net.sf.jsqlparser.expression.operators.relational.GreaterThanEquals;
import net.sf.jsqlparser.expression.operators.relational.InExpression;
import net.sf.jsqlparser.expression.operators.relational.IsNullExpression;
import net.sf.jsqlparser.expression.operators.relational.MinorThan;
import net.sf.jsqlparser.expression.operators.relational.MinorThanEquals;
import net.sf.jsqlparser.expression.operators.relational.NotEqualsTo;
import net.sf.jsqlparser.expression.operators.relational.ParenthesedExpressionList;
import net.sf.jsqlparser.schema.Column;
import net.sf.jsqlparser.schema.Table;
import org.jspecify.annotations.Nullable;

/** Turns the parser's expressions into values and conditions. */
final class Expressions {
  private Expressions() {}

  /** The members of an AND-list; one {@link Condition.Unhandled} for each other member. */
  static List<Condition> conjuncts(@Nullable Expression where) {
    List<Condition> conditions = new ArrayList<>();
    if (where != null) {
      collectClause(where, conditions);
    }
    return conditions;
  }

  private static void collectClause(Expression clause, List<Condition> into) {
    if (TopLevelOr.in(clause.toString())) {
      into.add(new Condition.Unhandled(clause.toString()));
    } else {
      collect(clause, into);
    }
  }

  private static void collect(Expression expression, List<Condition> into) {
    switch (expression) {
      case AndExpression and -> {
        collect(and.getLeftExpression(), into);
        collect(and.getRightExpression(), into);
      }
      case ParenthesedExpressionList<?> list when list.size() == 1 ->
          collectClause(list.getFirst(), into);
      case InExpression in when in.getRightExpression() instanceof AndExpression tail -> {
        InLists.Split split = InLists.split(tail);
        into.add(condition(InLists.with(in, split.list())));
        split.behind().forEach(behind -> collect(behind, into));
      }
      default -> into.add(condition(expression));
    }
  }

  private static Condition condition(Expression expression) {
    Optional<Condition> known =
        switch (expression) {
          case ComparisonOperator comparison -> comparison(comparison);
          case InExpression in -> in(in);
          case IsNullExpression isNull when isNull.isNot() ->
              column(isNull.getLeftExpression()).map(Condition.NotNull::new);
          case Function function when "in_keyrange".equalsIgnoreCase(function.getName()) ->
              Optional.of(inKeyRange(function));
          default -> Optional.empty();
        };
    return known.orElseGet(() -> new Condition.Unhandled(expression.toString()));
  }

  private static Optional<Condition> comparison(ComparisonOperator comparison) {
    Condition.@Nullable Operator operator =
        switch (comparison) {
          case EqualsTo equals when "=".equals(equals.getStringExpression()) ->
              Condition.Operator.EQUAL;
          case NotEqualsTo _ -> Condition.Operator.NOT_EQUAL;
          case MinorThan _ -> Condition.Operator.LESS;
          case MinorThanEquals _ -> Condition.Operator.LESS_OR_EQUAL;
          case GreaterThan _ -> Condition.Operator.GREATER;
          case GreaterThanEquals _ -> Condition.Operator.GREATER_OR_EQUAL;
          default -> null;
        };
    if (operator == null) {
      return Optional.empty();
    }
    Optional<String> left = column(comparison.getLeftExpression());
    Optional<String> right = column(comparison.getRightExpression());
    if (left.isPresent() && right.isEmpty()) {
      SqlValue value = value(comparison.getRightExpression());
      return Optional.of(new Condition.Compare(left.get(), operator, value));
    }
    if (right.isPresent() && left.isEmpty()) {
      SqlValue value = value(comparison.getLeftExpression());
      return Optional.of(new Condition.Compare(right.get(), operator.mirrored(), value));
    }
    return Optional.empty();
  }

  private static Optional<Condition> in(InExpression in) {
    if (in.isNot() || !(in.getRightExpression() instanceof ParenthesedExpressionList<?> list)) {
      return Optional.empty();
    }
    return column(in.getLeftExpression())
        .map(column -> new Condition.In(column, list.stream().map(Expressions::value).toList()));
  }

  private static Condition inKeyRange(Function function) {
    List<? extends Expression> arguments =
        function.getParameters() == null ? List.of() : function.getParameters();
    if (arguments.isEmpty() || arguments.size() == 2) {
      throw new SqlException(
          "in_keyrange takes a key range, or columns, a vindex and a key range: " + function);
    }
    KeyRange range = range(string(function, arguments.getLast()));
    if (arguments.size() == 1) {
      return new Condition.InKeyRange(List.of(), Optional.empty(), range);
    }
    List<String> columns = new ArrayList<>();
    for (Expression argument : arguments.subList(0, arguments.size() - 2)) {
      columns.add(
          column(argument)
              .orElseThrow(
                  () -> new SqlException("in_keyrange takes plain columns, not " + argument)));
    }
    String vindex = string(function, arguments.get(arguments.size() - 2));
    return new Condition.InKeyRange(columns, Optional.of(vindex), range);
  }

  private static String string(Function function, Expression argument) {
    if (value(argument) instanceof SqlValue.StringLiteral(String text)) {
      return text;
    }
    throw new SqlException("in_keyrange takes string literals behind its columns: " + function);
  }

  /**
   * A key range as {@code in_keyrange} names it.
   *
   * @throws SqlException when it is malformed
   */
  static KeyRange range(String text) {
    try {
      return KeyRange.parse(text);
    } catch (IllegalArgumentException e) {
      throw new SqlException("in_keyrange: " + e.getMessage());
    }
  }

  /** The value that an expression is, or its text. */
  static SqlValue value(Expression expression) {
    return switch (expression) {
      case LongValue number -> new SqlValue.NumberLiteral(number.getStringValue());
      case DoubleValue number -> new SqlValue.NumberLiteral(number.toString());
      case SignedExpression signed
          when value(signed.getExpression()) instanceof SqlValue.NumberLiteral(String digits) ->
          new SqlValue.NumberLiteral(signed.getSign() == '-' ? "-" + digits : digits);
      case StringValue string when string.getPrefix() == null ->
          new SqlValue.StringLiteral(Quoting.unescape(string.getValue(), '\''));
      case Column column when Quoting.isDoubleQuoted(column.getFullyQualifiedName()) ->
          new SqlValue.StringLiteral(Quoting.doubleQuoted(column.getFullyQualifiedName()));
      case NullValue _ -> new SqlValue.NullLiteral();
      case JdbcNamedParameter bind -> new SqlValue.Bind(bind.getName());
      case ParenthesedExpressionList<?> list when list.size() == 1 -> value(list.getFirst());
      case Column column when isDefault(column) -> new SqlValue.Default();
      default -> new SqlValue.Expression(expression.toString());
    };
  }

  private static boolean isDefault(Column column) {
    return "default".equals(column.getFullyQualifiedName().toLowerCase(Locale.ROOT));
  }

  /** Name of the column that an expression is; empty when it is something else. */
  static Optional<String> column(Expression expression) {
    if (!(expression instanceof Column column)
        || Quoting.isDoubleQuoted(column.getFullyQualifiedName())
        || isConstant(column)) {
      return Optional.empty();
    }
    return Optional.of(Quoting.name(column.getColumnName()));
  }

  private static boolean isConstant(Column column) {
    return switch (column.getFullyQualifiedName().toLowerCase(Locale.ROOT)) {
      case "true", "false", "default" -> true;
      default -> false;
    };
  }

  /** Qualifier and name of a table. */
  static TableName table(Table table) {
    String qualifier = table.getSchemaName();
    return new TableName(
        qualifier == null ? "" : Quoting.name(qualifier), Quoting.name(table.getName()));
  }
}
