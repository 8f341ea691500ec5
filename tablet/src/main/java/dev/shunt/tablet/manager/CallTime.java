package dev.shunt.tablet.manager;

import io.grpc.Context;
import io.grpc.Deadline;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** How long the call at hand may wait. */
final class CallTime {
  private static final Duration LONGEST_WAIT = Duration.ofHours(1);

  private CallTime() {}

  /** Until the caller's deadline; an hour without one. */
  static Duration remaining() {
    return remaining(LONGEST_WAIT);
  }

  /** Until the caller's deadline, but no longer than this. */
  static Duration remaining(Duration longest) {
    Deadline deadline = Context.current().getDeadline();
    if (deadline == null) {
      return longest;
    }
    Duration left = Duration.ofNanos(Math.max(0, deadline.timeRemaining(TimeUnit.NANOSECONDS)));
    return left.compareTo(longest) < 0 ? left : longest;
  }
}
