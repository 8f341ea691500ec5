package dev.shunt.schemas;

import java.util.Map;

/**
 * A topic that Shunt needs.
 *
 * @param name its name
 * @param partitions how many partitions it is created with
 * @param configs settings it is created with, in Kafka's names and texts
 */
public record TopicDefinition(String name, int partitions, Map<String, String> configs) {
  public TopicDefinition {
    if (partitions < 1) {
      throw new IllegalArgumentException("topic " + name + " needs at least one partition");
    }
    configs = Map.copyOf(configs);
  }
}
