package dev.shunt.mysql;

/**
 * The events of a server's binary log, as they are sent after a dump command: until the server ends
 * the dump or the connection is closed. The connection serves nothing else any more; closing the
 * dump, from any thread, closes it.
 */
public final class BinlogDump implements AutoCloseable {
  private final MysqlConnection connection;

  BinlogDump(MysqlConnection connection) {
    this.connection = connection;
  }

  /**
   * Waits for the next event and returns a copy of its bytes: header, body, checksum.
   *
   * @throws MysqlException when the server refuses or ends the dump (1236 when it lacks the
   *     position), or the connection is lost
   */
  public byte[] next() {
    return connection.nextEvent();
  }

  /** Whether bytes of a further event are here already. */
  public boolean hasMore() {
    return connection.hasBuffered();
  }

  @Override
  public void close() {
    connection.abort();
  }
}
