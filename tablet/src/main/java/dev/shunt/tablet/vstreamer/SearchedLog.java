package dev.shunt.tablet.vstreamer;

import dev.shunt.mysql.Flavor;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.Position;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.preflight.Scope;
import dev.shunt.tablet.vstreamer.binlog.BinlogEvent;
import java.util.Iterator;

/** A server's log, to be read from places that lie before those of streams. */
interface SearchedLog {
  /**
   * Where a log begins.
   *
   * @param server tells servers apart, if another one answers at the address
   * @param position what the server had done when the log begins that it still has
   */
  record Beginning(String server, Position position) {}

  /** What is read, one batch after the other. */
  interface Events extends AutoCloseable {
    /** Waits for what comes next; to be taken before the next call. */
    Iterator<BinlogEvent> next();

    @Override
    void close();
  }

  Beginning beginning();

  /** Reads from a position on. */
  Events from(Position position);

  /**
   * The log of a server.
   *
   * @param scope what must be in it
   */
  static SearchedLog of(MysqlEndpoint endpoint, Scope scope) {
    return new SearchedLog() {
      @Override
      public Beginning beginning() {
        try (MysqlConnection connection = MysqlConnection.open(endpoint)) {
          String server = connection.execute(name(connection.flavor())).only().text(0);
          return new Beginning(server, first(connection));
        }
      }

      @Override
      public Events from(Position position) {
        BinlogConnection binlog =
            BinlogConnection.open(endpoint, scope, position.text(), BinlogStream.HEARTBEAT);
        return new Events() {
          @Override
          public Iterator<BinlogEvent> next() {
            return binlog.next();
          }

          @Override
          public void close() {
            binlog.close();
          }
        };
      }
    };
  }

  private static String name(Flavor flavor) {
    return flavor == Flavor.MYSQL
        ? "SELECT @@GLOBAL.server_uuid"
        : "SELECT CONCAT_WS(' ', @@hostname, @@port, @@GLOBAL.server_id, @@datadir)";
  }

  private static Position first(MysqlConnection connection) {
    if (connection.flavor() == Flavor.MYSQL) {
      return Position.parse(
          Flavor.MYSQL, connection.execute("SELECT @@GLOBAL.gtid_purged").only().text(0));
    }
    String file = connection.execute("SHOW BINARY LOGS").rows().getFirst().text(0);
    String text =
        connection
            .execute("SELECT BINLOG_GTID_POS(" + SqlText.literal(file) + ", 4)")
            .only()
            .textOrNull(0);
    return Position.parse(Flavor.MARIADB, text == null ? "" : text);
  }
}
