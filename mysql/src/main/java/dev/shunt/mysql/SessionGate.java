package dev.shunt.mysql;

/**
 * What each new connection to an endpoint must pass before its opener gets it, and again whenever
 * its session was reset. Whoever lets connections through here knows that no other exist.
 */
@FunctionalInterface
public interface SessionGate {
  /** Lets everybody through. */
  SessionGate OPEN = fresh -> () -> {};

  /**
   * Admits a connection.
   *
   * @param fresh a session that has run nothing yet; it is not to be closed here
   * @return what to do once the session is over: closed, lost or reset
   * @throws MysqlException when the connection must not be used; it is closed then
   */
  Runnable admit(MysqlConnection fresh);
}
