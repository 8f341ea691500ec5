package dev.shunt.local;

import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.service.KafkaSettings;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Configurations of the services of a cluster, with the keys of {@code deploy/config}; what is not
 * said stays at its default.
 *
 * @param directory where services keep their data
 * @param cell cell of the tablets
 * @param kafka Kafka and the registry
 * @param etcd addresses of the topology
 */
record ProcessConfigs(Path directory, String cell, KafkaSettings kafka, List<String> etcd) {
  private static final int WAITING_MEGABYTES = 96; // fits the heap that a process gets

  static Map<String, Object> broker(Path directory, int port) {
    return Map.of("port", port, "directory", directory.toString());
  }

  /** Configuration of a service that every instance may have; the command service needs ports. */
  Map<String, Object> service(String name, String instance) {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("kafka", kafkaKeys());
    switch (name) {
      case "workflow-state" -> {
        config.put("stateDirectory", directory.resolve("state").resolve(instance).toString());
        config.put("standbyReplicas", 1);
      }
      case "vdiff" -> {
        config.put("topo", topoKeys());
        config.put("waitingMegabytes", WAITING_MEGABYTES);
      }
      default -> config.put("topo", topoKeys());
    }
    return config;
  }

  Map<String, Object> command(int grpcPort, int httpPort) {
    Map<String, Object> config = service("command", "");
    config.put("grpcPort", grpcPort);
    config.put("httpPort", httpPort);
    return config;
  }

  /** Configuration of a tablet; on a server of the cluster's own it makes its database. */
  Map<String, Object> tablet(
      Layout.Place place, MysqlEndpoint database, boolean ownServer, int grpcPort) {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("cell", cell);
    config.put("uid", place.uid());
    config.put("keyspace", place.keyspace());
    config.put("shard", place.shard());
    config.put("database", Objects.requireNonNull(database.database()));
    config.put("createDatabase", ownServer);
    config.put("grpcPort", grpcPort);
    config.put("mysqlHost", database.host());
    config.put("mysqlPort", database.port());
    config.put("mysqlSocket", Objects.requireNonNullElse(database.socket(), ""));
    config.put("mysqlUser", database.user());
    config.put("mysqlPassword", database.password().reveal());
    config.put(
        "mysqlTls",
        Map.of(
            "mode", database.tls().mode().name(),
            "ca", database.tls().ca(),
            "certificate", database.tls().certificate(),
            "key", database.tls().key()));
    config.put("topo", topoKeys());
    return config;
  }

  private Map<String, Object> kafkaKeys() {
    return Map.of(
        "bootstrapServers", kafka.bootstrapServers(),
        "registryUrl", kafka.registryUrl(),
        "partitions", kafka.partitions());
  }

  private Map<String, Object> topoKeys() {
    return Map.of("implementation", "etcd", "endpoints", etcd);
  }
}
