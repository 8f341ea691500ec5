package dev.shunt.topo;

import dev.shunt.time.Time;
import io.vitess.proto.Topodata;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Cells in etcd: the global one at the given address and root, each other one where its CellInfo
 * says. CellInfo is read at each use, so a cell that moves is followed. Cells at the same address
 * share a connection.
 */
final class EtcdStores implements TopoStores {
  /** Guards {@link #sessions} and {@link #closed}. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Map<List<String>, EtcdSession> sessions = new HashMap<>();
  private final Time time;
  private final TopoStore global;
  private boolean closed;

  EtcdStores(String endpoints, String globalRoot, Time time) {
    this.time = time;
    this.global = store(Topo.GLOBAL_CELL, endpoints, globalRoot);
  }

  private EtcdStore store(String cell, String addresses, String root) {
    return new EtcdStore(session(Etcd.endpoints(addresses)), cell, root);
  }

  private EtcdSession session(List<String> endpoints) {
    lock.lock();
    try {
      if (closed) {
        throw new TopoException(TopoException.Kind.UNAVAILABLE, "the topology is closed");
      }
      if (endpoints.isEmpty()) {
        throw new TopoException(TopoException.Kind.INVALID, "no etcd endpoint is given");
      }
      return sessions.computeIfAbsent(endpoints, each -> new EtcdSession(each, time));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Time time() {
    return time;
  }

  @Override
  public TopoStore global() {
    return global;
  }

  @Override
  public Optional<TopoStore> find(String cell) {
    if (cell.equals(Topo.GLOBAL_CELL)) {
      return Optional.of(global);
    }
    return Records.read(global, Paths.cellInfo(cell), Topodata.CellInfo.parser())
        .map(info -> store(cell, info.value().getServerAddress(), info.value().getRoot()));
  }

  @Override
  public void require(String cell, Topodata.CellInfo info) {
    List<String> endpoints = Etcd.endpoints(info.getServerAddress());
    if (endpoints.isEmpty() || info.getRoot().isBlank()) {
      throw new TopoException(
          TopoException.Kind.INVALID,
          "cell "
              + cell
              + " needs "
              + (endpoints.isEmpty() ? "the address of its etcd" : "a root in its etcd")
              + ": --server-address HOST:PORT and --root PATH");
    }
    try (EtcdSession probe = new EtcdSession(endpoints, time)) {
      var unused = new EtcdStore(probe, cell, info.getRoot()).get("reachable");
    } catch (TopoException e) {
      throw new TopoException(
          TopoException.Kind.INVALID,
          "cell "
              + cell
              + " can't be reached at "
              + info.getServerAddress()
              + ": "
              + e.getMessage(),
          e);
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      sessions.values().forEach(EtcdSession::close);
      sessions.clear();
    } finally {
      lock.unlock();
    }
  }
}
