package dev.shunt.tablet.vreplication.writing;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.QueryResult;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.schema.SqlBuffer;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;

/**
 * How much a session of the target takes at a time: the server breaks off the connection of a
 * client that sends a larger packet.
 *
 * @param bytes the session's {@code max_allowed_packet}
 */
public record PacketLimit(int bytes) {
  /** A command's first byte, and what servers differ by. */
  private static final int ROOM = 16;

  /** That of a session. */
  public static PacketLimit of(MysqlConnection connection) {
    long bytes = connection.execute("SELECT @@max_allowed_packet").only().number(0);
    return new PacketLimit((int) Math.min(bytes, Integer.MAX_VALUE));
  }

  /** What statements of several rows are to stay below. */
  public int usual() {
    return bytes / 4;
  }

  private int most() {
    return bytes - ROOM;
  }

  /** Runs statements in as few packets as possible; one result for each statement. */
  public List<QueryResult> run(MysqlConnection connection, SqlBuffer statements) {
    List<QueryResult> results = new ArrayList<>();
    for (byte[] packet : statements.pieces(most())) {
      results.addAll(connection.executeMulti(packet));
    }
    return results;
  }

  /**
   * Makes sure that the last statement, which has a single row, can be sent.
   *
   * @param from where it begins in {@code sql}, with what separates it from others; when it is too
   *     large, it is taken out from there, so that the others can still be sent
   * @throws RpcException FAILED_PRECONDITION when it is too large
   */
  public void demandFits(String table, SqlBuffer sql, int from) {
    int statement = sql.size() - from - (from > 0 ? 1 : 0); // the separator is not sent
    if (statement > most()) {
      sql.truncate(from);
      throw new RpcException(
          Status.Code.FAILED_PRECONDITION,
          ("a row of table %s takes a statement of %,d bytes, and the target's max_allowed_packet"
                  + " is %,d: raise it")
              .formatted(table, statement, bytes));
    }
  }
}
