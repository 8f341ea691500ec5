package dev.shunt.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shunt.service.KafkaSettings;
import dev.shunt.service.TopoSettings;
import org.junit.jupiter.api.Test;

class CopyConfigTest {
  @Test
  void hasTheseDefaults() {
    assertThat(CopyConfig.defaults())
        .isEqualTo(new CopyConfig(KafkaSettings.defaults(), TopoSettings.defaults(), 4, false));
  }

  @Test
  void namesTheKeyThatIsWrong() {
    assertThatThrownBy(
            () -> new CopyConfig(KafkaSettings.defaults(), TopoSettings.defaults(), 0, false))
        .hasMessage("lockTtlSeconds must be 1 to 300");
  }
}
