package dev.shunt.tablet.vreplication;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import dev.shunt.tablet.vstreamer.SqlBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Statements that go to the target in one transaction, and normally in one packet: BEGIN, the
 * changes, the position, COMMIT. Inserts into one table that follow each other become one
 * statement.
 */
final class ChangeBatch {
  private static final int PACKET_BYTES = 1 << 20;
  private static final Duration CONFLICT_PAUSE = Duration.ofMillis(50);
  private static final byte[] BEGIN = "BEGIN".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] COMMIT = ";COMMIT".getBytes(StandardCharsets.US_ASCII);

  private final MysqlConnection connection;
  private final SqlBuffer sql = new SqlBuffer();
  private @Nullable TargetTable inserting;
  private boolean replacing;
  private boolean begun;
  private boolean empty = true;

  ChangeBatch(MysqlConnection connection) {
    this.connection = connection;
  }

  /** Whether it holds no change. */
  boolean isEmpty() {
    return empty;
  }

  /** Whether it is large enough to be committed. */
  boolean isFull() {
    return begun || sql.size() >= PACKET_BYTES;
  }

  void insert(TargetTable table, byte @Nullable [][] row, boolean replace) {
    if (inserting == table && replacing == replace) {
      sql.append(',');
    } else {
      next();
      table.appendInsertHead(sql, replace);
      inserting = table;
      replacing = replace;
    }
    table.appendRow(sql, row);
    sendIfLarge();
  }

  void update(TargetTable table, byte @Nullable [][] before, byte @Nullable [][] after) {
    next();
    table.appendUpdate(sql, before, after);
    sendIfLarge();
  }

  void delete(TargetTable table, byte @Nullable [][] before) {
    next();
    table.appendDelete(sql, before);
    sendIfLarge();
  }

  /** Any other statement. */
  void statement(String text) {
    next();
    sql.append(text);
  }

  private void next() {
    if (empty && !begun) {
      sql.append(BEGIN);
      empty = false;
    }
    if (sql.size() > 0) {
      sql.append(';');
    }
    inserting = null;
  }

  /** A transaction larger than a packet goes in several. */
  private void sendIfLarge() {
    if (sql.size() >= 4 * PACKET_BYTES) {
      begun = true;
      connection.executeMulti(sql.toByteArray());
      sql.truncate(0);
      inserting = null;
    }
  }

  /** Commits the changes together with a last statement. */
  void commit(String lastStatement) throws InterruptedException {
    next();
    sql.append(lastStatement).append(COMMIT);
    byte[] packet = sql.toByteArray();
    while (true) {
      try {
        connection.executeMulti(packet);
        break;
      } catch (MysqlException e) {
        if (begun || !TerminalErrors.isLockConflict(e)) {
          throw e;
        }
        connection.execute("ROLLBACK");
        Thread.sleep(CONFLICT_PAUSE);
      }
    }
    clear();
  }

  /** Forgets everything; what was sent already is rolled back. */
  void rollback() {
    if (begun && !connection.isClosed()) {
      connection.execute("ROLLBACK");
    }
    clear();
  }

  private void clear() {
    sql.truncate(0);
    inserting = null;
    begun = false;
    empty = true;
  }
}
