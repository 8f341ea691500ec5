package dev.shunt.copy.creating;

import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.saga.Details;
import dev.shunt.workflow.migration.TableMigration;
import dev.shunt.workflow.routing.DeniedTables;
import dev.shunt.workflow.routing.TableRouting;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import vschema.Vschema;
import vschema.Vschema.RoutingRule;

/**
 * What the topology said of the tables before a workflow was created: what taking it back leads to.
 *
 * @param added tables that the target's VSchema did not know
 * @param rules routing rules of the tables
 * @param denied tables that target shards denied, by shard
 */
record OriginalRouting(
    Set<String> added, Map<String, List<String>> rules, Map<String, Set<String>> denied) {
  static final OriginalRouting NOTHING = new OriginalRouting(Set.of(), Map.of(), Map.of());

  OriginalRouting {
    added = Collections.unmodifiableSortedSet(new TreeSet<>(added));
    rules = Collections.unmodifiableSortedMap(new TreeMap<>(rules));
    denied = Collections.unmodifiableSortedMap(new TreeMap<>(denied));
  }

  static OriginalRouting of(
      Cluster cluster,
      TableMigration move,
      List<ShardPrimary> targets,
      Vschema.Keyspace targetVschema) {
    Map<String, List<String>> rules = new HashMap<>();
    TableRouting.of(cluster.topo().routingRules().value(), move)
        .forEach(rule -> rules.put(rule.getFromTable(), List.copyOf(rule.getToTablesList())));
    Map<String, Set<String>> denied = new HashMap<>();
    for (ShardPrimary target : targets) {
      Set<String> present = new TreeSet<>(DeniedTables.of(target.record()));
      present.retainAll(Set.copyOf(move.tables()));
      if (!present.isEmpty()) {
        denied.put(target.shard(), present);
      }
    }
    Set<String> added = new TreeSet<>();
    if (!targetVschema.getSharded()) {
      added.addAll(move.tables());
      added.removeAll(targetVschema.getTablesMap().keySet());
    }
    return new OriginalRouting(added, rules, denied);
  }

  static OriginalRouting of(String text) {
    return Details.values(text, OriginalRouting.class);
  }

  String text() {
    return Details.text(this);
  }

  /** Tables of the move that a shard did not deny. */
  Set<String> open(TableMigration move, String shard) {
    Set<String> open = new TreeSet<>(move.tables());
    open.removeAll(denied.getOrDefault(shard, Set.of()));
    return open;
  }

  /** The rules as they were. */
  List<RoutingRule> routingRules() {
    return rules.entrySet().stream()
        .map(rule ->
            RoutingRule.newBuilder()
                .setFromTable(rule.getKey())
                .addAllToTables(rule.getValue())
                .build())
        .toList();
  }
}
