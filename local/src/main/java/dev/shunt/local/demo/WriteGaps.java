package dev.shunt.local.demo;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The longest time that any one writer went without an acknowledgement while a window was open.
 * What a client of the shop would have felt, so it counts the whole of a held write.
 */
final class WriteGaps {
  private final AtomicLong longestNanos = new AtomicLong();

  /** Opens a new window; gaps that began before count as far as they reach into it. */
  void open() {
    longestNanos.set(0);
  }

  /** Tells how long a writer had waited when it was acknowledged. */
  void record(long nanos) {
    longestNanos.accumulateAndGet(nanos, Math::max);
  }

  /** Longest gap since the window was opened, milliseconds. */
  long longestMillis() {
    return Math.round(longestNanos.get() / 1e6);
  }
}
