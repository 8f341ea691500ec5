package dev.shunt.tablet.vreplication;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Remembers for how long a stream has been failing with one and the same error. */
final class ErrorMemory {
  private final long mostNanos;
  private @Nullable String text;
  private long firstSeen;
  private long lastSeen;

  /**
   * @param most how long an error may come again and again; zero for ever
   */
  ErrorMemory(Duration most) {
    this.mostNanos = most.toNanos();
  }

  /** Whether to try again after this error. An error that stayed away twice as long is new. */
  boolean shouldRetry(String error, long now) {
    boolean same = error.equals(text) && now - lastSeen <= 2 * mostNanos;
    if (!same) {
      text = error;
      firstSeen = now;
    }
    lastSeen = now;
    return mostNanos == 0 || now - firstSeen <= mostNanos;
  }
}
