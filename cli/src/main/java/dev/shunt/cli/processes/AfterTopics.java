package dev.shunt.cli.processes;

import dev.shunt.schemas.TopicCreator;
import dev.shunt.service.KafkaSettings;
import dev.shunt.service.Service;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * Creates the topics that are missing before a service starts, so that services can be started in
 * any order.
 */
record AfterTopics(KafkaSettings kafka, Service service) implements Service {
  @Override
  public String name() {
    return service.name();
  }

  @Override
  public void start() {
    try (Admin admin = Admin.create(kafka.admin())) {
      TopicCreator.createMissing(admin, kafka.replicationFactor());
    } catch (TimeoutException e) {
      throw new IllegalStateException(
          "no Kafka answers at %s: start it, or name another with kafka.bootstrapServers"
              .formatted(kafka.bootstrapServers()),
          e);
    }
    service.start();
  }

  @Override
  public Map<String, String> endpoints() {
    return service.endpoints();
  }

  @Override
  public void close() {
    service.close();
  }
}
