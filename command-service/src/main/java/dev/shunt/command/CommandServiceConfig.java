package dev.shunt.command;

import dev.shunt.service.KafkaSettings;
import dev.shunt.service.TopoSettings;
import java.time.Duration;

/**
 * Configuration of the command service.
 *
 * @param host address that both servers listen on
 * @param grpcPort port of vtctlservice.Vtctld; 0 means any free one
 * @param httpPort port of the HTTP face; 0 means any free one
 * @param kafka broker and registry
 * @param topo topology
 * @param embeddedRegistry whether the HTTP face also serves the schema registry, kept in Kafka
 * @param actionTimeout how long an outcome is waited for when the caller sets no deadline
 */
public record CommandServiceConfig(
    String host,
    int grpcPort,
    int httpPort,
    KafkaSettings kafka,
    TopoSettings topo,
    boolean embeddedRegistry,
    Duration actionTimeout) {
  public CommandServiceConfig {
    if (host.isBlank()) {
      throw new IllegalArgumentException("host is empty: name an address to listen on");
    }
    port("grpcPort", grpcPort);
    port("httpPort", httpPort);
    if (!actionTimeout.isPositive()) {
      throw new IllegalArgumentException("actionTimeout must be positive");
    }
  }

  /** vtctld's port on this machine, HTTP beside it, an hour for each action. */
  public static CommandServiceConfig defaults() {
    return new CommandServiceConfig(
        "127.0.0.1",
        15999,
        15080,
        KafkaSettings.defaults(),
        TopoSettings.defaults(),
        false,
        Duration.ofHours(1));
  }

  private static void port(String key, int port) {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException(key + " must be 0 to 65535, not " + port);
    }
  }
}
