package dev.shunt.tablet.vreplication.stream;

import binlogdata.Binlogdata;
import dev.shunt.tablet.RpcException;
import dev.shunt.workflow.sql.Condition;
import dev.shunt.workflow.sql.RuleSelect;
import dev.shunt.workflow.sql.SqlException;
import dev.shunt.workflow.sql.SqlParser;
import dev.shunt.workflow.streams.Rules;
import io.grpc.Status;
import io.vitess.proto.Query;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/** The rules of a stream: which target table is filled from which query on which source table. */
public final class StreamFilter {
  private static final String EXCLUDE = "exclude";

  /**
   * One rule.
   *
   * @param target table that is filled
   * @param text the filter as it is written
   * @param select how
   */
  private record Rule(String target, String text, RuleSelect select) {}

  private final Binlogdata.Filter filter;
  private final boolean patterns;
  private boolean placedBySource;
  private final Map<String, Rule> byTarget = new LinkedHashMap<>();
  private final Map<String, String> targetOfSource = new LinkedHashMap<>();
  private final List<Binlogdata.Rule> whole = new ArrayList<>();

  /**
   * @param tables gives the tables of the target's database, which patterns choose from
   * @throws RpcException FAILED_PRECONDITION for rules that this engine does not carry out
   */
  public StreamFilter(Binlogdata.Filter filter, SqlParser parser, Supplier<List<String>> tables) {
    this.filter = filter;
    this.patterns = Rules.havePatterns(filter);
    if (!patterns) {
      filter.getRulesList().forEach(rule -> add(rule.getMatch(), rule, parser));
      return;
    }
    Set<String> candidates = new LinkedHashSet<>();
    for (Binlogdata.Rule rule : filter.getRulesList()) {
      if (!rule.getMatch().startsWith("/")) {
        candidates.add(rule.getMatch());
      }
    }
    candidates.addAll(tables.get());
    if (filter.getRulesList().stream().anyMatch(StreamFilter::takesAll)) {
      whole.addAll(filter.getRulesList());
    }
    for (String table : candidates) {
      filter.getRulesList().stream()
          .filter(rule -> matches(rule.getMatch(), table))
          .findFirst()
          .ifPresent(rule -> add(table, rule, parser));
    }
  }

  /**
   * Whether a rule is for every table of a keyspace, in a range of its keys, as those of a Reshard:
   * then a table that is left out is a mistake.
   */
  private static boolean takesAll(Binlogdata.Rule rule) {
    return rule.getMatch().startsWith("/") && Rules.isRange(rule.getFilter());
  }

  /**
   * Whether a filter has a table filled, whatever else may be wrong with it.
   *
   * @throws RpcException FAILED_PRECONDITION for a malformed pattern
   */
  static boolean fills(Binlogdata.Filter filter, String table) {
    return filter.getRulesList().stream()
        .filter(rule -> matches(rule.getMatch(), table))
        .findFirst()
        .filter(rule -> !rule.getFilter().equals(EXCLUDE))
        .isPresent();
  }

  private static boolean matches(String match, String table) {
    try {
      return Rules.expression(match)
          .map(expression ->
              !Rules.isInternal(table) && Pattern.compile(expression).matcher(table).find())
          .orElseGet(() -> match.equals(table));
    } catch (PatternSyntaxException e) {
      throw refuse("malformed pattern in a rule: " + match);
    }
  }

  private static boolean namesBareRange(RuleSelect select, SqlParser parser) {
    return parser.parseFilter("select * " + select.from()).where().stream()
        .anyMatch(condition ->
            condition instanceof Condition.InKeyRange range && range.columns().isEmpty());
  }

  private void add(String target, Binlogdata.Rule rule, SqlParser parser) {
    if (rule.getFilter().equals(EXCLUDE) || byTarget.containsKey(target)) {
      return;
    }
    if (!rule.getConvertEnumToTextMap().isEmpty()
        || !rule.getConvertCharsetMap().isEmpty()
        || !rule.getConvertIntToEnumMap().isEmpty()
        || !rule.getSourceUniqueKeyColumns().isEmpty()
        || !rule.getTargetUniqueKeyColumns().isEmpty()
        || !rule.getForceUniqueKey().isEmpty()) {
      throw refuse("unsupported conversions of online schema changes in the rule of " + target);
    }
    RuleSelect select = compile(target, rule.getFilter(), parser);
    byTarget.put(target, new Rule(target, rule.getFilter(), select));
    placedBySource |= Rules.isRange(rule.getFilter()) || namesBareRange(select, parser);
    String other = targetOfSource.put(select.table(), target);
    if (other != null) {
      throw refuse(
          "more than one target for source table "
              + select.table()
              + ": "
              + other
              + " and "
              + target);
    }
  }

