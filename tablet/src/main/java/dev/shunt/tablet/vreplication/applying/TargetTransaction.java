package dev.shunt.tablet.vreplication.applying;

import dev.shunt.mysql.Position;
import dev.shunt.tablet.schema.SqlBuffer;
import dev.shunt.tablet.vreplication.writing.TableStamp;
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

  /** All of it, for when it changes no table. */
  SqlBuffer whole() {
    return beginning().separate().append(last).append(COMMIT);
  }

  /** All of it but what moves the position on. */
  SqlBuffer beginning() {
    SqlBuffer sql = guarded();
    changes.appendTo(sql);
    return sql;
  }

  /** What follows {@link #beginning}. */
  SqlBuffer ending() {
    return new SqlBuffer().append(last).append(COMMIT);
  }

  /** Its beginning, with the changes of rows that are not shared with earlier transactions. */
  SqlBuffer free(Set<RowKey> shared) {
    SqlBuffer sql = guarded();
    changes.appendFree(sql, shared);
    return sql;
  }

  private SqlBuffer guarded() {
    SqlBuffer sql = new SqlBuffer().append(BEGIN);
    TableStamp.appendGuards(sql, TableStamp.of(changes.tables()));
    return sql;
  }

  /** What follows {@link #free}, to be sent when all earlier transactions have committed. */
  SqlBuffer rest(Set<RowKey> shared) {
    SqlBuffer sql = new SqlBuffer();
    changes.appendRest(sql, shared);
    return sql.separate().append(last).append(COMMIT);
  }

  /** Its changes, when a transaction was begun in other ways; nothing guards them. */
  SqlBuffer further() {
    SqlBuffer sql = new SqlBuffer();
    changes.appendTo(sql);
    return sql;
  }
}
