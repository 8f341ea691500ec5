package dev.shunt.mysql;

import java.time.Duration;

/**
 * How a connection is made.
 *
 * @param connectTimeout for the TCP or socket connection and for each packet of the login
 * @param readTimeout longest silence of the server while an answer is awaited; zero for no limit
 * @param foundRows whether affectedRows counts the rows an UPDATE found instead of those it changed
 * @param session whose statements it carries out
 */
public record ConnectOptions(
    Duration connectTimeout, Duration readTimeout, boolean foundRows, Session session) {
  /**
   * 10 seconds to connect, no read timeout, affectedRows counts changed rows, a session of our own.
   */
  public static final ConnectOptions DEFAULT =
      new ConnectOptions(Duration.ofSeconds(10), Duration.ZERO, false, Session.OWN);

  /** Whose statements a session carries out, which says what it takes over from the server. */
  public enum Session {
    /**
     * Ours: what would cut, block, end or not commit a statement is set as a server has it by
     * default, whatever its global settings and its init_connect say.
     */
    OWN,
    /** An application's: the server's settings, but each statement commits by itself. */
    APPLICATION
  }

  public ConnectOptions {
    if (connectTimeout.isNegative() || connectTimeout.isZero() || readTimeout.isNegative()) {
      throw new IllegalArgumentException(
          "connectTimeout must be positive and readTimeout not negative");
    }
  }

  public ConnectOptions withReadTimeout(Duration timeout) {
    return new ConnectOptions(connectTimeout, timeout, foundRows, session);
  }

  public ConnectOptions withFoundRows() {
    return new ConnectOptions(connectTimeout, readTimeout, true, session);
  }

  /** The same with a session for an application's statements. */
  public ConnectOptions forApplication() {
    return new ConnectOptions(connectTimeout, readTimeout, foundRows, Session.APPLICATION);
  }
}
