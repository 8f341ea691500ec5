package dev.shunt.topowatcher;

import dev.shunt.service.Durations;
import dev.shunt.service.KafkaSettings;
import dev.shunt.service.TopoSettings;
import java.time.Duration;

/**
 * Configuration of the topo watcher.
 *
 * @param kafka broker and registry
 * @param topo topology
 * @param lease how long the lock of the relaying instance outlives it; bounds the takeover
 * @param poll how often a tablet that cannot be watched is asked for its streams, while something
 *     moves there
 * @param idlePoll how often when nothing does and no stream runs; while one runs, each {@code
 *     heartbeat}
 * @param progress a stream's position and counts are reported at most this often
 * @param heartbeat a stream of which only its times change is reported at most this often
 */
public record TopoWatcherConfig(
    KafkaSettings kafka,
    TopoSettings topo,
    Duration lease,
    Duration poll,
    Duration idlePoll,
    Duration progress,
    Duration heartbeat) {
  public TopoWatcherConfig {
    positive("lease", lease);
    positive("poll", poll);
    positive("idlePoll", idlePoll);
    positive("progress", progress);
    positive("heartbeat", heartbeat);
  }

  /** Takes over within about four seconds, reports each stream at most once a second. */
  public static TopoWatcherConfig defaults() {
    return new TopoWatcherConfig(
        KafkaSettings.defaults(),
        TopoSettings.defaults(),
        Duration.ofSeconds(2),
        Duration.ofSeconds(1),
        Duration.ofSeconds(15),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5));
  }

  private static void positive(String key, Duration value) {
    if (!value.isPositive()) {
      throw new IllegalArgumentException(key + " must be positive, not " + Durations.text(value));
    }
  }
}
