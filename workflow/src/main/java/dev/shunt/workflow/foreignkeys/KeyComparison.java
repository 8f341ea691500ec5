package dev.shunt.workflow.foreignkeys;

import dev.shunt.workflow.sql.Condition;
import dev.shunt.workflow.sql.RuleSelect;
import dev.shunt.workflow.sql.RuleSelect.Grouping;
import dev.shunt.workflow.sql.SqlException;
import dev.shunt.workflow.sql.SqlParser;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Compares what foreign keys of source and target do to rows. Those that do nothing (RESTRICT, NO
 * ACTION) need not be the same: where they would make rows differ a statement fails.
 *
 * <p>ON UPDATE counts only where the key that is referred to is not an AUTO_INCREMENT: nobody
 * changes those.
 */
public final class KeyComparison {
  private final Map<String, RuleSelect> rules;
  private final SqlParser parser;
  private final Map<String, String> source = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private final Map<String, String> target = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

  /**
   * Compares nothing yet.
   *
   * @param rules how the target's tables are filled, by their names
   * @param source CREATE TABLE of the source's tables, by their names, among them those that
   *     foreign keys refer to
   * @param target the same of the target; of a table that is not there nothing is compared
   */
  public KeyComparison(
      Map<String, RuleSelect> rules,
      SqlParser parser,
      Map<String, String> source,
      Map<String, String> target) {
    this.rules = new LinkedHashMap<>(rules);
    this.parser = parser;
    this.source.putAll(source);
    this.target.putAll(target);
  }

  /** What a foreign key does, in the target's names. */
  private record Action(
      String table, List<String> columns, String parent, String onDelete, String onUpdate) {
    Action {
      columns = List.copyOf(columns);
    }
  }

  /** Of some tables those that their foreign keys refer to in the same database. */
  public static Collection<String> parents(Collection<String> definitions) {
    TreeSet<String> parents = new TreeSet<>();
    definitions.forEach(create -> ForeignKey.in(create).forEach(key -> parents.add(key.parent())));
    return parents;
  }

  /**
   * Why streams are refused.
   *
   * @param problems as {@link #problems()} has them
   * @param then what to do when they are mended, a clause
   */
  public static String refusal(List<String> problems, String then) {
    return "foreign keys do not do the same to rows on source and target, and the source's log does"
        + " not tell what they do: "
        + String.join("; ", problems)
        + ". Change those of the target to be alike, or make them RESTRICT on both sides, and "
        + then;
  }

  /** What speaks against it, each a clause; empty when both do the same to the same rows. */
  public List<String> problems() {
    Map<Action, String> here = ofTarget();
    List<String> problems = new ArrayList<>();
    ofSource()
        .forEach((action, key) -> {
          String text = key.text(select(action.table()).table());
          if (here.remove(action) == null) {
            problems.add("only the source has " + text);
          } else {
            apart(action, key).ifPresent(reason -> problems.add(text + " " + reason));
          }
        });
    here.values().forEach(text -> problems.add("only the target has " + text));
    return problems;
  }

  private RuleSelect select(String target) {
    return Objects.requireNonNull(rules.get(target));
  }

  /** The table that is filled from one of the source; an exact name comes first. */
  private @Nullable String targetOf(String table) {
    String other = null;
    for (Map.Entry<String, RuleSelect> rule : rules.entrySet()) {
      String filledFrom = rule.getValue().table();
      if (filledFrom.equals(table)) {
        return rule.getKey();
      }
      if (other == null && filledFrom.equalsIgnoreCase(table)) {
        other = rule.getKey();
      }
    }
    return other;
  }

  private Map<Action, ForeignKey> ofSource() {
    Map<Action, ForeignKey> actions = new LinkedHashMap<>();
    for (String table : rules.keySet()) {
      RuleSelect select = select(table);
      String create = source.get(select.table());
      if (create == null || !target.containsKey(table)) {
        continue;
      }
      for (ForeignKey key : ForeignKey.in(create)) {
        String parent = targetOf(key.parent());
        List<String> referred =
            parent == null ? key.referred() : targets(key.referred(), select(parent));
        ForeignKey counted = counted(key, parent, referred, source.get(key.parent()));
        if (counted.acts()) {
          actions.put(
              action(
                  table,
                  targets(key.columns(), select),
                  parent == null ? "the source's " + key.parent() : parent,
                  referred,
                  counted),
              counted);
        }
      }
    }
    return actions;
  }

  private Map<Action, String> ofTarget() {
    Map<Action, String> actions = new LinkedHashMap<>();
    actingOnTarget()
        .forEach((table, keys) -> {
          for (ForeignKey key : keys) {
            String parent = targetParent(key).orElse("the target's " + key.parent());
            actions.put(action(table, key.columns(), parent, key.referred(), key), key.text(table));
          }
        });
    return actions;
  }

