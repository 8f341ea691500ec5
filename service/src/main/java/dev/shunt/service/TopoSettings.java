package dev.shunt.service;

import java.util.List;

/**
 * Where the topology is.
 *
 * @param implementation {@code etcd}, or {@code local} for files of one process
 * @param endpoints etcd: addresses as http://host:port
 * @param globalRoot etcd: root of the global records
 * @param directory local: where the files are
 */
public record TopoSettings(
    String implementation, List<String> endpoints, String globalRoot, String directory) {
  public TopoSettings {
    endpoints = List.copyOf(endpoints);
    switch (implementation) {
      case "etcd" -> {
        if (endpoints.isEmpty()) {
          throw new IllegalArgumentException("topo.endpoints is empty: name the etcd servers");
        }
      }
      case "local" -> {
        if (directory.isEmpty()) {
          throw new IllegalArgumentException("topo.directory is empty: name a directory");
        }
      }
      default ->
          throw new IllegalArgumentException(
              "topo.implementation must be etcd or local, not '" + implementation + "'");
    }
  }

  /** One etcd on this machine. */
  public static TopoSettings defaults() {
    return new TopoSettings("etcd", List.of("http://127.0.0.1:2379"), "/vitess/global", "");
  }

  /** Files below a directory. */
  public static TopoSettings local(String directory) {
    return new TopoSettings("local", List.of(), "/vitess/global", directory);
  }

  /** These etcd servers. */
  public static TopoSettings etcd(List<String> endpoints) {
    return new TopoSettings("etcd", endpoints, "/vitess/global", "");
  }
}
