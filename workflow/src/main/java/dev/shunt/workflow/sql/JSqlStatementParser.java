package dev.shunt.workflow.sql;

import dev.shunt.workflow.sql.FilterSelect.SelectedColumn;
import dev.shunt.workflow.sql.SqlStatement.Assignment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.sf.jsqlparser.parser.CCJSqlParser;
import net.sf.jsqlparser.parser.CCJSqlParserUtil;
import net.sf.jsqlparser.parser.ParseException;
import net.sf.jsqlparser.parser.TokenMgrException;
import net.sf.jsqlparser.schema.Table;
import net.sf.jsqlparser.statement.Statement;
import net.sf.jsqlparser.statement.delete.Delete;
import net.sf.jsqlparser.statement.insert.Insert;
import net.sf.jsqlparser.statement.select.AllColumns;
import net.sf.jsqlparser.statement.select.AllTableColumns;
import net.sf.jsqlparser.statement.select.FromItem;
import net.sf.jsqlparser.statement.select.Join;
import net.sf.jsqlparser.statement.select.OrderByElement;
import net.sf.jsqlparser.statement.select.PlainSelect;
import net.sf.jsqlparser.statement.select.Select;
import net.sf.jsqlparser.statement.select.SelectItem;
import net.sf.jsqlparser.statement.select.Values;
import net.sf.jsqlparser.statement.update.Update;
import net.sf.jsqlparser.statement.update.UpdateSet;
import net.sf.jsqlparser.statement.upsert.Upsert;
import org.jspecify.annotations.Nullable;

/** {@link SqlParser} on JSqlParser. */
final class JSqlStatementParser implements SqlParser {
  @Override
  public StatementKind kind(String sql) {
    return StatementKinds.of(sql);
  }

  @Override
  public SqlStatement parse(String sql) {
    Statement statement = statement(sql);
    List<TableName> tables = TableNames.of(statement);
    return switch (statement) {
      case Select select -> select(select, tables);
      case Insert insert -> insert(insert, tables);
      case Upsert upsert -> replace(upsert, tables);
      case Update update -> update(update, tables);
      case Delete delete -> delete(delete, tables);
      default -> new SqlStatement.Other(kind(sql), tables);
    };
  }

  @Override
  public FilterSelect parseFilter(String sql) {
    return PlainFilter.read(sql).orElseGet(() -> parsedFilter(sql));
  }

  /** As {@link #parseFilter}, by the parser in any case. */
  FilterSelect parsedFilter(String sql) {
    return filter(plainSelect(sql), sql);
  }

  private PlainSelect plainSelect(String sql) {
    if (sql.contains("``")) { // JSqlParser takes what follows for an alias
      throw new SqlException("names with back quotes are not supported in filters: " + sql);
    }
    if (statement(sql) instanceof PlainSelect select) {
      return select;
    }
    throw new SqlException("a filter is a single SELECT: " + sql);
  }

  @Override
  public OrderedSelect parseOrdered(String sql) {
    PlainSelect select = plainSelect(sql);
    List<String> order = new ArrayList<>();
    if (has(select.getOrderByElements())) {
      for (OrderByElement element : select.getOrderByElements()) {
        order.add(
            Optional.of(element)
                .filter(one -> one.isAsc() && one.getNullOrdering() == null)
                .flatMap(one -> Expressions.column(one.getExpression()))
                .orElseThrow(() ->
                    new SqlException("rows are ordered by plain columns, ascending: " + sql)));
      }
      select.setOrderByElements(null);
    }
    return new OrderedSelect(filter(select, sql), order);
  }

  private static FilterSelect filter(PlainSelect select, String sql) {
    if (!(select.getFromItem() instanceof Table table) || !noJoins(select.getJoins())) {
      throw new SqlException("a filter reads exactly one table: " + sql);
    }
    if (Merging.isMerging(select)
        || select.getForMode() != null
        || has(select.getWithItemsList())) {
      throw new SqlException(
          "a filter has no DISTINCT, aggregate, GROUP BY, HAVING, ORDER BY, LIMIT or WITH: " + sql);
    }
    List<Condition> where = Expressions.conjuncts(select.getWhere());
    for (Condition condition : where) {
      if (condition instanceof Condition.Unhandled(String text)) {
        throw new SqlException("unsupported condition in filter: " + text);
      }
      if (!comparesWithLiterals(condition)) {
        throw new SqlException("a filter compares columns with literals only: " + sql);
      }
    }
    return new FilterSelect(Quoting.name(table.getName()), columns(select), where);
  }

  private static List<SelectedColumn> columns(PlainSelect select) {
    List<SelectItem<?>> items = select.getSelectItems();
    if (items.size() == 1
        && items.getFirst().getExpression() instanceof AllColumns
        && !(items.getFirst().getExpression() instanceof AllTableColumns)) {
      return List.of();
    }
    List<SelectedColumn> columns = new ArrayList<>();
    for (SelectItem<?> item : items) {
      String column =
          Expressions.column(item.getExpression())
              .orElseThrow(
                  () -> new SqlException("a filter selects * or plain columns, not " + item));
      columns.add(
          new SelectedColumn(
              column, item.getAlias() == null ? column : Quoting.name(item.getAlias().getName())));
    }
    return columns;
  }

  private static boolean comparesWithLiterals(Condition condition) {
    return switch (condition) {
      case Condition.Compare compare -> isLiteral(compare.value());
      case Condition.In in -> in.values().stream().allMatch(JSqlStatementParser::isLiteral);
      case Condition.NotNull _, Condition.InKeyRange _ -> true;
      case Condition.Unhandled _ -> false;
    };
  }

