package dev.shunt.vdiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shunt.time.ManualTime;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RowRateTest {
  @Test
  void takesNoTimeWithoutALimit() throws Exception {
    ManualTime time = ManualTime.skipping();
    RowRate pace = new RowRate(time);

    pace.took(1_000_000);

    assertThat(time.passed()).isEqualTo(Duration.ZERO);
  }

  @Test
  void takesAsLongAsTheLimitSays() throws Exception {
    ManualTime time = ManualTime.skipping();
    RowRate pace = new RowRate(time);
    pace.limit(100);

    pace.took(50);
    pace.took(150);

    assertThat(time.passed()).isEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void givesNoCreditForTimeInWhichNothingWasRead() throws Exception {
    ManualTime time = ManualTime.skipping();
    RowRate pace = new RowRate(time);
    pace.limit(100);
    time.advance(Duration.ofMinutes(1));

    pace.took(100);

    assertThat(time.passed()).isEqualTo(Duration.ofSeconds(61));
  }

  @Test
  void anotherLimitEndsTheWait() throws Exception {
    ManualTime time = ManualTime.stopped();
    RowRate pace = new RowRate(time);
    pace.limit(1);
    Thread reader =
        Thread.ofVirtual()
            .start(() -> {
              try {
                pace.took(1_000_000);
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    await().until(() -> time.waits() == 1);

    pace.limit(0);

    await().untilAsserted(() -> assertThat(reader.isAlive()).isFalse());
  }
}
