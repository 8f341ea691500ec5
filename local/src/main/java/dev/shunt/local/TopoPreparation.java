package dev.shunt.local;

import dev.shunt.topo.Topo;
import io.vitess.proto.Topodata;
import java.util.List;

/** Makes the cell and the keyspaces that a layout names, where they are missing. */
final class TopoPreparation {
  private TopoPreparation() {}

  static void ensureCell(Topo topo, ClusterOptions options) {
    if (options.layout().places().isEmpty()) {
      return; // the tablets are somebody else's, and so are their cells
    }
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
    topo.rebuildSrvVSchema(List.of());
  }
}
