package dev.shunt.workflowstate;

import java.time.Duration;

/**
 * When a processor asks for a commit: after the first record that comes after a pause, so that
 * others see at once what comes of it. While there are more the commit interval gathers them: it
 * begins when a commit has ended, so however long one takes there is time between two in which
 * records are taken.
 */
final class CommitPace {
  private static final Duration PAUSE = Duration.ofMillis(20);

  private long lastRecordAt;

  /**
   * Takes note of a record.
   *
   * @param now wall-clock time, milliseconds
   * @return whether a commit is to be asked for
   */
  boolean isDue(long now) {
    boolean due = now - lastRecordAt >= PAUSE.toMillis();
    lastRecordAt = now;
    return due;
  }
}
