package dev.shunt.tablet.vstreamer;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.shunt.mysql.BinlogDump;
import dev.shunt.mysql.Flavor;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.preflight.Preflight;
import dev.shunt.tablet.preflight.Scope;
import dev.shunt.tablet.vstreamer.binlog.BinlogDecoder;
import dev.shunt.tablet.vstreamer.binlog.BinlogEvent;
import dev.shunt.tablet.vstreamer.binlog.GtidSetBytes;
import dev.shunt.tabletclient.LoggedKeyActions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Iterator;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/** A replica's connection that follows the binary log from a GTID position. */
final class BinlogConnection implements AutoCloseable {
  private static final int COM_BINLOG_DUMP = 0x12;
  private static final int COM_BINLOG_DUMP_GTID = 0x1e;
  private static final int THROUGH_GTID = 4;
  private static final int FIRST_EVENT = 4;

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
   * @param gtids transactions the reader has already, as the server writes them, without a flavour
   * @param heartbeat silence after which the server sends a heartbeat
   */
  static BinlogConnection open(
      MysqlEndpoint endpoint, Scope scope, String gtids, Duration heartbeat) {
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
      BinlogDump dump =
          connection.flavor() == Flavor.MARIADB
              ? dumpMariaDb(connection, gtids)
              : dumpMySql(connection, gtids);
      return new BinlogConnection(
          connection,
          dump,
          new BinlogDecoder(
              connection.flavor() == Flavor.MARIADB, checksums, new ClientText(endpoint)),
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

  /** Which files of the log hold what foreign keys did to rows. */
  LoggedKeyActions foreignKeyLog() {
    return foreignKeyLog;
  }

  /** Whether more is here already. */
  boolean hasMore() {
    return dump.hasMore();
  }

  private static BinlogDump dumpMariaDb(MysqlConnection connection, String gtids) {
    connection.execute(
        "SET @mariadb_slave_capability=4, @slave_gtid_strict_mode=0,"
            + " @slave_gtid_ignore_duplicates=0, @slave_connect_state="
            + SqlText.literal(gtids));
    ByteBuffer argument = ByteBuffer.allocate(10).order(ByteOrder.LITTLE_ENDIAN);
    argument.putInt(FIRST_EVENT).putShort((short) 0).putInt(replicaId());
    return connection.binlogDump(COM_BINLOG_DUMP, argument.array());
  }

  private static BinlogDump dumpMySql(MysqlConnection connection, String gtids) {
    String replica = SqlText.literal(UUID.randomUUID().toString());
    connection.execute("SET @slave_uuid=" + replica + ", @replica_uuid=" + replica);
    byte[] set = GtidSetBytes.of(gtids);
    byte[] file = "".getBytes(US_ASCII);
    ByteBuffer argument =
        ByteBuffer.allocate(22 + file.length + set.length).order(ByteOrder.LITTLE_ENDIAN);
    argument.putShort((short) THROUGH_GTID).putInt(replicaId()).putInt(file.length).put(file);
    argument.putLong(FIRST_EVENT).putInt(set.length).put(set);
    return connection.binlogDump(COM_BINLOG_DUMP_GTID, argument.array());
  }

  /** A server ends an older dump with the same id, so each dump takes one of its own. */
  private static int replicaId() {
    return ThreadLocalRandom.current().nextInt(1 << 24, Integer.MAX_VALUE);
  }

  @Override
  public void close() {
    connection.abort();
  }
}
