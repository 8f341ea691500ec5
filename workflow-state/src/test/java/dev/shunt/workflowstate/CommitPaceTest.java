package dev.shunt.workflowstate;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class CommitPaceTest {
  private long now = 1_000;
  private final CommitPace pace =
      new CommitPace(
          Duration.ofMillis(3),
          Duration.ofMillis(10),
          Duration.ofMillis(100),
          () -> now * 1_000_000);

  @Test
  void theFirstRecordBehindALongPauseIsCommittedAtOnce() {
    assertThat(pace.took(false, 1)).isTrue();
  }

  @Test
  void anOutcomeThatComesAloneIsCommittedAtOnceAndAnAdmissionBeforeItWithIt() {
    assertThat(pace.took(true, 1)).isTrue();
    now += 8;
    pace.committed();
    now += 1;
    assertThat(pace.took(false, 1)).isFalse(); // the admission, read back
    now += 4;
    assertThat(pace.took(true, 1)).isTrue();
  }

  /** Else each of those that waited meanwhile would have a commit for itself. */
  @Test
  void whatWaitedForACommitIsGatheredBehindIt() {
    assertThat(pace.took(true, 1)).isTrue();
    now += 50;
    pace.committed();
    for (int i = 0; i < 9; i++) {
      assertThat(pace.took(true, 1)).isFalse();
      now += 1;
    }
    now += 1;
    assertThat(pace.took(true, 1)).isTrue();
  }

  @Test
  void recordsThatComeWithoutAPauseAreCommittedNowAndThen() {
    pace.committed();
    int commits = 0;
    for (int i = 0; i < 100; i++) {
      now += 1;
      if (pace.took(i % 2 == 0, 1)) {
        commits++;
        pace.committed();
      }
    }
    assertThat(commits).isEqualTo(10);
  }

  /** In one transaction, whichever task writes it. */
  @Test
  void soMuchIsWrittenAtMost() {
    pace.committed();
    assertThat(pace.took(false, 16 * 1024 * 1024 - 1)).isFalse();
    assertThat(pace.took(false, 1)).isTrue();
    pace.committed();
    assertThat(pace.took(false, 1)).isFalse();
  }

  /** Else an outcome that comes meanwhile would wait for a commit of what came before. */
  @Test
  void whatNobodyWaitsForIsLeftOverForAWhile() {
    pace.committed();
    assertThat(pace.settled()).isTrue();
    now += 1;
    assertThat(pace.took(false, 1)).isFalse();
    assertThat(pace.settled()).isFalse();
    now += 98;
    assertThat(pace.overdue()).isFalse();
    now += 1;
    assertThat(pace.overdue()).isTrue();
    pace.committed();
    assertThat(pace.overdue()).isFalse();
    now += 1000;
    assertThat(pace.overdue()).as("nothing came").isFalse();
  }

  @Test
  void whatSomebodyWaitsForIsNotLeftOver() {
    pace.committed();
    now += 1;
    assertThat(pace.took(true, 1)).as("there was no pause").isFalse();
    assertThat(pace.took(false, 1)).isFalse();
    now += 8;
    assertThat(pace.overdue()).isFalse();
    now += 1;
    assertThat(pace.overdue()).isTrue();
    pace.committed();
    assertThat(pace.took(false, 1)).isFalse();
    now += 10;
    assertThat(pace.overdue()).isFalse();
  }
}
