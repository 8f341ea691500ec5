package dev.shunt.workflowstate;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class CommitPaceTest {
  private long now = 1_000;
  private final CommitPace pace =
      new CommitPace(Duration.ofMillis(3), Duration.ofMillis(10), () -> now);

  @Test
  void theFirstRecordBehindALongPauseIsCommittedAtOnce() {
    assertThat(pace.isDue(false)).isTrue();
  }

  @Test
  void anOutcomeThatComesAloneIsCommittedAtOnceAndAnAdmissionBeforeItWithIt() {
    assertThat(pace.isDue(true)).isTrue();
    now += 8;
    pace.committed();
    now += 1;
    assertThat(pace.isDue(false)).isFalse(); // the admission, read back
    now += 4;
    assertThat(pace.isDue(true)).isTrue();
  }

  /** Else each of those that waited meanwhile would have a commit for itself. */
  @Test
  void whatWaitedForACommitIsGatheredBehindIt() {
    assertThat(pace.isDue(true)).isTrue();
    now += 50;
    pace.committed();
    for (int i = 0; i < 9; i++) {
      assertThat(pace.isDue(true)).isFalse();
      now += 1;
    }
    now += 1;
    assertThat(pace.isDue(true)).isTrue();
  }

  @Test
  void recordsThatComeWithoutAPauseAreCommittedNowAndThen() {
    pace.committed();
    int commits = 0;
    for (int i = 0; i < 100; i++) {
      now += 1;
      if (pace.isDue(i % 2 == 0)) {
        commits++;
        pace.committed();
      }
    }
    assertThat(commits).isEqualTo(10);
  }
}
