package dev.shunt.vdiff;

import dev.shunt.saga.SagaSettings;
import dev.shunt.service.KafkaSettings;
import dev.shunt.service.TopoSettings;
import java.time.Duration;

/**
 * Settings of the vdiff service.
 *
 * @param kafka Kafka and the schema registry
 * @param topo the topology
 * @param lockTtlSeconds how long a workflow stays locked after an instance died, 1 to 300
 * @param waitingMegabytes most memory that rows without a match may take in the comparison of one
 *     table on one shard, MiB, at least 1
 */
public record VDiffConfig(
    KafkaSettings kafka, TopoSettings topo, int lockTtlSeconds, int waitingMegabytes) {
  public VDiffConfig {
    if (lockTtlSeconds < 1 || lockTtlSeconds > 300) {
      throw new IllegalArgumentException("lockTtlSeconds must be 1 to 300");
    }
    if (waitingMegabytes < 1) {
      throw new IllegalArgumentException("waitingMegabytes must be at least 1");
    }
  }

  /** Local Kafka and etcd, 4 s, 256 MiB. */
  public static VDiffConfig defaults() {
    return new VDiffConfig(KafkaSettings.defaults(), TopoSettings.defaults(), 4, 256);
  }

  SagaSettings saga() {
    return SagaSettings.DEFAULT.withLockTtl(Duration.ofSeconds(lockTtlSeconds));
  }
}
