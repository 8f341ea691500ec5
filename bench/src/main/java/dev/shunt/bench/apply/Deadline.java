package dev.shunt.bench.apply;

import java.time.Duration;

/**
 * When something ends.
 *
 * @param at on the clock of System.nanoTime
 */
record Deadline(long at) {
  static Deadline in(Duration time) {
    return new Deadline(System.nanoTime() + time.toNanos());
  }

  boolean isOver() {
    return System.nanoTime() - at >= 0;
  }
}
