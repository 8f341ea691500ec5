package dev.shunt.workflow.sql;

import java.util.ArrayList;
import java.util.List;
import net.sf.jsqlparser.expression.BinaryExpression;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.ExpressionVisitorAdapter;
import net.sf.jsqlparser.expression.operators.conditional.AndExpression;
import net.sf.jsqlparser.expression.operators.conditional.OrExpression;
import net.sf.jsqlparser.expression.operators.conditional.XorExpression;
import net.sf.jsqlparser.expression.operators.relational.InExpression;
import org.jspecify.annotations.Nullable;

/**
 * Puts right how JSqlParser 5.3 reads what stands behind an IN list: {@code a IN (1) AND b = 2}
 * comes as {@code a IN ((1) AND b = 2)}, and the same with OR, which then hides the real shape of
 * the whole clause.
 */
final class InLists {
  private InLists() {}

  /** The list of an IN, and the conditions that stand behind it. */
  record Split(Expression list, List<Expression> behind) {}

  /** Whether some IN has swallowed an OR, so that the clause may not be an AND-list at all. */
  static boolean hideAnOr(Expression where) {
    OrFinder finder = new OrFinder();
    where.accept(finder, null);
    return finder.found;
  }

  /** Takes apart what an IN has swallowed; for clauses that hide no OR. */
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

  private static final class OrFinder extends ExpressionVisitorAdapter<@Nullable Void> {
    private boolean found;

    @Override
    public <S> @Nullable Void visit(InExpression in, S context) {
      Expression at = in.getRightExpression();
      while (at instanceof BinaryExpression binary) {
        found |= binary instanceof OrExpression || binary instanceof XorExpression;
        at = binary.getLeftExpression();
      }
      return super.visit(in, context);
    }
  }
}
