package dev.shunt.tablet.vstreamer;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.Position;
import dev.shunt.mysql.Snapshot;
import java.util.List;

/**
 * A connection that sees a snapshot, for one read.
 *
 * @param connection the reader's until it closes the session
 * @param position what the snapshot holds, exactly
 * @param end what becomes of the connection then
 */
record SnapshotSession(MysqlConnection connection, Position position, Runnable end)
    implements AutoCloseable {
  /** A session with a snapshot of one table to itself. */
  static SnapshotSession of(MysqlEndpoint endpoint, String table) {
    Snapshot snapshot = Snapshot.open(endpoint, List.of(table));
    return new SnapshotSession(snapshot.connection(), snapshot.position(), snapshot::close);
  }

  @Override
  public void close() {
    end.run();
  }
}
