package dev.shunt.cli.processes;

import dev.shunt.schemas.TopicCreator;
import dev.shunt.service.KafkaSettings;
import dev.shunt.service.Service;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;

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
