package dev.shunt.tablet.vreplication;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.tablet.vstreamer.SqlBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Statements that go to the target in one transaction, and normally in one packet: BEGIN, the
 * changes, the position, COMMIT. Changes of tables with independent rows are joined; of the others,
 * inserts into one table that follow each other become one statement.
 */
final class ChangeBatch {
  private static final int PACKET_BYTES = 1 << 20;
  private static final byte[] BEGIN = "BEGIN".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] COMMIT = ";COMMIT".getBytes(StandardCharsets.US_ASCII);

  private final MysqlConnection connection;
  private final SqlBuffer sql = new SqlBuffer();
  private final Map<TargetTable, NetChanges> net = new LinkedHashMap<>();
  private int netBytes;
  private @Nullable TargetTable inserting;
  private boolean replacing;
  private boolean begun;
  private boolean empty = true;
  private boolean foreignKeysOff;
  private boolean foreignKeysOffAtBegin;

  /**
   * @param foreignKeysOff whether the session does not check foreign keys
   */
  ChangeBatch(MysqlConnection connection, boolean foreignKeysOff) {
    this.connection = connection;
    this.foreignKeysOff = foreignKeysOff;
    this.foreignKeysOffAtBegin = foreignKeysOff;
  }

  /** Whether it holds no change. */
  boolean isEmpty() {
    return empty;
  }

  /** Whether it is large enough to be committed. */
  boolean isFull() {
    return begun || sql.size() + netBytes >= PACKET_BYTES;
  }

  void insert(TargetTable table, byte @Nullable [][] row, boolean replace) {
    if (table.independentRows()) {
      net(table, row).insert(row, replace);
      sendIfLarge();
      return;
    }
    if (table.merges()) {
      next();
      table.appendInsertHead(sql, false);
      table.appendRow(sql, row);
      table.appendInsertTail(sql);
      sendIfLarge();
      return;
    }
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
    if (table.independentRows()) {
      net(table, after).update(before, after);
      sendIfLarge();
      return;
    }
    next();
    table.appendUpdate(sql, before, after);
    sendIfLarge();
  }

  void delete(TargetTable table, byte @Nullable [][] before) {
    if (table.independentRows()) {
      net(table, before).delete(before);
      sendIfLarge();
      return;
    }
    next();
    table.appendDelete(sql, before);
    sendIfLarge();
  }

  /** A change that is joined with no other. */
  void single(Consumer<SqlBuffer> statement) {
    writeNet();
    next();
    statement.accept(sql);
    sendIfLarge();
  }

  /** Whether the changes that follow are made without checking foreign keys. */
  void foreignKeysOff(boolean off) {
    if (off != foreignKeysOff) {
      next();
      sql.append(checking(off));
      foreignKeysOff = off;
    }
  }

  private static String checking(boolean off) {
    return "SET SESSION foreign_key_checks = " + (off ? 0 : 1);
  }

  private NetChanges net(TargetTable table, byte @Nullable [][] row) {
    for (byte @Nullable [] cell : row) {
      netBytes += cell == null ? 4 : cell.length + 3;
    }
    empty = false;
    return net.computeIfAbsent(table, NetChanges::new);
  }

  /** Turns what the changes come to into statements. */
  private void writeNet() {
    if (!net.isEmpty()) {
      begin();
      net.values().forEach(changes -> changes.appendTo(sql));
      net.clear();
      netBytes = 0;
      inserting = null;
    }
  }

  private void begin() {
    if (!begun && sql.size() == 0) {
      sql.append(BEGIN);
    }
  }

  private void next() {
    begin();
    empty = false;
    sql.separate();
    inserting = null;
  }

  /** A transaction larger than a packet goes in several. */
  private void sendIfLarge() {
    if (sql.size() + netBytes >= 4 * PACKET_BYTES) {
      writeNet();
      begun = true;
      connection.executeMulti(sql.toByteArray());
      sql.truncate(0);
      inserting = null;
    }
  }

  /**
   * Commits the changes together with what is to be written last, statements joined by semicolons.
   */
  void commit(String last) throws InterruptedException {
    writeNet();
    next();
    sql.append(last).append(COMMIT);
    byte[] packet = sql.toByteArray();
    if (begun) { // what was sent before is not here any more, so this can't be repeated
      connection.executeMulti(packet);
    } else {
      LockConflicts.retry(
          connection,
          () -> connection.executeMulti(packet),
          () -> connection.execute(checking(foreignKeysOffAtBegin)));
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
    foreignKeysOffAtBegin = foreignKeysOff;
    sql.truncate(0);
    net.clear();
    netBytes = 0;
    inserting = null;
    begun = false;
    empty = true;
  }
}
