package dev.shunt.tablet.vstreamer;

import binlogdata.Binlogdata;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.preflight.NameRule;
import dev.shunt.tablet.schema.TableSchema;
import dev.shunt.workflow.sharding.KeyRange;
import dev.shunt.workflow.sharding.ShardingKey;
import dev.shunt.workflow.sql.Condition;
import dev.shunt.workflow.sql.FilterSelect;
import dev.shunt.workflow.sql.OrderedSelect;
import dev.shunt.workflow.sql.SqlException;
import dev.shunt.workflow.sql.SqlParser;
import dev.shunt.workflow.streams.Rules;
import io.grpc.Status;
import io.vitess.proto.Query;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;

/**
 * The rules of a stream's filter as the source reads them: the first rule that matches a table's
 * name decides. A rule's match is a name, or a regular expression after a slash, which matches no
 * internal table; its filter is empty, a key range, or a SELECT.
 */
final class StreamRules {
  /** The filter of tables that are left out. */
  static final String EXCLUDE = "exclude";

  private final List<Rule> rules;
  private final RowFilters filters;
  private final SqlParser parser;

  /** By what the rows of tables have been placed since the stream began. */
  private final Map<String, Placement> placements = new HashMap<>();

  private record Rule(Pattern pattern, boolean named, String filter) {
    static Rule of(Binlogdata.Rule rule, NameRule names) {
      return new Rule(
          StreamRules.pattern(rule.getMatch(), names),
          Rules.expression(rule.getMatch()).isEmpty(),
          rule.getFilter());
    }

    boolean matches(String table) {
      return (named || !Rules.isInternal(table)) && pattern.matcher(table).find();
    }
  }

  private record Placement(FilterSelect select, List<Optional<ShardingKey>> keys) {}

  /**
   * @param names how the server compares names of tables
   */
  StreamRules(Binlogdata.Filter filter, RowFilters filters, SqlParser parser, NameRule names) {
    this.filters = filters;
    this.parser = parser;
    List<Rule> compiled = new ArrayList<>();
    for (Binlogdata.Rule rule : filter.getRulesList()) {
      compiled.add(Rule.of(rule, names));
    }
    this.rules = List.copyOf(compiled);
  }

  private static Pattern pattern(String match, NameRule names) {
    int flags = names == NameRule.EXACT ? 0 : Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE;
    try {
      return Pattern.compile(
          Rules.expression(match).orElseGet(() -> "^" + Pattern.quote(match) + "$"), flags);
    } catch (PatternSyntaxException e) {
      throw new RpcException(
          Status.Code.INVALID_ARGUMENT, "malformed pattern in a rule: " + match, e);
    }
  }

  /** Whether some rule takes rows of this table. */
  boolean matches(String table) {
    return filter(table).isPresent();
  }

  /** Whether the rule that decides on a table names it, and is no pattern. */
  boolean names(String table) {
    return rule(table).filter(Rule::named).isPresent();
  }

  /** The plan for a table, or empty when the stream has no use for it. */
  Optional<RowPlan> plan(TableSchema table, String database) {
    return filter(table.name()).map(filter -> plan(table, database, filter));
  }

  /**
   * Sees to it that rows are still placed as when the stream began: by another vindex other rows
   * would be the stream's, and what was copied and applied stays.
   *
   * @throws RpcException FAILED_PRECONDITION when the vschema changed
   */
  void demandSamePlacements() {
    placements.forEach((table, before) ->
        filters
            .recentPlacement(table, before.select().where())
            .ifPresent(now -> demandSame(table, before.keys(), now)));
  }

  private static void demandSame(
      String table, List<Optional<ShardingKey>> before, List<Optional<ShardingKey>> now) {
    if (!now.equals(before)) {
      throw new RpcException(
          Status.Code.FAILED_PRECONDITION,
          "the vschema places rows of table %s by %s now, this stream began with %s: put it back, or"
                  .formatted(table, text(now), text(before))
              + " copy the table again");
    }
  }

