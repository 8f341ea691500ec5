package dev.shunt.vdiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shunt.service.KafkaSettings;
import dev.shunt.service.TopoSettings;
import org.junit.jupiter.api.Test;

class VDiffConfigTest {
  @Test
  void hasTheseDefaults() {
    assertThat(VDiffConfig.defaults())
        .isEqualTo(new VDiffConfig(KafkaSettings.defaults(), TopoSettings.defaults(), 4, 256));
  }

  @Test
  void namesTheKeyThatIsWrong() {
    assertThatThrownBy(
            () -> new VDiffConfig(KafkaSettings.defaults(), TopoSettings.defaults(), 4, 0))
        .hasMessage("waitingMegabytes must be at least 1");
  }
}
