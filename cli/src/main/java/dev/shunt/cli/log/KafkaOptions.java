package dev.shunt.cli.log;

import dev.shunt.cli.vtctld.Format;
import dev.shunt.client.Connection;
import picocli.CommandLine.Option;

/** Flags of the verbs that work on the logs. */
final class KafkaOptions {
  @Option(
      names = "--kafka",
      paramLabel = "HOST:PORT",
      defaultValue = "${env:SHUNT_KAFKA_BOOTSTRAP_SERVERS:-127.0.0.1:9092}",
      description = "Kafka (env SHUNT_KAFKA_BOOTSTRAP_SERVERS; default: ${DEFAULT-VALUE}).")
  String kafka = "";

  @Option(
      names = "--registry",
      paramLabel = "URL",
      defaultValue = "${env:SHUNT_KAFKA_REGISTRY_URL:-http://127.0.0.1:8081}",
      description = "Schema registry (env SHUNT_KAFKA_REGISTRY_URL; default: ${DEFAULT-VALUE}).")
  String registry = "";

  @Option(names = "--format", defaultValue = "text", description = "text or json.")
  Format format = Format.TEXT;

  /**
   * Connects.
   *
   * @throws IllegalStateException when Kafka or the registry is not there
   */
  Connection connect() {
    Reach.kafka(kafka);
    Reach.registry(registry);
    return Connection.to(kafka, registry);
  }

  boolean json() {
    return format == Format.JSON;
  }
}
