package dev.shunt.switcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shunt.saga.FailedException;
import dev.shunt.time.ManualTime;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class PauseLimitTest {
  private static final Duration WHOLE = Duration.ofSeconds(30);

  private final ManualTime time = ManualTime.stopped();
  private final PauseLimit limit = new PauseLimit(WHOLE, time);

  @Test
  void eachWaitBeforeTheDenialMayTakeAllOfIt() {
    time.advance(WHOLE.multipliedBy(2));
    assertThat(limit.left()).isEqualTo(WHOLE);
  }

  @Test
  void waitsBehindTheDenialShareIt() {
    time.advance(Duration.ofSeconds(7));
    limit.begin();
    assertThat(limit.left()).isEqualTo(WHOLE);
    time.advance(Duration.ofSeconds(29));
    assertThat(limit.left()).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void theSwitchIsToBeTakenBackOnceNothingIsLeft() {
    limit.begin();
    time.advance(WHOLE);
    assertThatThrownBy(limit::left)
        .isInstanceOf(FailedException.class)
        .hasMessageStartingWith("writes were denied for 30000 ms and the switch was not decided");
  }
}
