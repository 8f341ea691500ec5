package dev.shunt.tablet.vreplication.stream;

import dev.shunt.mysql.QueryResult;
import dev.shunt.tablet.RpcException;
import io.vitess.proto.Query;
import java.util.List;

/**
 * Notes of how far a part of a table is copied, each written in the transaction of the rows and
 * only in the place of the one before. So of two processes that copy the same part one gets on.
 */
public interface CopyNotes {
  /** Mark of the newest note when the attempt began. */
  long first();

  /**
   * Statements that put a new note in the place of another.
   *
   * @param before mark of the note that must be the newest
   * @param lastKey key of the last copied row
   * @param addedRows how many rows were added
   */
  byte[] statements(long before, Query.Row lastKey, long addedRows);

  /**
   * Mark of the new note, from the results of the statements.
   *
   * @throws RpcException ABORTED when the other note was not the newest, the attempt is not the
   *     latest or the stream is gone; what the statements did must then be rolled back
   */
  long noted(long before, List<QueryResult> results);
}
