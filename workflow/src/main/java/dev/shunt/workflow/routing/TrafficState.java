package dev.shunt.workflow.routing;

import dev.shunt.workflow.migration.ShardMigration;
import dev.shunt.workflow.migration.TableMigration;
import dev.shunt.workflow.routing.TableRouting.ReadType;
import io.vitess.proto.Topodata;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
    List<String> replicaSwitched = new ArrayList<>();
    List<String> replicaNotSwitched = new ArrayList<>();
    List<String> rdonlySwitched = new ArrayList<>();
    List<String> rdonlyNotSwitched = new ArrayList<>();
    for (Map.Entry<String, SrvVSchema> cell : new TreeMap<>(cells).entrySet()) {
      RoutingRules served = cell.getValue().getRoutingRules();
      (readsSwitched(move, served, ReadType.REPLICA) ? replicaSwitched : replicaNotSwitched)
          .add(cell.getKey());
      (readsSwitched(move, served, ReadType.RDONLY) ? rdonlySwitched : rdonlyNotSwitched)
          .add(cell.getKey());
    }
    return new TrafficState(
        replicaSwitched,
        replicaNotSwitched,
        rdonlySwitched,
        rdonlyNotSwitched,
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
    List<String> replicaSwitched = new ArrayList<>();
    List<String> replicaNotSwitched = new ArrayList<>();
    List<String> rdonlySwitched = new ArrayList<>();
    List<String> rdonlyNotSwitched = new ArrayList<>();
    for (Map.Entry<String, Topodata.SrvKeyspace> cell : new TreeMap<>(cells).entrySet()) {
      if (cell.getValue().getPartitionsCount() == 0) {
        continue;
      }
      (readsSource(migration, cell.getValue(), ReadType.REPLICA)
              ? replicaNotSwitched
              : replicaSwitched)
          .add(cell.getKey());
      (readsSource(migration, cell.getValue(), ReadType.RDONLY)
              ? rdonlyNotSwitched
              : rdonlySwitched)
          .add(cell.getKey());
    }
    return new TrafficState(
        replicaSwitched, replicaNotSwitched, rdonlySwitched, rdonlyNotSwitched, writesSwitched);
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
