package dev.shunt.tablet.vreplication;

import dev.shunt.mysql.Position;
import dev.shunt.tablet.vstreamer.SqlBuffer;
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
  private static final String BEGIN = "BEGIN";
  private static final String COMMIT = ";COMMIT";

  /** All of it. */
  SqlBuffer whole() {
    SqlBuffer sql = new SqlBuffer().append(BEGIN);
    changes.appendTo(sql);
    return sql.separate().append(last).append(COMMIT);
  }

  /** Its beginning, with the changes of rows that are not shared with earlier transactions. */
  SqlBuffer free(Set<RowKey> shared) {
    SqlBuffer sql = new SqlBuffer().append(BEGIN);
    changes.appendFree(sql, shared);
    return sql;
  }

  /** What follows {@link #free}, to be sent when all earlier transactions have committed. */
  SqlBuffer rest(Set<RowKey> shared) {
    SqlBuffer sql = new SqlBuffer();
    changes.appendRest(sql, shared);
    return sql.separate().append(last).append(COMMIT);
  }

  /** What follows when its beginning was sent in other ways. */
  SqlBuffer end() {
    SqlBuffer sql = new SqlBuffer();
    changes.appendTo(sql);
    return sql.separate().append(last).append(COMMIT);
  }
}