  private static RuleSelect compile(String table, String filter, SqlParser parser) {
    String query = Rules.query(filter, table);
    try {
      return parser.parseRule(query);
    } catch (SqlException e) {
      throw new RpcException(
          Status.Code.FAILED_PRECONDITION, e.getMessage() + " in query: " + query, e);
    }
  }

  private static RpcException refuse(String message) {
    return new RpcException(Status.Code.FAILED_PRECONDITION, message);
  }

  /** Tables that are filled, in the order of the rules. */
  public List<String> targets() {
    return List.copyOf(byTarget.keySet());
  }

  /**
   * Whether rows of some table are those of a key range, by what places them in the keyspace that
   * is read: a range alone, or {@code in_keyrange} with nothing else.
   */
  public boolean isPlacedBySource() {
    return placedBySource;
  }

  /** Whether the tables are those that the target has of some pattern, and no list. */
  public boolean hasPatterns() {
    return patterns;
  }

  /** Whether patterns would choose more tables than they did, of those that there are now. */
  public boolean wouldTakeMore(Collection<String> tables) {
    return patterns
        && tables.stream().anyMatch(table -> !byTarget.containsKey(table) && fills(filter, table));
  }

  /** Whether patterns would choose other tables than they did: more, or some not any more. */
  public boolean wouldTakeOthers(Collection<String> tables) {
    return wouldTakeMore(tables)
        || (patterns
            && byTarget.keySet().stream().anyMatch(each -> !tables.contains(each) && !names(each)));
  }

  private boolean names(String table) {
    return filter.getRulesList().stream().anyMatch(rule -> rule.getMatch().equals(table));
  }

  /** Tables of the source that are read. */
  public Set<String> sources() {
    return Set.copyOf(targetOfSource.keySet());
  }

  /** How tables are filled, by their names, in the order of the rules. */
  public Map<String, RuleSelect> selects() {
    Map<String, RuleSelect> selects = new LinkedHashMap<>();
    byTarget.forEach((target, rule) -> selects.put(target, rule.select()));
    return selects;
  }

  /** How a table is filled. */
  public RuleSelect select(String target) {
    return demand(target).select();
  }

  /** The filter of a table as the rule has it; empty for all rows. */
  String rule(String target) {
    return demand(target).text();
  }

  private Rule demand(String target) {
    Rule rule = byTarget.get(target);
    if (rule == null) {
      throw refuse("no rule for table " + target);
    }
    return rule;
  }

  /**
   * The query that a part of a table is copied by.
   *
   * @param terms what more must hold of its rows
   */
  public String query(String target, List<String> terms) {
    return select(target).query(List.of(), terms);
  }

  /**
   * Makes sure that a table which the source announces is one of the stream's.
   *
   * @throws RpcException FAILED_PRECONDITION when it is not: the target has no such table
   */
  public void demandKnown(String source) {
    if (targetOf(source) == null && !Rules.isInternal(source)) {
      throw refuse(
          ("table %s was made on the source since the workflow was, and is not one of its tables:"
                  + " make it on the targets, empty, and start the workflow, which copies it then;"
                  + " or cancel the workflow and create it anew")
              .formatted(source));
    }
  }

  /** The table that changes of a source table are applied to; null when they are not wanted. */
  public @Nullable String targetOf(String source) {
    return targetOfSource.get(source);
  }

  /**
   * As {@link #targetOf}, of a name that may be written in another case, as a server with
   * lower_case_table_names lets statements write it; an exact name comes first.
   */
  public @Nullable String targetOfAnyCase(String source) {
    String exact = targetOf(source);
    if (exact != null) {
      return exact;
    }
    return targetOfSource.entrySet().stream()
        .filter(entry -> entry.getKey().equalsIgnoreCase(source))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(null);
  }

  /**
   * The filter to ask the source's changes with.
   *
   * @param leftOut target tables whose changes are not wanted
   * @param partlyCopied target tables in the middle of their copy: the columns of their sources'
   *     keys are asked for as well
   */
  public Binlogdata.Filter changes(
      Collection<String> leftOut, Map<String, TableProgress> partlyCopied) {
    Binlogdata.Filter.Builder filter = Binlogdata.Filter.newBuilder();
    byTarget
        .values()
        .forEach(rule -> {
          if (!leftOut.contains(rule.target())) {
            TableProgress progress = partlyCopied.get(rule.target());
            List<String> key =
                progress == null
                    ? List.of()
                    : progress.keyFields().stream().map(Query.Field::getName).toList();
            filter.addRules(
                Binlogdata.Rule.newBuilder()
                    .setMatch(rule.select().table())
                    .setFilter(rule.select().query(key)));
          }
        });
    if (!whole.isEmpty()) {
      leftOut.forEach(table ->
          filter.addRules(Binlogdata.Rule.newBuilder().setMatch(table).setFilter(EXCLUDE)));
      filter.addAllRules(whole); // so that a table which is made meanwhile does not go unnoticed
    }
    return filter.build();
  }
}
