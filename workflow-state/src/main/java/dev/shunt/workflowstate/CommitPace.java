package dev.shunt.workflowstate;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * When the processors of an application ask for a commit, so that others see soon what came of a
 * record: at once for one that somebody waits for and that comes behind a pause, and for any other
 * when there was none for a while. In between the records are gathered: what waits while a commit
 * is under way comes behind no pause, or there would be a commit for each of them.
 *
 * <p>For all tasks of one thread, as these commit together.
 */
final class CommitPace {
  private final long pauseMillis;
  private final long gapMillis;
  private final LongSupplier clock;
  private long recordAt;
  private long committedAt;

  /**
   * @param pause behind which a record is committed at once
   * @param gap from the end of a commit to the next one while records come
   * @param clock wall-clock time, milliseconds
   */
  CommitPace(Duration pause, Duration gap, LongSupplier clock) {
    this.pauseMillis = pause.toMillis();
    this.gapMillis = gap.toMillis();
    this.clock = clock;
  }

  /** A commit has ended. */
  void committed() {
    committedAt = clock.getAsLong();
    recordAt = committedAt;
  }

  /**
   * Takes note of a record.
   *
   * @param awaited whether somebody waits for what comes of it
   * @return whether a commit is to be asked for
   */
  boolean isDue(boolean awaited) {
    long now = clock.getAsLong();
    boolean due = (awaited && now - recordAt >= pauseMillis) || now - committedAt >= gapMillis;
    recordAt = now;
    return due;
  }
}