  private Optional<String> targetParent(ForeignKey key) {
    return rules.keySet().stream().filter(key.parent()::equalsIgnoreCase).findFirst();
  }

  /** The keys of the stream's tables on the target that do something, with what counts of it. */
  public Map<String, List<ForeignKey>> actingOnTarget() {
    Map<String, List<ForeignKey>> acting = new LinkedHashMap<>();
    for (String table : rules.keySet()) {
      String create = target.get(table);
      for (ForeignKey key : create == null ? List.<ForeignKey>of() : ForeignKey.in(create)) {
        String sourceParent =
            targetParent(key).map(name -> source.get(select(name).table())).orElse(null);
        ForeignKey counted = counted(key, key.parent(), key.referred(), sourceParent);
        if (counted.acts()) {
          acting.computeIfAbsent(table, unused -> new ArrayList<>()).add(counted);
        }
      }
    }
    return acting;
  }

  private ForeignKey counted(
      ForeignKey key,
      @Nullable String targetParent,
      List<String> targetReferred,
      @Nullable String sourceParent) {
    boolean numbered = sourceParent != null && isNumbered(key.referred(), sourceParent);
    String parent = targetParent == null ? null : target.get(targetParent);
    numbered |= parent != null && isNumbered(targetReferred, parent);
    return numbered ? key.withoutOnUpdate() : key;
  }

  /** Of several columns the others may change. */
  private static boolean isNumbered(List<String> referred, String parent) {
    return !referred.isEmpty() && referred.stream().allMatch(ForeignKey.numbered(parent)::contains);
  }

  private static Action action(
      String table, List<String> columns, String parent, List<String> referred, ForeignKey key) {
    List<String> pairs = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      pairs.add(columns.get(i) + " = " + (i < referred.size() ? referred.get(i) : ""));
    }
    pairs.sort(null);
    return new Action(table, pairs, parent, key.onDelete(), key.onUpdate());
  }

  /** The columns of the target that columns of the source fill. */
  private static List<String> targets(List<String> columns, RuleSelect select) {
    return select.allColumns()
        ? columns
        : columns.stream().map(column -> target(column, select)).toList();
  }

  private static String target(String column, RuleSelect select) {
    for (RuleSelect.Output output : select.outputs()) {
      if (output instanceof RuleSelect.Column(String from, String alias, _)
          && from.equalsIgnoreCase(column)) {
        return alias.toLowerCase(Locale.ROOT);
      }
    }
    return "the source's " + column;
  }

  /**
   * Why rows of a parent and its children may not be on the same shard, though the key is there.
   */
  private Optional<String> apart(Action action, ForeignKey key) {
    RuleSelect child = select(action.table());
    RuleSelect parent = select(action.parent());
    if (child.grouping() != Grouping.NONE || parent.grouping() != Grouping.NONE) {
      return Optional.of("is of tables whose rows are merged");
    }
    boolean deletesOnly = key.onUpdate().isEmpty() && key.onDelete().equals("CASCADE");
    if (!parent.conditional()) {
      return deletesOnly || !child.conditional()
          ? Optional.empty()
          : Optional.of("changes columns by which rows may be left out");
    }
    return deletesOnly && together(conditions(child), conditions(parent), key)
        ? Optional.empty()
        : Optional.of("may have parent and child on different shards");
  }

  private List<Condition> conditions(RuleSelect select) {
    try {
      return parser.parseFilter(select.query(List.of())).where();
    } catch (SqlException _) {
      return List.of();
    }
  }

  /**
   * Both are placed by one vindex, the child's by the columns that refer to those of the parent.
   */
  private static boolean together(List<Condition> child, List<Condition> parent, ForeignKey key) {
    return parent.size() == 1
        && parent.getFirst() instanceof Condition.InKeyRange above
        && child.stream()
            .anyMatch(condition ->
                condition instanceof Condition.InKeyRange below
                    && below.range().equals(above.range())
                    && below.vindex().isPresent()
                    && below.vindex().equals(above.vindex())
                    && !below.columns().isEmpty()
                    && refer(below.columns(), above.columns(), key));
  }

  private static boolean refer(List<String> columns, List<String> referred, ForeignKey key) {
    for (int i = 0; i < columns.size(); i++) {
      int at = key.columns().indexOf(columns.get(i).toLowerCase(Locale.ROOT));
      if (at < 0
          || i >= referred.size()
          || !key.referred().get(at).equalsIgnoreCase(referred.get(i))) {
        return false;
      }
    }
    return columns.size() == referred.size();
  }
}
