package dev.shunt.tablet.vreplication.applying;

import dev.shunt.tablet.schema.SqlBuffer;
import dev.shunt.tablet.vreplication.stream.Found;
import dev.shunt.tablet.vreplication.writing.PacketLimit;
import dev.shunt.tablet.vreplication.writing.RowInserts;
import dev.shunt.tablet.vreplication.writing.TargetTable;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Gathers changes that go to the target in one transaction. Changes of tables with independent rows
 * are joined, those of one row only where the server surely takes what it was between; of the
 * others, inserts into one table that follow each other become one statement.
 */
final class ChangeBatch {
  /** The more rows are written in the order of their keys, the more of them share a page. */
  private static final int FULL_BYTES = 2 << 20;

  private static final int MOST_BYTES = 6 << 20;

  private final boolean checksForeignKeys;
  private final PacketLimit limit;
  private final boolean rowByRow;
  private SqlBuffer sql = new SqlBuffer();
  private final Map<TargetTable, NetChanges> net = new LinkedHashMap<>();
  private final Set<TargetTable> tables = new HashSet<>();
  private int netBytes;
  private @Nullable RowInserts inserting;
  private boolean inSequence;
  private boolean foreignKeysOff;
  private boolean demandsRows;

  /**
   * @param checksForeignKeys whether foreign keys are checked unless the source did not; sessions
   *     that apply it are expected not to check otherwise
   * @param limit of the sessions that apply it
   * @param rowByRow whether each change is a statement of its own, joined with no other
   */
  ChangeBatch(boolean checksForeignKeys, PacketLimit limit, boolean rowByRow) {
    this.checksForeignKeys = checksForeignKeys;
    this.limit = limit;
    this.rowByRow = rowByRow;
  }

  /** Whether it holds no change. */
  boolean isEmpty() {
    return sql.size() == 0 && net.isEmpty();
  }

  /** Whether it is large enough to be committed. */
  boolean isFull() {
    return rowByRow || sql.size() + netBytes >= FULL_BYTES;
  }

  /** Whether it is too large to grow further. */
  boolean isTooLarge() {
    return sql.size() + netBytes >= MOST_BYTES;
  }

  void insert(TargetTable table, byte[] @Nullable [] row, boolean replace) {
    tables.add(table);
    if (joins(table)) {
      net(table, row).insert(row, replace);
      return;
    }
    RowInserts.Existing existing =
        replace && !table.merges() ? RowInserts.Existing.REPLACED : RowInserts.Existing.REFUSED;
    RowInserts inserts = inserting;
    if (inserts == null || !inserts.isFor(table, existing)) {
      next();
      inserts = new RowInserts(sql, table, existing, limit);
    }
    inserts.add(row);
    if (table.merges() || rowByRow) {
      inserts.end();
    } else {
      inserting = inserts;
    }
  }

  void update(TargetTable table, byte[] @Nullable [] before, byte[] @Nullable [] after) {
    tables.add(table);
    if (joins(table)) {
      net(table, after).update(before, after);
      return;
    }
    next();
    separate(table, () -> table.statements().appendUpdate(sql, before, after));
    demandFound(!table.merges());
  }

  void delete(TargetTable table, byte[] @Nullable [] before) {
    tables.add(table);
    if (joins(table)) {
      net(table, before).delete(before);
      return;
    }
    next();
    separate(table, () -> table.statements().appendDelete(sql, before));
    demandFound(!table.merges() && !table.unique()); // by a key, gone is gone
  }

  /** Whether a row that is changed has to be there; not while a copy is under way. */
  void demandRows(boolean demanded) {
    demandsRows = demanded;
  }

  private void demandFound(boolean wanted) {
    if (demandsRows && wanted) {
      sql.separate().append(Found.ROW);
    }
  }

  private boolean joins(TargetTable table) {
    return table.independentRows() && !rowByRow;
  }

  /** Whether each change is a statement of its own. */
  boolean rowByRow() {
    return rowByRow;
  }

  /** A change that is joined with no other, of any table: it has to come after what is there. */
  void single(TargetTable table, Consumer<SqlBuffer> statement) {
    inSequence = true;
    tables.add(table);
    next();
    writeNet();
    separate(table, () -> statement.accept(sql));
    demandFound(true);
  }

  /** A statement of its own. */
  private void separate(TargetTable table, Runnable append) {
    int before = sql.size();
    sql.separate();
    append.run();
    limit.demandFits(table.name(), sql, before);
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
        endInserts();
        sql.separate().append(checking());
      }
    }
  }

  private byte[] checking() {
    return ("SET SESSION foreign_key_checks = " + (foreignKeysOff ? 0 : 1))
        .getBytes(StandardCharsets.US_ASCII);
  }

  private NetChanges net(TargetTable table, byte[] @Nullable [] row) {
    if (!table.takesAllRows() && net.containsKey(table) && net.get(table).has(row)) {
      inSequence = true;
      next();
      writeNet();
    }
    for (byte @Nullable [] cell : row) {
      netBytes += cell == null ? 4 : cell.length + 3;
    }
    return net.computeIfAbsent(table, changed -> new NetChanges(changed, limit));
  }

  /** Turns what the changes come to into statements. */
  private void writeNet() {
    if (!net.isEmpty()) {
      endInserts();
      net.values().forEach(changes -> changes.appendTo(sql, key -> true));
      net.clear();
      netBytes = 0;
    }
  }

  /** A transaction may be carried out by any session, so it says how foreign keys are checked. */
  private void next() {
    if (sql.size() == 0 && checksForeignKeys) {
      sql.append(checking());
    }
    endInserts();
  }

  private void endInserts() {
    RowInserts open = inserting;
    if (open != null) {
      open.end();
      inserting = null;
    }
  }

  /** What was gathered; it is empty then. */
  Changes take() {
    if (inSequence) {
      writeNet();
    }
    endInserts();
    Changes taken = new Changes(List.copyOf(net.values()), sql, tables, inSequence);
    tables.clear();
    sql = new SqlBuffer();
    net.clear();
    netBytes = 0;
    inSequence = false;
    return taken;
  }
}
