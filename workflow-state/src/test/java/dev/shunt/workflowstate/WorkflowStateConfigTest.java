package dev.shunt.workflowstate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shunt.service.ConfigException;
import dev.shunt.service.ConfigLoader;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WorkflowStateConfigTest {
  @Test
  void hasTheseDefaults() {
    WorkflowStateConfig defaults = WorkflowStateConfig.defaults();

    assertThat(defaults.applicationId()).isEqualTo("shunt-workflow-state");
    assertThat(defaults.stateDirectory()).endsWith("/shunt-workflow-state");
    assertThat(defaults.standbyReplicas()).isEqualTo(1);
    assertThat(defaults.commitInterval()).isEqualTo(Duration.ofMillis(20));
    assertThat(ConfigLoader.load(defaults, null, Map.of(), Map.of())).isEqualTo(defaults);
  }

  @Test
  void namesTheKeyItRefuses() {
    assertThatThrownBy(() ->
            ConfigLoader.load(
                WorkflowStateConfig.defaults(), null, Map.of(), Map.of("commitInterval", "0")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("commitInterval must be 1ms to 10s");
  }

  @Test
  void refusesAnIntervalThatIsLongerThanATransactionMayBe() {
    Map<String, String> settings =
        Map.of("commitInterval", "251ms", "kafka.sessionTimeoutMillis", "1000");
    assertThatThrownBy(
            () -> ConfigLoader.load(WorkflowStateConfig.defaults(), null, Map.of(), settings))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(
            "commitInterval must be at most a quarter of kafka.sessionTimeoutMillis");
  }
}
