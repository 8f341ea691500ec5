package dev.shunt.tablet.vstreamer;

import dev.shunt.mysql.Flavor;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.Position;
import dev.shunt.tablet.preflight.Scope;
import dev.shunt.tablet.vstreamer.binlog.BinlogEvent;
import java.util.Iterator;

/** A server's log, to be read from places that lie before those of streams. */
interface SearchedLog {
  /**
   * Where a log begins.
   *
   * @param server distinguishes servers, if another one answers at the address
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
          Flavor flavor = connection.flavor();
          return new Beginning(
              flavor.replication().identity(connection),
              flavor.positions().beginningOfLog(connection));
        }
      }

      @Override
      public Events from(Position position) {
        BinlogConnection binlog =
            BinlogConnection.open(endpoint, scope, position, BinlogStream.HEARTBEAT);
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
}
