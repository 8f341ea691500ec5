package dev.shunt.mysql;

import java.util.Optional;

/**
 * Transactions that a server made itself and that it has no more, as its log was reset, cut by a
 * crash or put back to an earlier state. It gives their numbers out again, to others.
 */
public final class LostTransactions {
  private LostTransactions() {}

  /**
   * Of a position what the server must have made and has not got.
   *
   * @param position one of this server's kind
   * @return what the position has of this server and what the server has of itself, to be shown;
   *     empty when nothing is lost
   */
  public static Optional<String> of(MysqlConnection connection, Position position) {
    return connection.flavor().positions().lost(connection, position);
  }

  static String text(String wanted, String has) {
    return wanted + " is asked for, it has " + (has.isEmpty() ? "none" : has);
  }
}
