package dev.shunt.topo;

import dev.shunt.time.Time;
import java.nio.file.Path;

/** Opens topologies. */
public final class Topos {
  private Topos() {}

  /**
   * A topology in etcd, laid out as Vitess does. Cells are where their CellInfo says.
   *
   * @param endpoints addresses of etcd, {@code host:port} with or without {@code http://},
   *     separated by commas
   * @param globalRoot root of the global records, for instance {@code /vitess/global}
   */
  public static Topo etcd(String endpoints, String globalRoot) {
    return etcd(endpoints, globalRoot, Time.system());
  }

  /** As {@link #etcd(String, String)}, with another time than this machine's. */
  public static Topo etcd(String endpoints, String globalRoot, Time time) {
    return new StoreTopo(new EtcdStores(endpoints, globalRoot, time));
  }

  /**
   * A topology in files below a directory, which is made when it is not there. Only one process can
   * have it open; UNAVAILABLE when another has. Locks end with the process.
   */
  public static Topo local(Path directory) {
    return local(directory, Time.system());
  }

  /** As {@link #local(Path)}, with another time than this machine's. */
  public static Topo local(Path directory, Time time) {
    return new StoreTopo(LocalTopoStore.open(directory, time));
  }
}
