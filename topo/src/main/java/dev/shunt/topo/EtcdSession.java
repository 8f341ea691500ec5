package dev.shunt.topo;

import io.etcd.jetcd.Client;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A connection to etcd and what lives on it: leases and watches end with it. */
final class EtcdSession implements AutoCloseable {
  /** What ends with the session. */
  interface Resident {
    /** Called once the session ends; the connection still works. */
    void end();
  }

  private final Client client;
  private final Set<Resident> residents = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  EtcdSession(List<String> endpoints) {
    this.client = Etcd.connect(endpoints);
  }

  Client client() {
    return client;
  }

  boolean closed() {
    return closed;
  }

  void add(Resident resident) {
    residents.add(resident);
    if (closed) {
      resident.end();
    }
  }

  void remove(Resident resident) {
    residents.remove(resident);
  }

  @Override
  public void close() {
    closed = true;
    residents.forEach(Resident::end);
    client.close();
  }
}
