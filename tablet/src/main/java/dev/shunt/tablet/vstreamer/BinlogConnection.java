package dev.shunt.tablet.vstreamer;

import dev.shunt.mysql.BinaryLog;
import dev.shunt.mysql.BinlogDump;
import dev.shunt.mysql.Flavor;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.Position;
import dev.shunt.tablet.preflight.Preflight;
import dev.shunt.tablet.preflight.Scope;
import dev.shunt.tablet.vstreamer.binlog.BinlogDecoder;
import dev.shunt.tablet.vstreamer.binlog.BinlogEvent;
import dev.shunt.tabletclient.LoggedKeyActions;
import java.time.Duration;
import java.util.Iterator;

/** A replica's connection that follows the binary log from a GTID position. */
final class BinlogConnection implements AutoCloseable {
  private final MysqlConnection connection;
  private final BinlogDump dump;
  private final BinlogDecoder decoder;
  private final LoggedKeyActions foreignKeyLog;

  private BinlogConnection(
      MysqlConnection connection,
      BinlogDump dump,
      BinlogDecoder decoder,
      LoggedKeyActions foreignKeyLog) {
    this.connection = connection;
    this.dump = dump;
    this.decoder = decoder;
    this.foreignKeyLog = foreignKeyLog;
  }

  /**
   * Connects and starts the dump.
   *
   * @param scope what must be in the log
   * @param from transactions that the reader has already
   * @param heartbeat silence after which the server sends a heartbeat
   */
  static BinlogConnection open(
      MysqlEndpoint endpoint, Scope scope, Position from, Duration heartbeat) {
    MysqlConnection connection = MysqlConnection.open(endpoint.withDatabase(null));
    try {
      // A server that sends neither events nor heartbeats is gone.
      connection.readTimeout(heartbeat.multipliedBy(20));
      Preflight.demandLog(connection, scope);
      LoggedKeyActions foreignKeyLog = foreignKeyLog(connection);
      boolean checksums =
          !connection
              .execute("SELECT @@global.binlog_checksum")
              .only()
              .text(0)
              .equalsIgnoreCase("NONE");
      long nanos = heartbeat.toNanos();
      // Nothing is read while the log is searched for prepared transactions, or the reader is slow.
      connection.execute("SET SESSION net_write_timeout = 86400, wait_timeout = 28800");
      connection.execute(
          "SET @master_binlog_checksum=@@global.binlog_checksum,"
              + " @source_binlog_checksum=@@global.binlog_checksum,"
              + " @master_heartbeat_period="
              + nanos
              + ", @source_heartbeat_period="
              + nanos);
      BinaryLog log = connection.flavor().binaryLog();
      BinlogDump dump = log.dump(connection, from);
      return new BinlogConnection(
          connection,
          dump,
          new BinlogDecoder(log.format(), checksums, new ClientText(endpoint)),
          foreignKeyLog);
    } catch (RuntimeException e) {
      connection.abort();
      throw e;
    }
  }

  /** What a server says of itself. */
  private static LoggedKeyActions foreignKeyLog(MysqlConnection connection) {
    return LoggedKeyActions.of(
        connection.execute(LoggedKeyActions.QUERY).rows().stream()
            .map(row -> row.text(1))
            .toList());
  }

  /** Waits for what comes next; to be taken before the next call. */
  Iterator<BinlogEvent> next() {
    return decoder.decode(dump.next(), 0);
  }

  /** What server's log it is. */
  Flavor flavor() {
    return connection.flavor();
  }

  /** Which files of the log hold what foreign keys did to rows. */
  LoggedKeyActions foreignKeyLog() {
    return foreignKeyLog;
  }

  /** Whether more is here already. */
  boolean hasMore() {
    return dump.hasMore();
  }

  @Override
  public void close() {
    connection.abort();
  }
}
