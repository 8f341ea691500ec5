package dev.shunt.command.reading;

import dev.shunt.topo.Topo;

/** Names of the databases where tablets keep what they need beside the tables. */
final class Sidecars {
  private Sidecars() {}

  /** Sidecar database of a keyspace; {@code _vt} unless its record says otherwise. */
  static String name(Topo topo, String keyspace) {
    return topo.keyspace(keyspace)
        .map(record -> record.value().getSidecarDbName())
        .filter(name -> !name.isEmpty())
        .orElse("_vt");
  }
}
