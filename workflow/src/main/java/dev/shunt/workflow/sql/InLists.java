package dev.shunt.workflow.sql;

import java.util.ArrayList;
import java.util.List;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.operators.conditional.AndExpression;
import net.sf.jsqlparser.expression.operators.relational.InExpression;

/**
 * Puts right how JSqlParser 5.3 reads what stands behind an IN list: {@code a IN (1) AND b = 2}
 * comes as {@code a IN ((1) AND b = 2)}.
 */
final class InLists {
  private InLists() {}

  /** The list of an IN, and the conditions that stand behind it. */
  record Split(Expression list, List<Expression> behind) {}

  /** Takes apart what an IN has swallowed; for clauses without OR only. */
  static Split split(AndExpression swallowed) {
    List<Expression> behind = new ArrayList<>();
    Expression rest = swallowed;
    while (rest instanceof AndExpression and) {
      behind.addFirst(and.getRightExpression());
      rest = and.getLeftExpression();
    }
    return new Split(rest, behind);
  }

  /** The same IN with another right side. */
  static InExpression with(InExpression in, Expression list) {
    return new InExpression(in.getLeftExpression(), list).withNot(in.isNot());
  }
}
