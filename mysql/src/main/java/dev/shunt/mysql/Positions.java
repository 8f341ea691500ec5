package dev.shunt.mysql;

import java.time.Duration;

/** Asks servers for their position. */
public final class Positions {
  private Positions() {}

  /**
   * All transactions that the server has in its log.
   *
   * @throws MysqlException also when the server writes no GTIDs
   */
  public static Position current(MysqlConnection connection) {
    return connection.flavor().positions().current(connection);
  }

  /**
   * Waits until the server has a position.
   *
   * @param timeout how long to wait at most; zero looks once
   * @return whether it has it
   * @throws IllegalArgumentException when it is none of this server's kind
   */
  public static boolean waitFor(MysqlConnection connection, Position position, Duration timeout) {
    GtidPositions positions = connection.flavor().positions();
    if (!positions.takes(position)) {
      throw new IllegalArgumentException(
          position + " can't be awaited on a " + connection.flavor() + " server");
    }
    return position.isEmpty() || positions.waitFor(connection, position, timeout);
  }

  static MysqlException withoutGtids(MysqlConnection connection, String why) {
    return MysqlException.client(
        MysqlException.UNSUITABLE_SERVER,
        "the database at "
            + connection.endpoint().address()
            + " has no GTID position: "
            + why
            + "; switch it on",
        null);
  }
}
