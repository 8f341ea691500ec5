package dev.shunt.cli.processes;

import dev.shunt.embedded.KafkaBroker;
import dev.shunt.service.Service;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A Kafka broker as a process of its own. */
final class BrokerService implements Service {
  private final BrokerConfig config;
  private @Nullable KafkaBroker broker;

  BrokerService(BrokerConfig config, ServiceResources unused) {
    this.config = config;
  }

  @Override
  public String name() {
    return "broker";
  }

  @Override
  public void start() {
    broker = KafkaBroker.start(Path.of(config.directory()), config.port());
  }

  @Override
  public Map<String, String> endpoints() {
    return broker == null ? Map.of() : Map.of("kafka", broker.bootstrapServers());
  }

  @Override
  public void close() {
    if (broker != null) {
      broker.close();
    }
  }
}
