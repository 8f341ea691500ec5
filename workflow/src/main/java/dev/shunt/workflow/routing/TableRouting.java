package dev.shunt.workflow.routing;

import dev.shunt.workflow.migration.TableMigration;
import io.vitess.proto.Topodata.TabletType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import vschema.Vschema.RoutingRule;
import vschema.Vschema.RoutingRules;

/**
 * The nine routing rules of each table of a MoveTables workflow, through its life. With S the
 * source, T the target and t a table:
 *
 * <pre>
 * key                               created   reads switched   writes switched
 * t, S.t                            S.t       S.t              T.t
 * T.t                               S.t       S.t              (deleted)
 * t@r, S.t@r, T.t@r                 S.t       T.t              T.t
 * </pre>
 *
 * <p>where {@code @r} is {@code @replica} and {@code @rdonly}. Rules of other tables stay as they
 * are. Results are sorted by key, so equal rules are equal bytes.
 */
public final class TableRouting {
  /** Tablet types whose reads have rules of their own. */
  public enum ReadType {
    REPLICA("@replica", TabletType.REPLICA),
    RDONLY("@rdonly", TabletType.RDONLY);

    private final String suffix;
    private final TabletType tabletType;

    ReadType(String suffix, TabletType tabletType) {
      this.suffix = suffix;
      this.tabletType = tabletType;
    }

    /** Type of the tablets that serve such reads. */
    public TabletType tabletType() {
      return tabletType;
    }

    /** What a rule's key ends with: {@code @replica} or {@code @rdonly}. */
    public String suffix() {
      return suffix;
    }
  }

  private static final List<String> SUFFIXES = List.of("", "@replica", "@rdonly");

  private TableRouting() {}

  /** Adds the nine rules of each table, all to the source. */
  public static RoutingRules created(RoutingRules rules, TableMigration move) {
    return changed(
        rules,
        map -> {
          for (String table : move.tables()) {
            for (String suffix : SUFFIXES) {
              putEach(map, move, table, suffix, move.source());
            }
          }
        });
  }

  /** Sends reads of these types to the target. To send them back, reverse the move. */
  public static RoutingRules readsSwitched(
      RoutingRules rules, TableMigration move, Set<ReadType> types) {
    return changed(
        rules,
        map -> {
          for (String table : move.tables()) {
            types.forEach(type -> putEach(map, move, table, type.suffix(), move.target()));
          }
        });
  }

  /** Sends writes to the target. To send them back, reverse the move. */
  public static RoutingRules writesSwitched(RoutingRules rules, TableMigration move) {
    return changed(
        rules,
        map -> {
          for (String table : move.tables()) {
            map.remove(qualified(move.target(), table));
            put(map, table, qualified(move.target(), table));
            put(map, qualified(move.source(), table), qualified(move.target(), table));
          }
        });
  }

  /** Removes the nine rules of each table. */
  public static RoutingRules removed(RoutingRules rules, TableMigration move) {
    return changed(rules, map -> move.tables().forEach(table -> removeEach(map, move, table)));
  }

  /** Removes the three rules of each table as the target's: those whose key names it. */
  public static RoutingRules removedAtTarget(RoutingRules rules, TableMigration move) {
    return changed(
        rules,
        map ->
            move.tables()
                .forEach(table ->
                    SUFFIXES.forEach(
                        suffix -> map.remove(qualified(move.target(), table) + suffix))));
  }

  /** Tables of the move that some rule still sends to the source. */
  public static List<String> stillRoutedToSource(RoutingRules rules, TableMigration move) {
    return move.tables().stream()
        .filter(table ->
            rules.getRulesList().stream()
                .anyMatch(rule -> rule.getToTablesList().contains(qualified(move.source(), table))))
        .toList();
  }

  /**
   * Rules of the tables that lead to other keyspaces than these, by table, each worded {@code rule
   * corder to other.corder}. Tables without such a rule are left out.
   */
  public static SortedMap<String, Set<String>> elsewhere(
      RoutingRules rules, TableMigration move, Set<String> keyspaces) {
    Map<String, RoutingRule> map = new TreeMap<>();
    rules.getRulesList().forEach(rule -> map.put(rule.getFromTable(), rule));
    SortedMap<String, Set<String>> elsewhere = new TreeMap<>();
    for (String table : move.tables()) {
      for (String key : keys(move, table)) {
        RoutingRule rule = map.getOrDefault(key, RoutingRule.getDefaultInstance());
        for (String to : rule.getToTablesList()) {
          if (keyspaces.stream().noneMatch(keyspace -> to.equals(qualified(keyspace, table)))) {
            elsewhere.computeIfAbsent(table, t -> new TreeSet<>()).add("rule " + key + " to " + to);
          }
        }
      }
    }
    return elsewhere;
  }

  /** Rules of the tables, of those there are. */
  public static List<RoutingRule> of(RoutingRules rules, TableMigration move) {
    Set<String> keys = keys(move);
    return rules.getRulesList().stream()
        .filter(rule -> keys.contains(rule.getFromTable()))
        .toList();
  }

  /** Keys of the nine rules of each table, sorted. */
  public static Set<String> keys(TableMigration move) {
    Set<String> keys = new TreeSet<>();
    move.tables().forEach(table -> keys.addAll(keys(move, table)));
    return keys;
  }

  private static List<String> keys(TableMigration move, String table) {
    List<String> keys = new ArrayList<>(9);
    for (String suffix : SUFFIXES) {
      keys.add(table + suffix);
      keys.add(qualified(move.source(), table) + suffix);
      keys.add(qualified(move.target(), table) + suffix);
    }
    return keys;
  }

  private static void removeEach(Map<String, RoutingRule> map, TableMigration move, String table) {
    keys(move, table).forEach(map::remove);
  }

  private static void putEach(
      Map<String, RoutingRule> map,
      TableMigration move,
      String table,
      String suffix,
      String keyspace) {
    String to = qualified(keyspace, table);
    put(map, table + suffix, to);
    put(map, qualified(move.source(), table) + suffix, to);
    put(map, qualified(move.target(), table) + suffix, to);
  }

  private static void put(Map<String, RoutingRule> map, String from, String to) {
    map.put(from, RoutingRule.newBuilder().setFromTable(from).addToTables(to).build());
  }

  private static String qualified(String keyspace, String table) {
    return keyspace + "." + table;
  }

  private static RoutingRules changed(
      RoutingRules rules, Consumer<Map<String, RoutingRule>> change) {
    Map<String, RoutingRule> map = new TreeMap<>();
    rules.getRulesList().forEach(rule -> map.put(rule.getFromTable(), rule));
    change.accept(map);
    return RoutingRules.newBuilder().addAllRules(map.values()).build();
  }
}
