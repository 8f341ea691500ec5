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
  /**
   * Of what is written between two commits, each of which goes to a topic and to a changelog: a
   * transaction is to be over long before the broker takes it for lost.
   */
  private static final long LARGEST_TRANSACTION = 16L * 1024 * 1024;

  private final long pauseNanos;
  private final long gapNanos;
  private final LongSupplier clock;
  private long recordAt;
  private long committedAt;
  private long writtenBytes;

  /**
   * @param pause behind which a record is committed at once
   * @param gap from the end of a commit to the next one while records come
   * @param clock monotonic time, nanoseconds
   */
  CommitPace(Duration pause, Duration gap, LongSupplier clock) {
    this.pauseNanos = pause.toNanos();
    this.gapNanos = gap.toNanos();
    this.clock = clock;
    this.committedAt = clock.getAsLong() - gapNanos;
    this.recordAt = committedAt;
  }

  /** A commit has ended. */
  void committed() {
    committedAt = clock.getAsLong();
    recordAt = committedAt;
    writtenBytes = 0;
  }

  /**
   * Takes note of a record.
   *
   * @param awaited whether somebody waits for what comes of it
   * @param bytes that were written for it
   * @return whether a commit is to be asked for
   */
  boolean took(boolean awaited, long bytes) {
    long now = clock.getAsLong();
    writtenBytes += bytes;
    boolean due =
        (awaited && now - recordAt >= pauseNanos)
            || now - committedAt >= gapNanos
            || writtenBytes >= LARGEST_TRANSACTION;
    recordAt = now;
    return due;
  }
}
