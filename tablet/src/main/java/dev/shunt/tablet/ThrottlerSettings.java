package dev.shunt.tablet;

/**
 * From when on a tablet's database is too busy for streams to read from it or write to it. With all
 * of them 0 nothing is measured and nothing waits, which is Vitess's default, too.
 *
 * @param lagSeconds how far the server may be behind its own source, if it is a replica
 * @param threadsRunning most threads that may be at work on the server
 * @param query gives a number that must not exceed {@code queryThreshold}; empty for none
 * @param queryThreshold most of what {@code query} may give
 */
public record ThrottlerSettings(
    long lagSeconds, int threadsRunning, String query, long queryThreshold) {
  public ThrottlerSettings {
    if (lagSeconds < 0) {
      throw new IllegalArgumentException("throttler.lagSeconds is negative: " + lagSeconds);
    }
    if (threadsRunning < 0) {
      throw new IllegalArgumentException("throttler.threadsRunning is negative: " + threadsRunning);
    }
  }

  /** Nothing waits. */
  public static ThrottlerSettings off() {
    return new ThrottlerSettings(0, 0, "", 0);
  }

  /** Whether anything is measured. */
  public boolean enabled() {
    return lagSeconds > 0 || threadsRunning > 0 || !query.isEmpty();
  }
}
