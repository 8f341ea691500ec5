package dev.shunt.mysql;

import java.time.Duration;

/**
 * How a connection is made.
 *
 * @param connectTimeout for the TCP connection and for each packet of the login
 * @param readTimeout longest silence of the server while an answer is awaited; zero for no limit
 * @param foundRows whether affectedRows counts the rows an UPDATE found instead of those it changed
 */
public record ConnectOptions(Duration connectTimeout, Duration readTimeout, boolean foundRows) {
  /** 10 seconds to connect, no read timeout, affectedRows counts changed rows. */
  public static final ConnectOptions DEFAULT =
      new ConnectOptions(Duration.ofSeconds(10), Duration.ZERO, false);

  public ConnectOptions {
    if (connectTimeout.isNegative() || connectTimeout.isZero() || readTimeout.isNegative()) {
      throw new IllegalArgumentException(
          "connectTimeout must be positive and readTimeout not negative");
    }
  }

  public ConnectOptions withReadTimeout(Duration timeout) {
    return new ConnectOptions(connectTimeout, timeout, foundRows);
  }

  public ConnectOptions withConnectTimeout(Duration timeout) {
    return new ConnectOptions(timeout, readTimeout, foundRows);
  }

  public ConnectOptions withFoundRows() {
    return new ConnectOptions(connectTimeout, readTimeout, true);
  }
}
