package dev.shunt.tablet.vreplication;

import dev.shunt.mysql.Position;
import dev.shunt.tablet.vstreamer.SqlBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * A transaction of the target: one or more of the source's, and the position behind them.
 *
 * @param changes what it changes
 * @param last statements that are written after the changes, among them the one that moves the
 *     position on
 * @param reached the position behind it
 */
record TargetTransaction(Changes changes, String last, Position reached) {
  private static final byte[] BEGIN = "BEGIN".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] COMMIT = ";COMMIT".getBytes(StandardCharsets.US_ASCII);

  /** All of it. */
  byte[] whole() {
    SqlBuffer sql = new SqlBuffer().append(BEGIN);
    changes.appendTo(sql);
    return sql.separate().append(last).append(COMMIT).toByteArray();
  }

  /** Its beginning, with the changes of rows that are not shared with earlier transactions. */
  byte[] free(Set<RowKey> shared) {
    SqlBuffer sql = new SqlBuffer().append(BEGIN);
    changes.appendFree(sql, shared);
    return sql.toByteArray();
  }

  /** What follows {@link #free}, to be sent when all earlier transactions have committed. */
  byte[] rest(Set<RowKey> shared) {
    SqlBuffer sql = new SqlBuffer();
    changes.appendRest(sql, shared);
    return sql.separate().append(last).append(COMMIT).toByteArray();
  }

  /** What follows when its beginning was sent in other ways. */
  byte[] end() {
    SqlBuffer sql = new SqlBuffer();
    changes.appendTo(sql);
    return sql.separate().append(last).append(COMMIT).toByteArray();
  }
}
