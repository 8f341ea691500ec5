package dev.shunt.saga;

import dev.shunt.service.Durations;
import java.time.Duration;

/**
 * How sagas are run.
 *
 * @param lockTtl how long the workflow's lock outlives an instance that died; whole seconds
 * @param lockWait how long locks are waited for in line, behind others of Shunt
 * @param foreignLockWait how long a lock is waited for that another tool has
 * @param planAttempts tries to plan before a command whose first run this is fails
 * @param firstBackoff wait before the second try of something
 * @param longestBackoff the wait doubles up to this
 * @param patience how long a run tries a step that has to hold before another takes its place
 */
public record SagaSettings(
    Duration lockTtl,
    Duration lockWait,
    Duration foreignLockWait,
    int planAttempts,
    Duration firstBackoff,
    Duration longestBackoff,
    Duration patience) {
  /**
   * Lock 4 s, wait 10 min, for others 45 s as Vitess, 5 attempts, backoff 50 ms to 2 s, patience 20
   * s.
   */
  public static final SagaSettings DEFAULT =
      new SagaSettings(
          Duration.ofSeconds(4),
          Duration.ofMinutes(10),
          Duration.ofSeconds(45),
          5,
          Duration.ofMillis(50),
          Duration.ofSeconds(2),
          Duration.ofSeconds(20));

  public SagaSettings {
    if (lockTtl.toSeconds() < 1) {
      throw new IllegalArgumentException(
          "lockTtl must be at least 1 s, not " + Durations.text(lockTtl));
    }
    if (planAttempts < 1) {
      throw new IllegalArgumentException("planAttempts must be at least 1: " + planAttempts);
    }
  }

  /** These settings with another time to live of locks. */
  public SagaSettings withLockTtl(Duration ttl) {
    return new SagaSettings(
        ttl, lockWait, foreignLockWait, planAttempts, firstBackoff, longestBackoff, patience);
  }

  /** Wait before try number {@code attempt} + 1, counted from 1. */
  public Duration backoff(int attempt) {
    long factor = 1L << Math.min(Math.max(attempt - 1, 0), 20);
    Duration wait = firstBackoff.multipliedBy(factor);
    return wait.compareTo(longestBackoff) > 0 ? longestBackoff : wait;
  }
}
