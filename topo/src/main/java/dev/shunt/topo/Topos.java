package dev.shunt.topo;

import java.nio.file.Path;
import java.util.List;

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
    return new StoreTopo(new EtcdStores(endpoints, globalRoot));
  }

  /**
   * A topology in files below a directory, which is made when it is not there. Only one process can
   * have it open; UNAVAILABLE when another has. Locks end with the process.
   */
  public static Topo local(Path directory) {
    return new StoreTopo(LocalTopoStore.open(directory));
  }

  /**
   * Opens the topology that a configuration names.
   *
   * @param implementation {@code etcd} or {@code local}; INVALID otherwise
   * @param endpoints etcd: its addresses
   * @param globalRoot etcd: root of the global records
   * @param directory local: where the files are
   */
  public static Topo open(
      String implementation, List<String> endpoints, String globalRoot, String directory) {
    return switch (implementation) {
      case "etcd" -> etcd(String.join(",", endpoints), globalRoot);
      case "local" -> local(Path.of(directory));
      default ->
          throw new TopoException(
              TopoException.Kind.INVALID,
              "a topology is etcd or local, not '" + implementation + "'");
    };
  }
}
