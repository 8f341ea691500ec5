package dev.shunt.tablet.vreplication;

import dev.shunt.mysql.MysqlConnection;

/** The session settings with which rows are written: bytes in, bytes out, nothing made up. */
final class CopySession {
  /**
   * A 0 stays a 0 in an AUTO_INCREMENT column, and a date that the source took is taken here, also
   * 2024-02-31.
   */
  private static final String SQL_MODE = "NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES";

  private CopySession() {}

  /** Sets them; without foreign key checks, as tables are filled in any order. */
  static MysqlConnection prepare(MysqlConnection connection) {
    connection.utc().namesBinary().sqlMode(SQL_MODE);
    connection.execute(
        "SET SESSION net_read_timeout = 300, net_write_timeout = 600, wait_timeout = 28800");
    connection.execute("SET SESSION foreign_key_checks = 0");
    return connection;
  }
}
