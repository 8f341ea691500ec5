package dev.shunt.workflow.sql;

import java.util.ArrayList;
import java.util.List;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.operators.relational.ExpressionList;
import net.sf.jsqlparser.expression.operators.relational.ParenthesedExpressionList;
import net.sf.jsqlparser.statement.select.Values;

/** Rows of a VALUES list; the parser gives one row and several in different shapes. */
final class ValuesRows {
  private ValuesRows() {}

  /**
   * Values of each row.
   *
   * @param columns number of columns that the statement names; 0 when it names none
   */
  static List<List<SqlValue>> of(Values clause, int columns) {
    ExpressionList<?> list = clause.getExpressions();
    List<List<SqlValue>> rows = new ArrayList<>();
    if (list instanceof ParenthesedExpressionList<?> only) {
      rows.add(row(only));
    } else {
      for (Expression row : list) {
        if (!(row instanceof ParenthesedExpressionList<?> values)) {
          throw new SqlException("a row of a VALUES list is not in parentheses");
        }
        rows.add(row(values));
      }
    }
    for (List<SqlValue> row : rows) {
      if (columns > 0 && row.size() != columns) {
        throw new SqlException(
            "column count doesn't match value count: " + columns + " and " + row.size());
      }
    }
    return rows;
  }

  private static List<SqlValue> row(ExpressionList<?> row) {
    List<SqlValue> values = new ArrayList<>();
    for (Expression value : row) {
      values.add(Expressions.value(value));
    }
    return values;
  }
}
