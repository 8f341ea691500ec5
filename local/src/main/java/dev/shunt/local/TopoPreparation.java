package dev.shunt.local;

import dev.shunt.topo.ShardNames;
import dev.shunt.topo.Topo;
import dev.shunt.topo.Versioned;
import io.vitess.proto.Topodata;
import java.util.List;
import vschema.Vschema;

/**
 * Makes the cell and the keyspaces that a layout names, where they are missing. A keyspace of
 * several shards gets a VSchema that says so, without vindexes, unless it has one.
 */
final class TopoPreparation {
  private TopoPreparation() {}

  static void ensureCell(Topo topo, ClusterOptions options) {
    if (options.layout().places().isEmpty()) {
      return; // the tablets are somebody else's, and so are their cells
    }
    refuseOverlaps(topo, options.layout());
    String cell = options.layout().cell();
    if (!topo.cells().contains(cell)) {
      topo.createCell(
          cell,
          Topodata.CellInfo.newBuilder()
              .setServerAddress(String.join(",", options.etcd()))
              .setRoot("/vitess/" + cell)
              .build());
    }
    for (String keyspace : options.layout().keyspaces()) {
      if (topo.keyspace(keyspace).isEmpty()) {
        topo.createKeyspace(
            keyspace,
            Topodata.Keyspace.newBuilder()
                .setDurabilityPolicy("none")
                .setSidecarDbName("_vt")
                .build());
      }
    }
    for (Layout.Place place : options.layout().places()) {
      if (topo.shard(place.keyspace(), place.shard()).isEmpty()) {
        topo.createShard(place.keyspace(), place.shard());
      }
    }
    for (String keyspace : options.layout().keyspaces()) {
      boolean untouched =
          topo.vschema(keyspace)
              .map(Versioned::value)
              .map(Vschema.Keyspace.getDefaultInstance()::equals)
              .orElse(true);
      if (untouched && options.layout().isSharded(keyspace)) {
        topo.saveVSchema(keyspace, Vschema.Keyspace.newBuilder().setSharded(true).build());
      }
    }
    topo.rebuildSrvVSchema(List.of());
  }

  /**
   * A shard that overlaps others serves nothing until a Reshard switches to it. Where a serving one
   * is not among those that are named, somebody has mistaken the shards: it would not be started.
   */
  private static void refuseOverlaps(Topo topo, Layout layout) {
    for (Layout.Place place : layout.places()) {
      if (topo.keyspace(place.keyspace()).isEmpty()) {
        continue;
      }
      topo.shards(place.keyspace())
          .forEach((existing, shard) -> {
            boolean named =
                layout.places().stream()
                    .anyMatch(other ->
                        other.keyspace().equals(place.keyspace())
                            && other.shard().equals(existing));
            if (!named
                && shard.value().getIsPrimaryServing()
                && ShardNames.intersect(existing, place.shard())) {
              throw new IllegalStateException(
                  "keyspace %s has shard %s in the topology already, which overlaps %s: name the shards that it has, or another keyspace"
                      .formatted(place.keyspace(), existing, place.shard()));
            }
          });
    }
  }
}
