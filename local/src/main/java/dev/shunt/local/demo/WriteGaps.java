package dev.shunt.local.demo;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * The longest time that any one writer went without an acknowledgement while a window was open.
 * What a client of the shop would have felt, so it counts the whole of a held write, also of one
 * that is never acknowledged.
 */
public final class WriteGaps {
  private final long[] acknowledged;
  private long longestNanos;

  /**
   * Writers count as served when they are made.
   *
   * @param writers how many there are
   * @param now value of {@link System#nanoTime()}
   */
  public WriteGaps(int writers, long now) {
    acknowledged = new long[writers];
    Arrays.fill(acknowledged, now);
  }

  /** Opens a new window; gaps that began before count whole if they reach into it. */
  public synchronized void open() {
    longestNanos = 0;
  }

  /** Takes note that a writer, from 0 on, was acknowledged. */
  public synchronized void acknowledge(int writer, long now) {
    longestNanos = Math.max(longestNanos, now - acknowledged[writer]);
    acknowledged[writer] = now;
    notifyAll();
  }

  /**
   * Closes the window as soon as every writer was acknowledged after this call.
   *
   * @param patience how long to wait for that; a writer that is not served by then counts with the
   *     time it has waited
   * @return longest gap since the window was opened
   */
  public synchronized Duration close(Duration patience) throws InterruptedException {
    long called = System.nanoTime();
    long deadline = called + patience.toNanos();
    for (long left = patience.toNanos(); left > 0 && !servedAfter(called); ) {
      TimeUnit.NANOSECONDS.timedWait(this, left);
      left = deadline - System.nanoTime();
    }
    long now = System.nanoTime();
    long longest = longestNanos;
    for (long last : acknowledged) {
      if (last - called <= 0) {
        longest = Math.max(longest, now - last);
      }
    }
    return Duration.ofNanos(longest);
  }

  private boolean servedAfter(long instant) {
    return Arrays.stream(acknowledged).allMatch(last -> last - instant > 0);
  }
}
