package dev.shunt.tablet.vreplication;

import dev.shunt.tablet.vstreamer.SqlBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Gathers changes that go to the target in one transaction. Changes of tables with independent rows
 * are joined; of the others, inserts into one table that follow each other become one statement.
 */
final class ChangeBatch {
  /** The more rows are written in the order of their keys, the more of them share a page. */
  private static final int FULL_BYTES = 2 << 20;

  /** Escaped they must fit into the packets that servers take: 16 MB is a usual limit. */
  private static final int MOST_BYTES = 6 << 20;

  private final boolean checksForeignKeys;
  private final SqlBuffer sql = new SqlBuffer();
  private final Map<TargetTable, NetChanges> net = new LinkedHashMap<>();
  private int netBytes;
  private @Nullable TargetTable inserting;
  private boolean replacing;
  private boolean inSequence;
  private boolean foreignKeysOff;

  /**
   * @param checksForeignKeys whether foreign keys are checked unless the source did not; sessions
   *     that apply it are expected not to check otherwise
   */
  ChangeBatch(boolean checksForeignKeys) {
    this.checksForeignKeys = checksForeignKeys;
  }

  /** Whether it holds no change. */
  boolean isEmpty() {
    return sql.size() == 0 && net.isEmpty();
  }

  /** Whether it is large enough to be committed. */
  boolean isFull() {
    return sql.size() + netBytes >= FULL_BYTES;
  }

  /** Whether it is too large to grow further. */
  boolean isTooLarge() {
    return sql.size() + netBytes >= MOST_BYTES;
  }

  void insert(TargetTable table, byte @Nullable [][] row, boolean replace) {
    if (table.independentRows()) {
      net(table, row).insert(row, replace);
      return;
    }
    if (table.merges()) {
      next();
      table.appendInsertHead(sql, false);
      table.appendRow(sql, row);
      table.appendInsertTail(sql);
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
  }

  void update(TargetTable table, byte @Nullable [][] before, byte @Nullable [][] after) {
    if (table.independentRows()) {
      net(table, after).update(before, after);
      return;
    }
    next();
    table.appendUpdate(sql, before, after);
  }

  void delete(TargetTable table, byte @Nullable [][] before) {
    if (table.independentRows()) {
      net(table, before).delete(before);
      return;
    }
    next();
    table.appendDelete(sql, before);
  }

  /** A change that is joined with no other, of any table: it has to come after what is there. */
  void single(Consumer<SqlBuffer> statement) {
    inSequence = true;
    writeNet();
    next();
    statement.accept(sql);
  }

  /** Nothing of it is to be done before or beside other batches. */
  void inSequence() {
    inSequence = true;
  }

  /** Whether the changes that follow are made without checking foreign keys. */
  void foreignKeysOff(boolean off) {
    if (off != foreignKeysOff) {
      foreignKeysOff = off;
      if (sql.size() > 0) {
        sql.append(';').append(checking());
        inserting = null;
      }
    }
  }

  private byte[] checking() {
    return ("SET SESSION foreign_key_checks = " + (foreignKeysOff ? 0 : 1))
        .getBytes(StandardCharsets.US_ASCII);
  }

  private NetChanges net(TargetTable table, byte @Nullable [][] row) {
    for (byte @Nullable [] cell : row) {
      netBytes += cell == null ? 4 : cell.length + 3;
    }
    return net.computeIfAbsent(table, NetChanges::new);
  }

  /** Turns what the changes come to into statements. */
  private void writeNet() {
    if (!net.isEmpty()) {
      net.values().forEach(changes -> changes.appendTo(sql, key -> true));
      net.clear();
      netBytes = 0;
      inserting = null;
    }
  }

  /** A transaction may be carried out by any session, so it says how foreign keys are checked. */
  private void next() {
    if (sql.size() == 0 && checksForeignKeys) {
      sql.append(checking());
    }
    sql.separate();
    inserting = null;
  }

  /** What was gathered; it is empty then. */
  Changes take() {
    if (inSequence) {
      writeNet();
    }
    Changes taken = new Changes(List.copyOf(net.values()), sql.toByteArray(), inSequence);
    sql.truncate(0);
    net.clear();
    netBytes = 0;
    inserting = null;
    inSequence = false;
    return taken;
  }
}
