package dev.shunt.topo;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/** One cell of a {@link LocalTopoStore}: paths there have the cell in front. */
record LocalCell(LocalTopoStore store, String cell) implements TopoStore {
  private String inStore(String path) {
    return cell + "/" + path;
  }

  private Entry inCell(Entry entry) {
    return new Entry(entry.path().substring(cell.length() + 1), entry.value(), entry.version());
  }

  @Override
  public Optional<Entry> get(String path) {
    return store.get(inStore(path)).map(this::inCell);
  }

  @Override
  public long revision() {
    return store.revision();
  }

  @Override
  public List<Entry> list(String prefix) {
    return store.list(inStore(prefix)).stream().map(this::inCell).toList();
  }

  @Override
  public Outcome commit(List<Guard> guards, Map<String, Long> expected, List<Change> changes) {
    Map<String, Long> expectedInStore = new TreeMap<>();
    expected.forEach((path, version) -> expectedInStore.put(inStore(path), version));
    return store.commit(
        guards,
        expectedInStore,
        changes.stream()
            .<Change>map(change ->
                switch (change) {
                  case Change.Put put -> new Change.Put(inStore(put.path()), put.value());
                  case Change.Delete delete -> new Change.Delete(inStore(delete.path()));
                })
            .toList());
  }

  @Override
  public StoreLock lock(String directory, String action, Duration ttl, LockWait wait) {
    return store.locks().lock(cell, directory, action, ttl, wait);
  }

  @Override
  public List<LockHolder> locks() {
    return store.locks().all(cell);
  }

  @Override
  public boolean breakLock(String key) {
    return store.locks().breakLock(cell, key);
  }

  @Override
  public AutoCloseable watch(String prefix, Consumer<TopoEvent> listener, Runnable synced) {
    return store.watch(new LocalWatch(cell, inStore(prefix), listener, synced, store.time()));
  }
}
