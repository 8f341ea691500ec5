package dev.shunt.tablet.ownership;

import dev.shunt.service.Durations;
import java.time.Duration;

/**
 * How patient a tablet is with another process of its alias.
 *
 * @param beat time between signs of life of the owner
 * @param silence after which an owner that holds its lock is taken for asleep and replaced
 * @param patience how long a start waits for a living owner to end before it is refused
 * @param killWait how long a start waits for the server to end the connections of its predecessor,
 *     which may have a large transaction to roll back
 */
public record OwnershipSettings(
    Duration beat, Duration silence, Duration patience, Duration killWait) {
  /** A beat a second, 5 s of silence, 10 s of patience, 2 min for the server. */
  public static final OwnershipSettings DEFAULT =
      new OwnershipSettings(
          Duration.ofSeconds(1),
          Duration.ofSeconds(5),
          Duration.ofSeconds(10),
          Duration.ofMinutes(2));

  public OwnershipSettings {
    if (!beat.isPositive() || beat.multipliedBy(3).compareTo(silence) > 0) {
      throw new IllegalArgumentException(
          "silence must be at least three beats: "
              + Durations.text(silence)
              + ", beat "
              + Durations.text(beat));
    }
    if (patience.compareTo(silence) < 0 || !killWait.isPositive()) {
      throw new IllegalArgumentException("patience must be at least silence, killWait positive");
    }
  }
}
