package dev.shunt.mysql;

import java.time.Duration;
import java.util.Optional;

/** Positions of one form, and the servers that report them. */
public interface GtidPositions {
  /** What stands before the slash of an encoded position, as in Vitess. */
  String prefix();

  /**
   * Reads the text that servers use; an empty text is the empty position.
   *
   * @throws IllegalArgumentException when it is malformed
   */
  Position parse(String text);

  /** Whether a position is of this form. */
  default boolean takes(Position position) {
    return position.prefix().equals(prefix());
  }

  /**
   * All transactions that the server has in its log.
   *
   * @throws MysqlException also when the server writes no GTIDs
   */
  Position current(MysqlConnection connection);

  /** What the server says of it, without white space, also where it writes no GTIDs. */
  String currentText(MysqlConnection connection);

  /**
   * What the server has executed and what it has from its source and has not executed yet.
   *
   * @param executed as of {@link #currentText}
   * @param retrieved as the server shows it beside its source; empty for none
   * @return empty where a server does not name transactions that it has not executed
   */
  Optional<String> received(MysqlConnection connection, String executed, String retrieved);

  /**
   * What the server had executed when the log begins that it still has.
   *
   * @throws MysqlException when the account may not ask
   */
  Position beginningOfLog(MysqlConnection connection);

  /**
   * Waits until the server has a position, which is not empty.
   *
   * @param timeout how long to wait at most; zero looks once
   * @return whether it has it
   */
  boolean waitFor(MysqlConnection connection, Position position, Duration timeout);

  /** As {@link LostTransactions#of}. */
  Optional<String> lost(MysqlConnection connection, Position position);
}
