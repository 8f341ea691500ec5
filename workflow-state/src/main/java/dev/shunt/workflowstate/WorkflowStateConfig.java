package dev.shunt.workflowstate;

import dev.shunt.service.KafkaSettings;
import java.time.Duration;

/**
 * Settings of the workflow-state service.
 *
 * @param kafka Kafka and the schema registry
 * @param applicationId prefix of groups, transactional ids and internal topics: by itself of
 *     admission, with {@code -streams} of the fold of stream reports, with {@code -reports} of the
 *     gatherer; the same for all instances
 * @param stateDirectory folder for state on disk; may be lost, it is restored from Kafka
 * @param standbyReplicas copies of the state that other instances keep ready, 0 to 2
 * @param commitInterval the longest time between two commits of admission while records come, 1 ms
 *     to 10 s, and at most a quarter of Kafka's session timeout; an outcome that comes alone is
 *     committed at once, what nobody waits for within five of these intervals
 */
public record WorkflowStateConfig(
    KafkaSettings kafka,
    String applicationId,
    String stateDirectory,
    int standbyReplicas,
    Duration commitInterval) {
  public WorkflowStateConfig {
    if (applicationId.isBlank()) {
      throw new IllegalArgumentException("applicationId must not be empty");
    }
    if (stateDirectory.isBlank()) {
      throw new IllegalArgumentException("stateDirectory must not be empty");
    }
    if (standbyReplicas < 0 || standbyReplicas > 2) {
      throw new IllegalArgumentException("standbyReplicas must be 0 to 2");
    }
    if (commitInterval.toMillis() < 1 || commitInterval.toMillis() > 10_000) {
      throw new IllegalArgumentException("commitInterval must be 1ms to 10s");
    }
    if (commitInterval.toMillis() > kafka.sessionTimeoutMillis() / 4) {
      throw new IllegalArgumentException(
          "commitInterval must be at most a quarter of kafka.sessionTimeoutMillis, as a transaction"
              + " lives no longer than that");
    }
  }

  /** Local Kafka, state below the temporary folder, 20 ms. */
  public static WorkflowStateConfig defaults() {
    return new WorkflowStateConfig(
        KafkaSettings.defaults(),
        "shunt-workflow-state",
        System.getProperty("java.io.tmpdir") + "/shunt-workflow-state",
        1,
        Duration.ofMillis(20));
  }
}
