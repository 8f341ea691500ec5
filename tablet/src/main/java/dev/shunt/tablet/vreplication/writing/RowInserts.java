package dev.shunt.tablet.vreplication.writing;

import dev.shunt.tablet.schema.SqlBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Writes rows of one table as statements of many rows each, none larger than packets should be
 * unless a single row is.
 */
public final class RowInserts {
  private final SqlBuffer sql;
  private final TargetTable table;
  private final RowStatements statements;
  private final Existing existing;
  private final PacketLimit limit;
  private int start;
  private int rows;
  private boolean lenient;

  /** What happens to rows that are there already. */
  public enum Existing {
    /** They are an error, unless the table merges rows. */
    REFUSED,
    REPLACED,
    /** They are changed in place. */
    CHANGED
  }

  /**
   * @param sql where statements are added
   */
  public RowInserts(SqlBuffer sql, TargetTable table, Existing existing, PacketLimit limit) {
    this.sql = sql;
    this.table = table;
    this.statements = table.statements();
    this.existing = existing;
    this.limit = limit;
  }

  /** Whether its statements go into this table and treat rows that are there so. */
  public boolean isFor(TargetTable wanted, Existing what) {
    return table == wanted && existing == what;
  }

  /** Adds a row; nothing but rows may be added until {@link #end}. */
  public void add(byte[] @Nullable [] row) {
    if (statements.lenient(row) != lenient) {
      end();
      lenient = !lenient;
    }
    int before = sql.size();
    if (rows == 0) {
      begin();
    } else {
      sql.append(',');
    }
    int from = sql.size();
    statements.appendRow(sql, row);
    if (rows > 0 && sql.size() - start > limit.usual()) {
      byte[] text = sql.tail(from);
      sql.truncate(before);
      end();
      begin();
      sql.append(text);
    }
    limit.demandFits(table.name(), sql, start);
    rows++;
  }

  private void begin() {
    start = sql.size();
    sql.separate();
    statements.appendInsertHead(sql, existing == Existing.REPLACED, lenient);
  }

  /** Ends the statement; the next row begins another one. */
  public void end() {
    if (rows == 0) {
      return;
    }
    if (existing == Existing.CHANGED) {
      statements.appendOnDuplicate(sql);
    } else {
      statements.appendInsertTail(sql);
    }
    rows = 0;
    limit.demandFits(table.name(), sql, start);
  }
}
