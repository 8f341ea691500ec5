package dev.shunt.command.reading;

import dev.shunt.topo.Topo;
import dev.shunt.topo.Versioned;
import io.vitess.proto.Topodata.TabletType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import vschema.Vschema;

/**
 * Which way the traffic of moved tables goes, as the routing rules say; the text is Vitess's.
 *
 * @param replica cells by whether their REPLICA reads are switched
 * @param rdonly cells by whether their RDONLY reads are switched
 * @param writes whether writes are switched
 */
record TrafficState(Cells replica, Cells rdonly, boolean writes) {
  private static final String REVERSE = "_reverse";

  /**
   * Cells by where their reads go.
   *
   * @param switched to the target
   * @param left to the source
   */
  record Cells(List<String> switched, List<String> left) {
    Cells {
      switched = List.copyOf(switched);
      left = List.copyOf(left);
    }
  }

  /**
   * Derives the state of a workflow; that of a reverse workflow is seen from the forward one.
   *
   * @param tables tables of the workflow, sorted
   */
  static TrafficState derive(
      Topo topo, String workflow, String source, String target, List<String> tables) {
    String from = workflow.endsWith(REVERSE) ? target : source;
    Map<String, Map<String, String>> cells = new HashMap<>();
    for (String cell : topo.cells()) {
      cells.put(
          cell,
          rules(
              topo.srvVSchema(cell)
                  .map(Versioned::value)
                  .map(Vschema.SrvVSchema::getRoutingRules)
                  .orElse(Vschema.RoutingRules.getDefaultInstance())));
    }
    Map<String, String> global = rules(topo.routingRules().value());
    boolean writes =
        tables.stream()
            .map(table -> from + "." + table)
            .anyMatch(key -> global.containsKey(key) && !key.equals(global.get(key)));
    return new TrafficState(
        cells(cells, from, tables, TabletType.REPLICA),
        cells(cells, from, tables, TabletType.RDONLY),
        writes);
  }

  /** The sentence, for instance {@code All Reads Switched. Writes Not Switched}. */
  String text() {
    List<String> parts = new ArrayList<>();
    if (replica.left().isEmpty() && rdonly.left().isEmpty() && !replica.switched().isEmpty()) {
      parts.add("All Reads Switched");
    } else if (replica.switched().isEmpty() && rdonly.switched().isEmpty()) {
      parts.add("Reads Not Switched");
    } else {
      parts.add("Reads partially switched");
      parts.add(text("Replica", replica));
      parts.add(text("Rdonly", rdonly));
    }
    parts.add(writes ? "Writes Switched" : "Writes Not Switched");
    return String.join(". ", parts);
  }

  private static String text(String type, Cells cells) {
    if (cells.left().isEmpty()) {
      return "All " + type + " Reads Switched";
    }
    return cells.switched().isEmpty()
        ? type + " not switched"
        : type + " switched in cells: " + String.join(",", cells.switched());
  }

  private static Cells cells(
      Map<String, Map<String, String>> rules, String from, List<String> tables, TabletType type) {
    List<String> switched = new ArrayList<>();
    List<String> left = new ArrayList<>();
    String suffix = "@" + type.name().toLowerCase(Locale.ROOT);
    for (String cell : rules.keySet().stream().sorted().toList()) {
      String to =
          tables.isEmpty() ? null : rules.get(cell).get(from + "." + tables.getFirst() + suffix);
      boolean goesElsewhere = to != null && !to.startsWith(from + ".");
      (goesElsewhere ? switched : left).add(cell);
    }
    return new Cells(switched, left);
  }

  private static Map<String, String> rules(Vschema.RoutingRules rules) {
    Map<String, String> map = new HashMap<>();
    for (Vschema.RoutingRule rule : rules.getRulesList()) {
      if (rule.getToTablesCount() > 0) {
        map.put(rule.getFromTable(), rule.getToTables(0));
      }
    }
    return map;
  }
}
