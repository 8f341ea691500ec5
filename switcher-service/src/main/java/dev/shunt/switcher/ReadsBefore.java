package dev.shunt.switcher;

import dev.shunt.cluster.Cluster;
import dev.shunt.saga.Details;
import dev.shunt.saga.Effect;
import dev.shunt.workflow.migration.SwitchableMigration;
import dev.shunt.workflow.plan.SwitchAction;
import dev.shunt.workflow.routing.TableRouting.ReadType;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What a later run must know to send reads back: the detail of the step that switches them.
 *
 * @param way from where to where they are switched
 * @param cells by type, the cells whose reads did not go there before; types that went there in all
 *     of them are left out
 */
record ReadsBefore(SwitchableMigration way, Map<ReadType, Set<String>> cells) {
  private static final String CELLS = "cells of ";

  ReadsBefore {
    Map<ReadType, Set<String>> copy = new EnumMap<>(ReadType.class);
    cells.forEach((type, names) -> copy.put(type, Set.copyOf(names)));
    cells = Map.copyOf(copy);
  }

  /** Types whose reads did not go there before. */
  Set<ReadType> types() {
    return cells.keySet();
  }

  /** As the detail of a step. */
  String text() {
    MigrationDetail detail = MigrationDetail.of(way);
    Map<String, Set<String>> parts = new TreeMap<>();
    parts.put("source", Set.of(detail.source()));
    parts.put("target", Set.of(detail.target()));
    parts.put("tables", Set.copyOf(detail.tables()));
    parts.put("sourceShards", Set.copyOf(detail.sourceShards()));
    parts.put("targetShards", Set.copyOf(detail.targetShards()));
    parts.put("types", types().stream().map(ReadType::name).collect(Collectors.toSet()));
    cells.forEach((type, names) -> parts.put(CELLS + type.name(), names));
    return Details.text(parts);
  }

  /** Reads {@link #text} back; IllegalArgumentException when it is something else. */
  static ReadsBefore parse(String text) {
    Map<String, Set<String>> parts = Details.setsByName(text);
    Map<ReadType, Set<String>> cells = new EnumMap<>(ReadType.class);
    part(parts, "types")
        .forEach(
            type -> cells.put(ReadType.valueOf(type), parts.getOrDefault(CELLS + type, Set.of())));
    return new ReadsBefore(
        new MigrationDetail(
                keyspace(parts, "source"),
                keyspace(parts, "target"),
                List.copyOf(new TreeSet<>(part(parts, "tables"))),
                shards(parts, "sourceShards"),
                shards(parts, "targetShards"))
            .migration(),
        cells);
  }

  private static String keyspace(Map<String, Set<String>> parts, String name) {
    return part(parts, name).stream()
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "no keyspace as %s in the detail of %s"
                    .formatted(name, SwitchAction.SWITCH_READS.stepName())));
  }

  /** None in what a version wrote that knew tables only. */
  private static List<String> shards(Map<String, Set<String>> parts, String name) {
    return List.copyOf(parts.getOrDefault(name, Set.of()));
  }

  private static Set<String> part(Map<String, Set<String>> parts, String name) {
    Set<String> part = parts.get(name);
    if (part == null) {
      throw new IllegalArgumentException(
          "no %s in the detail of %s".formatted(name, SwitchAction.SWITCH_READS.stepName()));
    }
    return part;
  }

  /** Sends them back, for when the switch can't be planned any more. */
  Effect takingBack(Cluster cluster, SwitchRequest request) {
    ReadSwitch reads =
        new ReadSwitch(cluster, way, List.of(), request.cellsOfReads(), /* publish= */ true);
    return Effect.begun(text(), run -> reads.takeBack(run, this));
  }
}
