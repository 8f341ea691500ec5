package dev.shunt.tablet.ownership;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class OwnershipSettingsTest {
  @Test
  void hasTheseDefaults() {
    assertThat(OwnershipSettings.DEFAULT)
        .isEqualTo(
            new OwnershipSettings(
                Duration.ofSeconds(1),
                Duration.ofSeconds(5),
                Duration.ofSeconds(10),
                Duration.ofMinutes(2)));
  }
}
