package dev.shunt.bench.events;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What {@code bench takeover} does.
 *
 * @param workflows workflows whose state is taken over
 * @param streams streams of each of them
 * @param kills how often each kind of takeover is measured
 * @param settle how long an instance that begins beside another one has to take copies of its state
 * @param longest how long one takeover may last before the benchmark gives up
 * @param directory where Kafka and states are put; null for a folder that is removed at the end
 */
public record TakeoverOptions(
    int workflows,
    int streams,
    int kills,
    Duration settle,
    Duration longest,
    @Nullable Path directory) {
  /** Of a large cluster. */
  public static final int WORKFLOWS = 10_000;

  public static final int STREAMS = 8;
  public static final int KILLS = 3;
  public static final Duration SETTLE = Duration.ofSeconds(20);
  public static final Duration LONGEST = Duration.ofMinutes(2);

  public TakeoverOptions {
    if (workflows < 1 || streams < 1 || kills < 1 || settle.isNegative() || !longest.isPositive()) {
      throw new IllegalArgumentException(
          "there must be at least one workflow, stream and kill, and time for them");
    }
  }

  /** One report of every stream. */
  EventsOptions flood() {
    return new EventsOptions(workflows, streams, workflows * streams, 1, 1, longest, directory);
  }
}