  private static String text(List<Optional<ShardingKey>> keys) {
    return keys.stream()
        .map(key -> key.map(one -> one.vindex().type() + one.columns()).orElse("no vindex"))
        .collect(Collectors.joining(", "));
  }

  /** The plan of a SELECT that the server carries out, but for key ranges. */
  RowPlan plan(TableSchema table, String database, FilterSelect select) {
    return plan(table, database, select, filters.ofSelected(table, select.where()));
  }

  private RowPlan plan(TableSchema table, String database, FilterSelect select, RowFilter filter) {
    List<Integer> projection = new ArrayList<>();
    List<Query.Field> fields = new ArrayList<>();
    if (select.allColumns()) {
      for (int i = 0; i < table.columns().size(); i++) {
        projection.add(i);
        fields.add(table.columns().get(i).field(table.name(), database));
      }
    }
    for (FilterSelect.SelectedColumn selected : select.columns()) {
      int column = table.column(selected.column());
      if (column < 0) {
        throw new RpcException(
            Status.Code.NOT_FOUND, // it may be added yet
            "unknown column " + selected.column() + " in table " + table.name());
      }
      projection.add(column);
      Query.Field field = table.columns().get(column).field(table.name(), database);
      fields.add(field.toBuilder().setName(selected.alias()).build());
    }
    return new RowPlan(
        table,
        projection,
        fields,
        filter,
        filters.columns(table, select.where()),
        filters.pushedDown(select.where()));
  }

  private RowPlan plan(TableSchema table, String database, String filter) {
    FilterSelect select = select(table.name(), filter);
    var placement = filters.placement(table.name(), select.where());
    if (!placement.isEmpty()) {
      Placement before = placements.putIfAbsent(table.name(), new Placement(select, placement));
      demandSame(table.name(), before == null ? placement : before.keys(), placement);
    }
    return plan(table, database, select, filters.of(table, select.where()));
  }

  private FilterSelect select(String table, String filter) {
    if (filter.isEmpty()) {
      return new FilterSelect(table, List.of(), List.of());
    }
    if (filter.indexOf(' ') < 0 && filter.indexOf('-') >= 0) {
      return new FilterSelect(
          table,
          List.of(),
          List.of(new Condition.InKeyRange(List.of(), Optional.empty(), range(filter))));
    }
    return parse(filter);
  }

  private static KeyRange range(String text) {
    try {
      return KeyRange.parse(text);
    } catch (IllegalArgumentException e) {
      throw new RpcException(
          Status.Code.INVALID_ARGUMENT, "malformed key range in a rule: " + text, e);
    }
  }

  /** The SELECT that copies a table as the rules of a filter say. */
  static String query(Binlogdata.Filter filter, String table) {
    String rule =
        filter.getRulesList().stream()
            .filter(one -> Rule.of(one, NameRule.EXACT).matches(table))
            .findFirst()
            .map(Binlogdata.Rule::getFilter)
            .orElse("");
    return Rules.query(rule, table);
  }

  FilterSelect parse(String query) {
    try {
      return parser.parseFilter(query);
    } catch (SqlException e) {
      throw new RpcException(
          Status.Code.INVALID_ARGUMENT, "unsupported filter: " + e.getMessage(), e);
    }
  }

  /** The SELECT of one who reads rows, with the order that they are asked for in. */
  OrderedSelect parseOrdered(String query) {
    try {
      return parser.parseOrdered(query);
    } catch (SqlException e) {
      throw new RpcException(
          Status.Code.INVALID_ARGUMENT, "unsupported query for rows: " + e.getMessage(), e);
    }
  }

  private Optional<String> filter(String table) {
    return rule(table).map(Rule::filter).filter(filter -> !filter.equals(EXCLUDE));
  }

  private Optional<Rule> rule(String table) {
    return rules.stream().filter(rule -> rule.matches(table)).findFirst();
  }
}
