package dev.shunt.switcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shunt.service.KafkaSettings;
import dev.shunt.service.TopoSettings;
import org.junit.jupiter.api.Test;

class SwitcherConfigTest {
  @Test
  void hasTheseDefaults() {
    assertThat(SwitcherConfig.defaults())
        .isEqualTo(new SwitcherConfig(KafkaSettings.defaults(), TopoSettings.defaults(), 4, false));
  }

  @Test
  void namesTheKeyThatIsWrong() {
    assertThatThrownBy(
            () -> new SwitcherConfig(KafkaSettings.defaults(), TopoSettings.defaults(), 0, false))
        .hasMessage("lockTtlSeconds must be 1 to 300");
  }
}
