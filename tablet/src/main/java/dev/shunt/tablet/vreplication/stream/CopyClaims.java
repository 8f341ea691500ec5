package dev.shunt.tablet.vreplication.stream;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.Row;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.TabletIdentity;
import io.grpc.Status;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/**
 * Which attempt at a stream's copy is the latest ({@code shunt_copy_attempt}), and what the copies
 * of its tables stand on ({@code shunt_copy_basis}).
 */
public final class CopyClaims {
  private final String attempts;
  private final String bases;

  CopyClaims(TabletIdentity tablet) {
    this.attempts = SqlText.qualified(tablet.sidecar(), "shunt_copy_attempt");
    this.bases = SqlText.qualified(tablet.sidecar(), "shunt_copy_basis");
  }

  /**
   * Begins an attempt, in the connection's transaction: waits for what earlier ones have under way,
   * and nothing of theirs is written any more.
   *
   * @return the attempt
   */
  String take(MysqlConnection connection, int id) {
    String attempt = UUID.randomUUID().toString();
    connection.execute(
        "INSERT INTO "
            + attempts
            + " (vrepl_id, attempt) VALUES ("
            + id
            + ", "
            + SqlText.literal(attempt)
            + ") ON DUPLICATE KEY UPDATE attempt = VALUES(attempt)");
    return attempt;
  }

  /** The statement that finds a row only while an attempt is the latest. */
  String presenting(int id, String attempt) {
    return "UPDATE "
        + attempts
        + " SET writes = writes + 1 WHERE vrepl_id = "
        + id
        + " AND attempt = "
        + SqlText.literal(attempt);
  }

  /**
   * Makes sure that the attempt is the latest, up to the end of the connection's transaction.
   *
   * @throws RpcException ABORTED when it is not
   */
  void demand(MysqlConnection connection, StreamCopyState state) {
    if (connection.execute(state.presenting()).affectedRows() != 1) {
      throw overtaken(state.stream());
    }
  }

  static RpcException overtaken(int id) {
    return new RpcException(
        Status.Code.ABORTED, "another attempt at the copy of stream " + id + " has begun");
  }

  /** What the copies of a stream's tables stand on. */
  Map<String, CopyBasis> bases(MysqlConnection connection, int id) {
    Map<String, CopyBasis> found = new LinkedHashMap<>();
    for (Row row :
        connection
            .execute("SELECT table_name, basis FROM " + bases + " WHERE vrepl_id = " + id)
            .rows()) {
      found.put(row.text(0), CopyBasis.parse(row.text(1)));
    }
    return found;
  }

  /** Keeps what the copy of a table stands on, in the connection's transaction. */
  public void keep(MysqlConnection connection, int id, String table, CopyBasis basis) {
    connection.execute(
        "REPLACE INTO "
            + bases
            + " (vrepl_id, table_name, basis) VALUES ("
            + id
            + ", "
            + SqlText.literal(table)
            + ", "
            + SqlText.literal(basis.json())
            + ")");
  }

  /** Where that of tables is kept. */
  String bases() {
    return bases;
  }
}
