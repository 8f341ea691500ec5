package dev.shunt.copy.creating;

import binlogdata.Binlogdata;
import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.Parallel;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.cluster.Tables;
import dev.shunt.tabletclient.LoggedKeyActions;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.workflow.Refusal;
import dev.shunt.workflow.foreignkeys.KeyComparison;
import dev.shunt.workflow.sql.RuleSelect;
import dev.shunt.workflow.sql.SqlParser;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Asks, before anything is changed, what each stream would ask when it begins: whether foreign keys
 * do the same to rows on its source and its target, where the source's log does not show it.
 */
final class KeyChecks {
  private final Cluster cluster;
  private final List<ShardPrimary> sources;
  private final List<ShardPrimary> targets;
  private final SqlParser parser = SqlParser.create();

  KeyChecks(Cluster cluster, List<ShardPrimary> sources, List<ShardPrimary> targets) {
    this.cluster = cluster;
    this.sources = sources;
    this.targets = targets;
  }

  /**
   * Refuses unlike ones.
   *
   * @param planned what streams read, by target shard
   * @param definitions from which tables are made that a target lacks
   */
  void refuseUnlike(
      Map<String, List<Binlogdata.BinlogSource>> planned, Map<String, String> definitions)
      throws Exception {
    Map<String, Map<String, String>> unlogged = new HashMap<>();
    List<Optional<Map<String, String>>> ofSources = Parallel.map(sources, this::unlogged);
    for (int i = 0; i < sources.size(); i++) {
      String shard = sources.get(i).shard();
      ofSources.get(i).ifPresent(found -> unlogged.put(shard, found));
    }
    if (unlogged.isEmpty()) {
      return;
    }
    List<Map<String, String>> ofTargets =
        Parallel.map(targets, target -> Tables.definitions(cluster.client(target)));
    Map<List<String>, List<String>> unlike = new LinkedHashMap<>();
    for (int i = 0; i < targets.size(); i++) {
      String shard = targets.get(i).shard();
      for (Binlogdata.BinlogSource stream : planned.getOrDefault(shard, List.of())) {
        Map<String, String> source = unlogged.get(stream.getShard());
        if (source != null) {
          unlike
              .computeIfAbsent(
                  problems(rules(stream), source, ofTargets.get(i), definitions),
                  unused -> new ArrayList<>())
              .add(stream.getShard() + " to " + shard);
        }
      }
    }
    unlike.remove(List.<String>of());
    if (!unlike.isEmpty()) {
      throw Refusal.failedPrecondition(
              "%s",
              unlike.entrySet().stream()
                  .map(entry ->
                      "shard "
                          + String.join(", ", entry.getValue())
                          + ": "
                          + KeyComparison.refusal(entry.getKey(), "create the workflow again"))
                  .collect(Collectors.joining("; ")))
          .exception();
    }
  }

  /** The tables of a source whose log does not show what foreign keys do. */
  private Optional<Map<String, String>> unlogged(ShardPrimary source) {
    TabletClient client = cluster.client(source);
    return LoggedKeyActions.of(client).today()
        ? Optional.empty()
        : Optional.of(Tables.definitions(client));
  }

  private Map<String, RuleSelect> rules(Binlogdata.BinlogSource stream) {
    Map<String, RuleSelect> rules = new LinkedHashMap<>();
    stream
        .getFilter()
        .getRulesList()
        .forEach(rule -> rules.put(rule.getMatch(), parser.parseRule(rule.getFilter())));
    return rules;
  }

  private List<String> problems(
      Map<String, RuleSelect> rules,
      Map<String, String> source,
      Map<String, String> target,
      Map<String, String> definitions) {
    Map<String, String> then = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (String table : rules.keySet()) {
      Optional.ofNullable(definitions.get(table)).ifPresent(create -> then.put(table, create));
    }
    then.putAll(target);
    return new KeyComparison(rules, parser, source, then).problems();
  }
}
