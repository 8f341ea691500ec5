package dev.shunt.schemas;

import java.util.Map;

/**
 * A topic that Shunt needs.
 *
 * @param name its name
 * @param coPartitioned whether it has as many partitions as all others whose key is the workflow;
 *     else it has one
 * @param configs settings it is created with, in Kafka's names and texts
 */
public record TopicDefinition(String name, boolean coPartitioned, Map<String, String> configs) {
  public TopicDefinition {
    configs = Map.copyOf(configs);
  }

  /**
   * How many partitions it has.
   *
   * @param coPartitions how many the co-partitioned topics have
   */
  public int partitions(int coPartitions) {
    return coPartitioned ? coPartitions : 1;
  }
}
