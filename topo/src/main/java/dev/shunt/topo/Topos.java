package dev.shunt.topo;

import java.nio.file.Path;

/** Opens topologies. */
public final class Topos {
  private Topos() {}

  /**
   * A topology in files below a directory, which is made when it is not there. Only one process can
   * have it open; UNAVAILABLE when another has. Locks end with the process.
   */
  public static Topo local(Path directory) {
    return new StoreTopo(LocalTopoStore.open(directory));
  }
}
