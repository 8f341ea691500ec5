package dev.shunt.saga;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class SagaSettingsTest {
  @Test
  void hasTheseDefaults() {
    assertThat(SagaSettings.DEFAULT)
        .isEqualTo(
            new SagaSettings(
                Duration.ofSeconds(4),
                Duration.ofMinutes(10),
                Duration.ofSeconds(45),
                5,
                Duration.ofMillis(50),
                Duration.ofSeconds(2),
                Duration.ofSeconds(20)));
  }

  @Test
  void waitsTwiceAsLongEachTimeUpToTheLongest() {
    assertThat(SagaSettings.DEFAULT.backoff(1)).isEqualTo(Duration.ofMillis(50));
    assertThat(SagaSettings.DEFAULT.backoff(2)).isEqualTo(Duration.ofMillis(100));
    assertThat(SagaSettings.DEFAULT.backoff(7)).isEqualTo(Duration.ofSeconds(2));
    assertThat(SagaSettings.DEFAULT.backoff(1000)).isEqualTo(Duration.ofSeconds(2));
  }
}
