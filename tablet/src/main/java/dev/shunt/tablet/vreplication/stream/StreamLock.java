package dev.shunt.tablet.vreplication.stream;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.SqlText;
import java.time.Duration;

/**
 * A lock of the database server that the connections of one stream take: the server may still carry
 * out the last statements of a process that died, and what stands in the tables is certain only
 * after that. It goes with its connection.
 */
public final class StreamLock {
  private static final int LOCK_WAIT_TIMEOUT = 1205;
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private StreamLock() {}

  /** For the connection that applies changes. */
  public static void hold(MysqlConnection connection, int stream, String database) {
    hold(connection, "shunt-stream-" + stream + "-" + Integer.toHexString(database.hashCode()));
  }

  /** For the connection that alters a table. */
  public static void hold(MysqlConnection connection, int stream, String database, String table) {
    hold(connection, name(stream, database, table));
  }

  /** Gives the lock of a connection that alters a table back before the connection ends. */
  public static void release(
      MysqlConnection connection, int stream, String database, String table) {
    connection.execute(
        "SELECT RELEASE_LOCK(" + SqlText.literal(name(stream, database, table)) + ")");
  }

  private static String name(int stream, String database, String table) {
    int hash = 31 * database.hashCode() + table.hashCode();
    return "shunt-stream-" + stream + "-table-" + Integer.toHexString(hash);
  }

  private static void hold(MysqlConnection connection, String name) {
    String got =
        connection
            .execute("SELECT GET_LOCK(" + SqlText.literal(name) + ", " + PATIENCE.toSeconds() + ")")
            .only()
            .textOrNull(0);
    if (!"1".equals(got)) {
      throw new MysqlException(
          LOCK_WAIT_TIMEOUT, "HY000", "another connection still writes for this stream");
    }
  }
}
