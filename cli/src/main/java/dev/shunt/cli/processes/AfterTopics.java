package dev.shunt.cli.processes;

import dev.shunt.service.ClusterTopics;
import dev.shunt.service.KafkaSettings;
import dev.shunt.service.Service;
import java.util.Map;

/**
 * Creates the topics that are missing before a service starts, so that services can be started in
 * any order, and checks those that are there.
 */
record AfterTopics(KafkaSettings kafka, Service service) implements Service {
  @Override
  public String name() {
    return service.name();
  }

  @Override
  public void start() {
    int unused = ClusterTopics.ensure(kafka, name());
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
