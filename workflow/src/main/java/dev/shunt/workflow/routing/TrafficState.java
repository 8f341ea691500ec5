package dev.shunt.workflow.routing;

import dev.shunt.workflow.migration.ShardMigration;
import dev.shunt.workflow.migration.TableMigration;
import dev.shunt.workflow.routing.TableRouting.ReadType;
import io.vitess.proto.Topodata;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import vschema.Vschema.RoutingRule;
import vschema.Vschema.RoutingRules;
import vschema.Vschema.SrvVSchema;

/**
 * Where the traffic of a workflow goes. Cells are sorted.
 *
 * @param replicaSwitched cells whose REPLICA reads go to the target
 * @param replicaNotSwitched cells whose REPLICA reads go to the source
 * @param rdonlySwitched cells whose RDONLY reads go to the target
 * @param rdonlyNotSwitched cells whose RDONLY reads go to the source
 * @param writesSwitched whether writes go to the target
 */
public record TrafficState(
    List<String> replicaSwitched,
    List<String> replicaNotSwitched,
    List<String> rdonlySwitched,
    List<String> rdonlyNotSwitched,
    boolean writesSwitched) {
  public TrafficState {
    replicaSwitched = replicaSwitched.stream().sorted().toList();
    replicaNotSwitched = replicaNotSwitched.stream().sorted().toList();
    rdonlySwitched = rdonlySwitched.stream().sorted().toList();
    rdonlyNotSwitched = rdonlyNotSwitched.stream().sorted().toList();
  }

  /**
   * Reads it off the rules. Always from the view of the forward workflow: for a reverse workflow
   * give the move of the forward one.
   *
   * @param move the move; without tables nothing is switched
   * @param cells the serving VSchema of each cell: reads are where a cell's own record sends them
   * @param rules the global rules: writes are where they send them
   */
  public static TrafficState of(
      TableMigration move, Map<String, SrvVSchema> cells, RoutingRules rules) {
    Map<String, RoutingRules> served = new TreeMap<>();
    cells.forEach((cell, record) -> served.put(cell, record.getRoutingRules()));
    return of(
        served,
        (record, type) -> readsSwitched(move, record, type),
        move.tables().stream().anyMatch(table -> writesSwitched(move, rules, table)));
  }

  /**
   * Reads it off what serves. Always from the view of the forward workflow, as {@link
   * #of(TableMigration, Map, RoutingRules)}.
   *
   * @param cells what each cell serves of the keyspace: reads are where its own record has them; a
   *     cell that serves nothing of it counts for neither side
   * @param writesSwitched whether the target shards serve writes
   */
  public static TrafficState ofShards(
      ShardMigration migration, Map<String, Topodata.SrvKeyspace> cells, boolean writesSwitched) {
    Map<String, Topodata.SrvKeyspace> served = new TreeMap<>(cells);
    served.values().removeIf(record -> record.getPartitionsCount() == 0);
    return of(served, (record, type) -> !readsSource(migration, record, type), writesSwitched);
  }

  private static <T> TrafficState of(
      Map<String, T> cells, BiPredicate<T, ReadType> readsSwitched, boolean writesSwitched) {
    return new TrafficState(
        where(cells, record -> readsSwitched.test(record, ReadType.REPLICA)),
        where(cells, record -> !readsSwitched.test(record, ReadType.REPLICA)),
        where(cells, record -> readsSwitched.test(record, ReadType.RDONLY)),
        where(cells, record -> !readsSwitched.test(record, ReadType.RDONLY)),
        writesSwitched);
  }

  private static <T> List<String> where(Map<String, T> cells, Predicate<T> condition) {
    return cells.entrySet().stream()
        .filter(cell -> condition.test(cell.getValue()))
        .map(Map.Entry::getKey)
        .toList();
  }

  /** Any shard will do, as all are switched at once; a cell that serves nothing reads nowhere. */
  private static boolean readsSource(
      ShardMigration migration, Topodata.SrvKeyspace served, ReadType type) {
    return migration.sourceShards().stream()
        .anyMatch(shard -> ServedShards.serves(served, type.tabletType(), shard));
  }

  private static boolean readsSwitched(TableMigration move, RoutingRules rules, ReadType type) {
    if (move.tables().isEmpty()) {
      return false;
    }
    String key = move.source() + "." + move.tables().getFirst() + type.suffix();
    return rules.getRulesList().stream()
        .filter(rule -> rule.getFromTable().equals(key))
        .limit(1)
        .flatMap(rule -> rule.getToTablesList().stream())
        .anyMatch(to -> !to.startsWith(move.source() + "."));
  }

  private static boolean writesSwitched(TableMigration move, RoutingRules rules, String table) {
    String key = move.source() + "." + table;
    for (RoutingRule rule : rules.getRulesList()) {
      if (rule.getFromTable().equals(key) && rule.getToTablesCount() > 0) {
        return !rule.getToTables(0).equals(key);
      }
    }
    return false;
  }

  /** Whether no cell reads from the source any more. */
  public boolean allReadsSwitched() {
    return replicaNotSwitched.isEmpty() && rdonlyNotSwitched.isEmpty();
  }

  /** Whether some cell reads from the target. */
  public boolean anyReadsSwitched() {
    return !replicaSwitched.isEmpty() || !rdonlySwitched.isEmpty();
  }

  /** Vitess's sentence, for instance {@code All Reads Switched. Writes Not Switched}. */
  public String text() {
    List<String> parts = new ArrayList<>();
    if (allReadsSwitched() && !replicaSwitched.isEmpty()) {
      parts.add("All Reads Switched");
    } else if (!anyReadsSwitched()) {
      parts.add("Reads Not Switched");
    } else {
      parts.add("Reads partially switched");
      parts.add(reads("Replica", replicaSwitched, replicaNotSwitched));
      parts.add(reads("Rdonly", rdonlySwitched, rdonlyNotSwitched));
    }
    parts.add(writesSwitched ? "Writes Switched" : "Writes Not Switched");
    return String.join(". ", parts);
  }

  private static String reads(String type, List<String> switched, List<String> notSwitched) {
    if (notSwitched.isEmpty()) {
      return "All " + type + " Reads Switched";
    }
    return switched.isEmpty()
        ? type + " not switched"
        : type + " switched in cells: " + String.join(",", switched);
  }
}
