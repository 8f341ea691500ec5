package dev.shunt.tablet.database;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.TabletException;
import dev.shunt.tabletclient.Fence;
import io.grpc.Status;
import java.util.Optional;

/** The highest token seen for each fence, in {@code _vt.shunt_fence}. */
public final class Fences {
  private final String table;

  /** The fences of a sidecar database. */
  public Fences(String sidecar) {
    this.table = SqlText.qualified(sidecar, "shunt_fence");
  }

  /**
   * Raises the stored token to the fence's. Run in the transaction of the effect it guards, before
   * it: the row stays locked until that transaction ends, so of two holders the later wins.
   *
   * @throws TabletException FAILED_PRECONDITION when a higher token was seen; roll back then
   */
  public void raise(MysqlConnection connection, Optional<Fence> fence) {
    if (fence.isEmpty()) {
      return;
    }
    String key = SqlText.literal(fence.get().key());
    connection.execute(
        "INSERT INTO "
            + table
            + " (workflow, token) VALUES ("
            + key
            + ", "
            + fence.get().token()
            + ") ON DUPLICATE KEY UPDATE token = GREATEST(token, "
            + fence.get().token()
            + ")");
    long stored =
        connection
            .execute("SELECT token FROM " + table + " WHERE workflow = " + key + " FOR UPDATE")
            .only()
            .number(0);
    if (stored > fence.get().token()) {
      throw new TabletException(
          Status.Code.FAILED_PRECONDITION,
          "fenced: "
              + fence.get().key()
              + " was taken over by the holder of token "
              + stored
              + ", this call has "
              + fence.get().token());
    }
  }

  /** Raises the token in a transaction of its own, for effects that can't be part of one. */
  public void raiseAlone(MysqlConnection connection, Optional<Fence> fence) {
    if (fence.isEmpty()) {
      return;
    }
    connection.execute("START TRANSACTION");
    try {
      raise(connection, fence);
      connection.execute("COMMIT");
    } catch (RuntimeException e) {
      rollback(connection);
      throw e;
    }
  }

  static void rollback(MysqlConnection connection) {
    if (!connection.isClosed()) {
      connection.execute("ROLLBACK");
    }
  }
}
