package dev.shunt.switcher;

import dev.shunt.saga.SagaSettings;
import dev.shunt.service.KafkaSettings;
import dev.shunt.service.TopoSettings;
import java.time.Duration;

/**
 * Settings of the switcher service.
 *
 * @param kafka Kafka and the schema registry
 * @param topo the topology
 * @param lockTtlSeconds how long a workflow stays locked after an instance died, 1 to 300
 * @param refuseAfterDifferences whether a switch is refused while the last diff of a table found
 *     differences or a diff runs, instead of warning
 */
public record SwitcherConfig(
    KafkaSettings kafka, TopoSettings topo, int lockTtlSeconds, boolean refuseAfterDifferences) {
  public SwitcherConfig {
    if (lockTtlSeconds < 1 || lockTtlSeconds > 300) {
      throw new IllegalArgumentException("lockTtlSeconds must be 1 to 300");
    }
  }

  /** Local Kafka and etcd, 4 s, warnings only. */
  public static SwitcherConfig defaults() {
    return new SwitcherConfig(KafkaSettings.defaults(), TopoSettings.defaults(), 4, false);
  }

  SagaSettings saga() {
    return SagaSettings.DEFAULT.withLockTtl(Duration.ofSeconds(lockTtlSeconds));
  }
}