  private static boolean isLiteral(SqlValue value) {
    return switch (value) {
      case SqlValue.NumberLiteral _, SqlValue.StringLiteral _, SqlValue.NullLiteral _ -> true;
      case SqlValue.Bind _, SqlValue.Default _, SqlValue.Expression _ -> false;
    };
  }

  private static SqlStatement select(Select select, List<TableName> tables) {
    boolean locking = select.getForMode() != null;
    if (select instanceof PlainSelect plain) {
      return new SqlStatement.Select(
          tables,
          only(tables, plain.getFromItem(), plain.getJoins()),
          Expressions.conjuncts(plain.getWhere()),
          locking,
          Merging.isMerging(plain));
    }
    return new SqlStatement.Select(tables, Optional.empty(), List.of(), locking, true);
  }

  private static SqlStatement insert(Insert insert, List<TableName> tables) {
    List<String> columns = new ArrayList<>();
    List<List<SqlValue>> rows = new ArrayList<>();
    if (has(insert.getSetUpdateSets())) {
      for (Assignment assignment : assignments(insert.getSetUpdateSets())) {
        columns.add(assignment.column());
      }
      rows.add(assignments(insert.getSetUpdateSets()).stream().map(Assignment::value).toList());
    } else {
      if (insert.getColumns() != null) {
        insert.getColumns().forEach(column -> columns.add(Quoting.name(column.getColumnName())));
      }
      if (insert.getSelect() instanceof Values values) {
        rows.addAll(ValuesRows.of(values, columns.size()));
      }
    }
    List<String> updated =
        has(insert.getDuplicateUpdateSets())
            ? assignments(insert.getDuplicateUpdateSets()).stream().map(Assignment::column).toList()
            : List.of();
    return new SqlStatement.Insert(
        StatementKind.INSERT,
        tables,
        Expressions.table(insert.getTable()),
        insert.isModifierIgnore(),
        columns,
        rows,
        updated);
  }

  private static SqlStatement replace(Upsert upsert, List<TableName> tables) {
    List<String> columns = new ArrayList<>();
    List<List<SqlValue>> rows = new ArrayList<>();
    if (has(upsert.getUpdateSets())) {
      List<Assignment> assignments = assignments(upsert.getUpdateSets());
      assignments.forEach(assignment -> columns.add(assignment.column()));
      rows.add(assignments.stream().map(Assignment::value).toList());
    } else {
      if (upsert.getColumns() != null) {
        upsert.getColumns().forEach(column -> columns.add(Quoting.name(column.getColumnName())));
      }
      if (upsert.getSelect() instanceof Values values) {
        rows.addAll(ValuesRows.of(values, columns.size()));
      }
    }
    return new SqlStatement.Insert(
        StatementKind.REPLACE,
        tables,
        Expressions.table(upsert.getTable()),
        false,
        columns,
        rows,
        List.of());
  }

  private static SqlStatement update(Update update, List<TableName> tables) {
    boolean simple = noJoins(update.getStartJoins()) && update.getFromItem() == null;
    return new SqlStatement.Update(
        tables,
        simple ? only(tables, update.getTable(), update.getJoins()) : Optional.empty(),
        assignments(update.getUpdateSets()),
        Expressions.conjuncts(update.getWhere()),
        update.getLimit() != null || has(update.getOrderByElements()));
  }

  private static SqlStatement delete(Delete delete, List<TableName> tables) {
    boolean simple = !has(delete.getTables()) && !has(delete.getUsingList());
    return new SqlStatement.Delete(
        tables,
        simple ? only(tables, delete.getTable(), delete.getJoins()) : Optional.empty(),
        Expressions.conjuncts(delete.getWhere()),
        delete.getLimit() != null || has(delete.getOrderByElements()));
  }

  private static List<Assignment> assignments(List<UpdateSet> sets) {
    List<Assignment> assignments = new ArrayList<>();
    for (UpdateSet set : sets) {
      for (int i = 0; i < set.getColumns().size(); i++) {
        SqlValue value =
            i < set.getValues().size()
                ? Expressions.value(set.getValue(i))
                : new SqlValue.Expression(set.getValues().toString());
        assignments.add(new Assignment(Quoting.name(set.getColumn(i).getColumnName()), value));
      }
    }
    return assignments;
  }

  private static Optional<TableName> only(
      List<TableName> tables, @Nullable FromItem from, @Nullable List<Join> joins) {
    return tables.size() == 1 && from instanceof Table table && noJoins(joins)
        ? Optional.of(Expressions.table(table))
        : Optional.empty();
  }

  private static boolean noJoins(@Nullable List<Join> joins) {
    return !has(joins);
  }

  private static boolean has(@Nullable List<?> list) {
    return list != null && !list.isEmpty();
  }

  private static Statement statement(String sql) {
    if (sql.isBlank()) {
      throw new SqlException("empty statement");
    }
    try {
      return parser(sql).withAllowComplexParsing(false).Statement();
    } catch (ParseException | TokenMgrException _) {
      // The parser's quick way does not know every expression; its thorough way decides.
      return statementThoroughly(sql);
    }
  }

  private static Statement statementThoroughly(String sql) {
    try {
      return parser(sql).withAllowComplexParsing(true).Statement();
    } catch (ParseException e) {
      String where =
          e.currentToken == null || e.currentToken.next == null
              ? ""
              : " near position " + e.currentToken.next.absoluteBegin;
      throw new SqlException("syntax error in " + StatementKinds.of(sql) + " statement" + where);
    } catch (TokenMgrException _) {
      throw new SqlException("syntax error in " + StatementKinds.of(sql) + " statement");
    }
  }

  private static CCJSqlParser parser(String sql) {
    return CCJSqlParserUtil.newParser(sql).withBackslashEscapeCharacter(true);
  }
}
