package dev.shunt.tablet.vreplication.writing;

import dev.shunt.mysql.Flavor;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * The session settings with which rows are written: bytes in, bytes out, nothing made up, and an
 * error where a value does not fit.
 */
public final class CopySession {
  /**
   * A 0 stays a 0 in an AUTO_INCREMENT column, and a date that the source took is taken here, also
   * 2024-02-31. Without strictness, what does not fit is cut and what is wrong made something else.
   */
  private static final String LENIENT = "NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES";

  private static final String STRICT = "STRICT_ALL_TABLES," + LENIENT;

  private CopySession() {}

  /** Sets them; without foreign key checks, as tables are filled in any order. */
  public static MysqlConnection prepare(MysqlConnection connection) {
    connection.utc().namesBinary().sqlMode(STRICT);
    connection.execute(
        "SET SESSION net_read_timeout = 300, net_write_timeout = 600, wait_timeout = 28800");
    connection.execute("SET SESSION foreign_key_checks = 0");
    waitBriefly(connection);
    return connection;
  }

  /**
   * By default it would wait a day or a year for a table that others alter or lock, without a word.
   */
  public static void waitBriefly(MysqlConnection connection) {
    connection.execute("SET SESSION lock_wait_timeout = 20, innodb_lock_wait_timeout = 10");
  }

  /**
   * Ends a connection that another thread uses: on the server, or where that can't be reached,
   * here.
   *
   * @param warning tells in the latter case
   */
  public static void end(MysqlConnection connection, LoggingEventBuilder warning) {
    try {
      connection.kill();
    } catch (MysqlException e) {
      warning.setCause(e).log("a connection can't be ended on the server");
      connection.abort();
    }
  }

  /** Carries out a change of a table as lenient as the source may have been. */
  public static void leniently(MysqlConnection connection, String sql) {
    connection.sqlMode(LENIENT);
    try {
      connection.execute(sql);
    } finally {
      if (!connection.isClosed()) {
        connection.sqlMode(STRICT);
      }
    }
  }

  /** The start of a statement that is carried out leniently though the session is strict. */
  static String lenient(Flavor server, String verb) {
    return server.statements().underMode(verb, LENIENT);
  }
}
