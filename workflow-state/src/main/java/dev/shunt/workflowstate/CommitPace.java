package dev.shunt.workflowstate;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * When the processors of an application ask for a commit, so that others see soon what came of a
 * record: at once for one that somebody waits for and that comes behind a pause, or is all there is
 * and so was the one before it; and for any other when there was none for a while. In between the
 * records are gathered: what waits while a commit is under way comes behind no pause, or there
 * would be a commit for each of them. What nobody waits for and nothing follows is left over for a
 * moment, so that an outcome that soon comes is not held up by a commit of what came before; see
 * {@link Commits}.
 *
 * <p>For all tasks of one thread, as these commit together.
 */
final class CommitPace {
  /**
   * Of what is written between two commits, each of which goes to a topic and to a changelog: a
   * transaction is to be over long before the broker takes it for lost.
   */
  private static final long LARGEST_TRANSACTION = 16L * 1024 * 1024;

  private static final Duration SHORTEST_LOOK = Duration.ofMillis(1);

  private final long pauseNanos;
  private final int burst;
  private final Duration gap;
  private final long leftOverNanos;
  private final LongSupplier clock;
  private long recordAt;
  private long committedAt;
  private long writtenBytes;
  private boolean settled = true;
  private int awaited;
  private int awaitedBefore;
  private int atHand;

  /**
   * @param pause behind which a record is committed at once
   * @param burst a transaction with as many records that somebody waits for is part of a burst, and
   *     those behind it are gathered; behind a smaller one a record is committed at once when there
   *     is no other at hand
   * @param gap from the end of a commit to the next one while records come
   * @param leftOver from the end of a commit to the next one while what nobody waits for is to be
   *     committed
   * @param clock monotonic time, nanoseconds
   */
  CommitPace(Duration pause, int burst, Duration gap, Duration leftOver, LongSupplier clock) {
    this.pauseNanos = pause.toNanos();
    this.burst = burst;
    this.gap = gap;
    this.leftOverNanos = leftOver.toNanos();
    this.clock = clock;
    this.committedAt = clock.getAsLong() - gap.toNanos();
    this.recordAt = committedAt;
  }

  /** A commit has ended. */
  void committed() {
    committedAt = clock.getAsLong();
    recordAt = committedAt;
    awaitedBefore = awaited;
    settle();
  }

  /** What was not committed will be taken once more, here or elsewhere. */
  void dropped() {
    settle();
    noneAtHand();
  }

  private void settle() {
    writtenBytes = 0;
    settled = true;
    awaited = 0;
  }

  /** So many records came, each of which will be taken if it is not given up before. */
  void came(int records) {
    atHand += records;
  }

  /**
   * Records that came and were not taken are given up. Where some were kept, commits are early as
   * long as these are taken.
   */
  void noneAtHand() {
    atHand = 0;
  }

  /**
   * Takes note of a record.
   *
   * @param isAwaited whether somebody waits for what comes of it
   * @param bytes that were written for it
   * @return whether a commit is to be asked for
   */
  boolean took(boolean isAwaited, long bytes) {
    atHand = Math.max(0, atHand - 1);
    return wrote(isAwaited, bytes);
  }

  /** As {@link #took}, of what was written for no record, as when time has passed. */
  boolean wrote(boolean isAwaited, long bytes) {
    long now = clock.getAsLong();
    writtenBytes += bytes;
    settled = false;
    awaited += isAwaited ? 1 : 0;
    boolean due =
        (isAwaited && now - recordAt >= pauseNanos)
            || (awaited > 0 && atHand == 0 && awaitedBefore < burst)
            || now - committedAt >= gap.toNanos()
            || writtenBytes >= LARGEST_TRANSACTION;
    recordAt = now;
    return due;
  }

  /** Whether all that was taken is committed. */
  boolean settled() {
    return settled;
  }

  /** Whether a commit is due though nothing comes any more. */
  boolean overdue() {
    return !settled
        && clock.getAsLong() - committedAt >= (awaited > 0 ? gap.toNanos() : leftOverNanos);
  }

  /** How often to ask that, as long as not all is committed; Kafka Streams has 1 ms at least. */
  Duration lookEvery() {
    Duration half = gap.dividedBy(2);
    return half.compareTo(SHORTEST_LOOK) > 0 ? half : SHORTEST_LOOK;
  }
}
