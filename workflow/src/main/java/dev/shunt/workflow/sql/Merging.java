package dev.shunt.workflow.sql;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import net.sf.jsqlparser.expression.AnalyticExpression;
import net.sf.jsqlparser.expression.ExpressionVisitorAdapter;
import net.sf.jsqlparser.expression.Function;
import net.sf.jsqlparser.statement.select.PlainSelect;
import net.sf.jsqlparser.statement.select.SelectItem;
import org.jspecify.annotations.Nullable;

/** Whether the rows of several shards cannot simply follow each other. */
final class Merging {
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

  private Merging() {}

  static boolean isMerging(PlainSelect select) {
    return select.getDistinct() != null
        || select.getGroupBy() != null
        || select.getHaving() != null
        || select.getLimit() != null
        || select.getOffset() != null
        || select.getFetch() != null
        || !isEmpty(select.getOrderByElements())
        || hasAggregate(select);
  }

  private static boolean isEmpty(@Nullable List<?> list) {
    return list == null || list.isEmpty();
  }

  private static boolean hasAggregate(PlainSelect select) {
    AggregateFinder finder = new AggregateFinder();
    for (SelectItem<?> item : select.getSelectItems()) {
      item.getExpression().accept(finder, null);
    }
    return finder.found;
  }

  private static final class AggregateFinder extends ExpressionVisitorAdapter<@Nullable Void> {
    private boolean found;

    @Override
    public <S> @Nullable Void visit(Function function, S context) {
      found |= AGGREGATES.contains(function.getName().toLowerCase(Locale.ROOT));
      return super.visit(function, context);
    }

    @Override
    public <S> @Nullable Void visit(AnalyticExpression expression, S context) {
      found = true;
      return super.visit(expression, context);
    }
  }
}
