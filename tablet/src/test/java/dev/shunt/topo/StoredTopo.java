package dev.shunt.topo;

import com.google.protobuf.Message;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A local topology whose records can also be written one by one, as other tools write them. */
public final class StoredTopo {
  private final LocalTopoStore store;

  /** The topology. */
  public final Topo topo;

  /** Opens one with its files in a folder; closing the topology closes it. */
  public StoredTopo(Path folder) {
    store = LocalTopoStore.open(folder);
    topo = new StoreTopo(store);
  }

  /** Writes a record of a cell. */
  public void put(String cell, String path, Message record) {
    var unused =
        store
            .cell(cell)
            .commit(
                List.of(),
                Map.of(),
                List.of(new TopoStore.Change.Put(path, Records.bytes(record))));
  }
}
