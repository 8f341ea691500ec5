package dev.shunt.switcher;

import dev.shunt.saga.FailedException;
import dev.shunt.time.Time;
import io.grpc.Status;
import java.time.Duration;

/**
 * How long the waits of a switch may last: before the pause each the whole time, from the denial to
 * the decision all of them together. Safe for use by many threads.
 */
final class PauseLimit {
  private final Duration whole;
  private final Time time;
  private volatile long deniedAt;
  private volatile boolean denied;

  PauseLimit(Duration whole, Time time) {
    this.whole = whole;
    this.time = time;
  }

  /** Writes are denied from now on. */
  void begin() {
    deniedAt = time.nanoTime();
    denied = true;
  }

  /** What was asked for. */
  Duration whole() {
    return whole;
  }

  /**
   * What is left of it.
   *
   * @throws FailedException when nothing is left: the switch is to be taken back
   */
  Duration left() {
    if (!denied) {
      return whole;
    }
    Duration left = whole.minusNanos(time.nanoTime() - deniedAt);
    if (left.isNegative() || left.isZero()) {
      throw new FailedException(
          Status.Code.DEADLINE_EXCEEDED,
          "writes were denied for %d ms and the switch was not decided: it is taken back; find out"
                  .formatted(whole.toMillis())
              + " what was slow, or allow it more time");
    }
    return left;
  }
}
