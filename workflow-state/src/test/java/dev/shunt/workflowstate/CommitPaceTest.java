package dev.shunt.workflowstate;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class CommitPaceTest {
  private long now = 1_000;
  private final CommitPace pace =
      new CommitPace(
          Duration.ofMillis(3),
          2,
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
    pace.came(2);
    assertThat(pace.took(true, 1)).as("others are at hand").isTrue();
  }

  /** Else each of those that waited meanwhile would have a commit for itself. */
  @Test
  void whatWaitedForACommitIsGatheredBehindIt() {
    assertThat(takes(true)).isTrue();
    now += 50;
    pace.committed();
    pace.came(8);
    for (int i = 0; i < 7; i++) {
      assertThat(pace.took(true, 1)).isFalse();
    }
    assertThat(pace.took(true, 1)).as("the last at hand").isTrue();
    pace.committed();
    for (int i = 0; i < 9; i++) {
      assertThat(takes(true)).as("part of a burst").isFalse();
      now += 1;
    }
    now += 1;
    assertThat(takes(true)).isTrue();
  }

  private boolean takes(boolean isAwaited) {
    pace.came(1);
    return pace.took(isAwaited, 1);
  }

  /** A service that has nothing to do answers within that pause. */
  @Test
  void anAnswerThatComesAloneBehindWhatAloneWasCommittedIsCommittedAtOnce() {
    assertThat(takes(true)).isTrue();
    now += 4;
    pace.committed();
    now += 1;
    assertThat(takes(false)).isFalse(); // the admission, read back
    assertThat(takes(true)).isTrue();
    pace.committed();
    assertThat(takes(true)).as("the next command of the same client").isTrue();
  }

  @Test
  void anAnswerIsCommittedWithWhatNobodyWaitsForAndIsAtHand() {
    assertThat(takes(true)).isTrue();
    pace.committed();
    pace.came(2);
    assertThat(pace.took(true, 1)).isFalse();
    assertThat(pace.took(false, 1)).isTrue();
  }

  @Test
  void whatIsWrittenForNoRecordLeavesThoseAtHandAsTheyAre() {
    assertThat(takes(true)).isTrue();
    pace.committed();
    pace.came(1);
    assertThat(pace.wrote(true, 1)).isFalse();
    assertThat(pace.took(false, 1)).isTrue();
  }

  /** Else no answer would be committed at once any more. */
  @Test
  void recordsThatAreGivenUpAreNotAtHand() {
    assertThat(takes(true)).isTrue();
    pace.committed();
    pace.came(5);
    pace.noneAtHand();
    assertThat(takes(true)).isTrue();
    pace.committed();
    pace.came(5);
    pace.dropped();
    assertThat(takes(true)).isTrue();
  }

  /** A commit takes as long as four records, which wait meanwhile. */
  @Test
  void recordsThatComeWithoutAPauseAreCommittedNowAndThen() {
    pace.committed();
    int commits = 0;
    for (int i = 0; i < 100; i++) {
      now += 1;
      if (takes(true)) {
        commits++;
        now += 4;
        pace.committed();
        pace.came(4);
        for (int waited = 0; waited < 4; waited++) {
          boolean due = pace.took(true, 1);
          assertThat(due && waited < 3).as("others are at hand").isFalse();
          if (due) {
            commits++;
            pace.committed();
          }
        }
      }
    }
    assertThat(commits).as("the first and what waited for it, then one in 10 ms").isEqualTo(11);
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
    pace.came(2);
    var unused = pace.took(true, 1);
    unused = pace.took(true, 1); // a burst
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
