package dev.shunt.bench.events;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What {@code bench events} does.
 *
 * @param workflows workflows whose streams are reported
 * @param streams streams of each of them
 * @param reports stream reports of one flood; as many to each stream
 * @param commands commands of each measurement of latency
 * @param burst commands that are sent at once to measure how many a second are carried out
 * @param longest how long one measurement may take before the benchmark gives up
 * @param directory where Kafka and states are put; null for a folder that is removed at the end
 */
public record EventsOptions(
    int workflows,
    int streams,
    int reports,
    int commands,
    int burst,
    Duration longest,
    @Nullable Path directory) {
  /** Workflows of a busy cluster. */
  public static final int WORKFLOWS = 1000;

  public static final int STREAMS = 8;
  public static final int REPORTS = 200_000;
  public static final int COMMANDS = 300;
  public static final int BURST = 2000;
  public static final Duration LONGEST = Duration.ofSeconds(90);

  public EventsOptions {
    if (workflows < 1 || streams < 1 || commands < 1 || burst < 1 || !longest.isPositive()) {
      throw new IllegalArgumentException(
          "there must be at least one workflow, stream and command, and time for them");
    }
    if (reports < workflows * streams) {
      throw new IllegalArgumentException(
          "%d reports are not one for each of %d streams".formatted(reports, workflows * streams));
    }
  }

  /** Reports of each stream in one flood. */
  int rounds() {
    return reports / (workflows * streams);
  }
}
