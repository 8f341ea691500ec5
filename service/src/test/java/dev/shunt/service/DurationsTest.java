package dev.shunt.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {
  @ParameterizedTest
  @CsvSource({
    "0, PT0S",
    "0s, PT0S",
    "1ns, PT0.000000001S",
    "1us, PT0.000001S",
    "1\u00b5s, PT0.000001S",
    "1.5\u03bcs, PT0.0000015S",
    "1ms, PT0.001S",
    "1m, PT1M",
    "1m1ms, PT1M0.001S",
    "1h0m0s, PT1H",
    "0.5h, PT30M",
    "1.25s, PT1.25S",
    "1s1s, PT2S",
    "9223372036s, PT9223372036S",
    "9007199.254740993s, PT9007199.254740993S",
    "1000000h, PT1000000H",
  })
  void readsWhatGoAndPeopleWrite(String text, Duration duration) {
    assertThat(Durations.parse(text)).isEqualTo(duration);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", " ", "s", "1", "00", "-1s", "+1s", "1 s", "1s ", "1S", "1.s", ".5s", "1,5s", "1d",
        "1s2", "1sx", "1e3s", "\u0661s"
      })
  void refusesWhatIsNone(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Durations.parse(text))
        .withMessage("not a duration (write 30s, 250ms or 1h30m): '" + text + "'");
  }

  /** Longer than 292 years nobody can wait: what is counted in nanoseconds would run over. */
  @ParameterizedTest
  @ValueSource(strings = {"9223372037s", "2562048h", "99999999999999999999h", "2562047h2562047h"})
  void refusesWhatIsTooLong(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Durations.parse(text))
        .withMessage("the duration '" + text + "' is too long");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void isReadAsItIsWritten(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 1000; i++) {
      Duration duration = Duration.ofNanos((random.nextLong() >>> 1) >> random.nextInt(63));
      assertThat(Durations.parse(Durations.text(duration)))
          .as(Durations.text(duration))
          .isEqualTo(duration);
    }
  }
}
