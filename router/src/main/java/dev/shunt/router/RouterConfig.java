package dev.shunt.router;

import java.time.Duration;

/**
 * Settings of a router.
 *
 * @param cell cell whose SrvVSchema it goes by; tablets it takes from all cells
 * @param holdTimeout how long a statement on a denied table is held before it fails, at least 1 ms
 * @param retryDelay how long to wait for news of the topology before a held statement is tried
 *     again, at least 1 ms
 */
public record RouterConfig(String cell, Duration holdTimeout, Duration retryDelay) {
  public RouterConfig {
    if (cell.isEmpty()) {
      throw new IllegalArgumentException("cell is empty");
    }
    if (holdTimeout.toMillis() < 1) {
      throw new IllegalArgumentException(
          "holdTimeout must be at least 1ms, not " + holdTimeout.toNanos() + " ns");
    }
    if (retryDelay.toMillis() < 1) {
      throw new IllegalArgumentException(
          "retryDelay must be at least 1ms, not " + retryDelay.toNanos() + " ns");
    }
  }

  /**
   * Holds for a minute and looks again after 5 ms. A switch whose process dies in its pause goes on
   * when another takes over, some seconds to half a minute later on a busy machine; vtgate's ten
   * seconds of buffering would not outlast that.
   */
  public static RouterConfig of(String cell) {
    return new RouterConfig(cell, Duration.ofMinutes(1), Duration.ofMillis(5));
  }
}
