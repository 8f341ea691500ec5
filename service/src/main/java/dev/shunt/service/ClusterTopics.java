package dev.shunt.service;

import dev.shunt.schemas.setup.ClusterSetup;
import org.apache.kafka.common.errors.TimeoutException;

/** The topics of a cluster, as every service finds or makes them before it does anything else. */
public final class ClusterTopics {
  private ClusterTopics() {}

  /**
   * Creates topics that are missing, and checks the partitions of all.
   *
   * @param service short name of the service, for the cluster's record
   * @return how many partitions each co-partitioned topic has
   * @throws dev.shunt.schemas.setup.SetupRefusedException when settings, topics and the cluster's
   *     record don't go together; the message says what can be done
   * @throws IllegalStateException when no Kafka answers
   */
  public static int ensure(KafkaSettings kafka, String service) {
    try {
      return new ClusterSetup(
              kafka.admin(),
              kafka.replicationFactor(),
              kafka.partitions(),
              InstanceId.next(service))
          .ensure();
    } catch (TimeoutException e) {
      throw new IllegalStateException(
          "no Kafka answers at %s: start it, or name another with kafka.bootstrapServers"
              .formatted(kafka.bootstrapServers()),
          e);
    }
  }
}
