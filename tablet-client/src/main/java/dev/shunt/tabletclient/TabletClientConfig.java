package dev.shunt.tabletclient;

import java.time.Duration;

/**
 * How tablets are called.
 *
 * @param deadline of a unary call that names none
 * @param keepalive time between pings while a call is open; at least 10 s, what vttablet allows
 * @param keepaliveTimeout after which an unanswered ping ends the connection
 * @param idle time after which the channel to an address that nobody calls is closed
 * @param maxMessageBytes largest message taken from a tablet; a changed row comes in one message,
 *     with its values before and after
 */
public record TabletClientConfig(
    Duration deadline,
    Duration keepalive,
    Duration keepaliveTimeout,
    Duration idle,
    int maxMessageBytes) {
  /** 30 s deadline, pings every 10 s answered within 5 s, 10 min idle, 256 MiB messages. */
  public static final TabletClientConfig DEFAULT =
      new TabletClientConfig(
          Duration.ofSeconds(30),
          Duration.ofSeconds(10),
          Duration.ofSeconds(5),
          Duration.ofMinutes(10),
          256 << 20);

  public TabletClientConfig {
    positive("deadline", deadline);
    positive("keepaliveTimeout", keepaliveTimeout);
    positive("idle", idle);
    if (keepalive.compareTo(Duration.ofSeconds(10)) < 0) {
      throw new IllegalArgumentException(
          "keepalive must be at least 10 s, not " + keepalive.toMillis() + " ms");
    }
    if (maxMessageBytes < 1 << 20) {
      throw new IllegalArgumentException("maxMessageBytes must be at least 1 MiB");
    }
  }

  private static void positive(String name, Duration value) {
    if (!value.isPositive()) {
      throw new IllegalArgumentException(
          name + " must be positive, not " + value.toMillis() + " ms");
    }
  }
}
