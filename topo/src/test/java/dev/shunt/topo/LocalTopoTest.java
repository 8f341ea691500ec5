package dev.shunt.topo;

import com.google.protobuf.Message;
import io.vitess.proto.Topodata;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;

/** The local store does what every topology does. */
class LocalTopoTest extends TopoConformance {
  @TempDir Path directory;
  private LocalTopoStore store;

  @Override
  Topo openEmpty() {
    store = LocalTopoStore.open(directory);
    return new StoreTopo(store);
  }

  @Override
  Topodata.CellInfo cellInfo(String cell) {
    return Topodata.CellInfo.newBuilder().setServerAddress("local").setRoot("/" + cell).build();
  }

  @Override
  void lose(TopoLock lock) {
    store.locks().lose("global/" + lock.path());
  }

  @Override
  void put(String cell, String path, Message record) {
    var unused =
        store
            .cell(cell)
            .commit(
                List.of(),
                Map.of(),
                List.of(new TopoStore.Change.Put(path, Records.bytes(record))));
  }

  @Override
  int queueLength(String name) {
    return store.locks().queueLength("global/" + Paths.namedLock(name));
  }
}
