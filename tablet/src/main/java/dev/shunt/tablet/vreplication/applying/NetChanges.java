package dev.shunt.tablet.vreplication.applying;

import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.schema.SqlBuffer;
import dev.shunt.tablet.schema.ValueKind;
import dev.shunt.tablet.vreplication.writing.ColumnMapping;
import dev.shunt.tablet.vreplication.writing.PacketLimit;
import dev.shunt.tablet.vreplication.writing.RowInserts;
import dev.shunt.tablet.vreplication.writing.RowStatements;
import dev.shunt.tablet.vreplication.writing.TargetTable;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.StringJoiner;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What the changes of one transaction come to in one table: for each key whether a row was there
 * and what is there in the end. Written in few statements of many rows, which is several times
 * faster than one statement a change. Only for tables whose rows do not depend on each other: see
 * {@link TargetTable#independentRows()}.
 */
final class NetChanges {
  private static final int ROWS_A_STATEMENT = 500;

  private final TargetTable table;
  private final ColumnMapping columns;
  private final RowStatements statements;
  private final PacketLimit limit;
  private final Map<RowKey, Net> byKey = new LinkedHashMap<>();

  NetChanges(TargetTable table, PacketLimit limit) {
    this.table = table;
    this.columns = table.columns();
    this.statements = table.statements();
    this.limit = limit;
  }

  /** Whether the row was there before, as far as known, and what is there now. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Net(Before before, byte @Nullable [] @Nullable [] after) {}

  private enum Before {
    THERE,
    ABSENT,
    UNKNOWN
  }

  /** Keys of the rows that change. */
  Set<RowKey> keys() {
    return byKey.keySet();
  }

  /** Whether it changes the row that has the key of this one. */
  boolean has(byte[] @Nullable [] row) {
    return byKey.containsKey(new RowKey(table.name(), columns.keyOf(row)));
  }

  /** Whether it changes the row of this key. */
  boolean has(RowKey key) {
    return byKey.containsKey(key);
  }

  /**
   * @param mayExist whether the row may be in the table already and is then replaced
   * @throws RpcException FAILED_PRECONDITION when one of these changes has put a row there that has
   *     the same key, as the server would if it got them one by one
   */
  void insert(byte[] @Nullable [] row, boolean mayExist) {
    Net earlier = byKey.get(new RowKey(table.name(), columns.keyOf(row)));
    if (earlier != null && earlier.after() != null) {
      throw duplicate(row);
    }
    put(row, mayExist ? Before.UNKNOWN : Before.ABSENT, row);
  }

  /** What is wrong with a row whose key another row of the source has taken. */
  private RpcException duplicate(byte[] @Nullable [] row) {
    List<String> names = columns.key().stream().map(target -> target.column().name()).toList();
    StringJoiner cells = new StringJoiner("-", "'", "'");
    for (byte @Nullable [] cell : columns.keyOf(row)) {
      cells.add(cell == null ? "NULL" : new String(cell, StandardCharsets.ISO_8859_1));
    }
    return new RpcException(
        Status.Code.FAILED_PRECONDITION,
        "Duplicate entry %s for key %s of table %s (errno 1062): the source tells rows apart by other columns than the target's key has; give the target the source's key"
            .formatted(cells, names, table.name()));
  }

  void update(byte[] @Nullable [] before, byte[] @Nullable [] after) {
    put(before, Before.THERE, after);
  }

  void delete(byte[] @Nullable [] before) {
    put(before, Before.THERE, null);
  }

  private void put(byte[] @Nullable [] keyed, Before before, byte @Nullable [] @Nullable [] after) {
    RowKey key = new RowKey(table.name(), columns.keyOf(keyed));
    Net earlier = byKey.get(key);
    byKey.put(key, new Net(earlier == null ? before : earlier.before(), after));
  }

  /**
   * Writes statements behind those that are there, rows in the order of their keys: neighbours are
   * on the same pages, and transactions that meet lock rows in the same order.
   *
   * @param wanted accepts the keys whose changes are written
   */
  void appendTo(SqlBuffer sql, Predicate<RowKey> wanted) {
    List<byte[] @Nullable []> gone = new ArrayList<>();
    List<byte[] @Nullable []> changed = new ArrayList<>();
    List<byte[] @Nullable []> come = new ArrayList<>();
    List<RowKey> keys = new ArrayList<>(byKey.keySet());
    keys.removeIf(wanted.negate());
    keys.sort(this::compare);
    for (RowKey key : keys) {
      Net net = Objects.requireNonNull(byKey.get(key));
      if (net.after() == null) {
        if (net.before() != Before.ABSENT) {
          gone.add(key.cells());
        }
      } else if (net.before() == Before.ABSENT) {
        come.add(net.after());
      } else {
        changed.add(net.after());
      }
    }
    int most = Math.clamp(limit.usual() / statements.mostBytesOfAKey(gone), 1, ROWS_A_STATEMENT);
    for (int i = 0; i < gone.size(); i += most) {
      statements.appendDeletes(sql.separate(), gone.subList(i, Math.min(gone.size(), i + most)));
    }
    append(sql, changed, RowInserts.Existing.CHANGED);
    append(sql, come, RowInserts.Existing.REFUSED);
  }

  /**
   * Compares keys, about in the order in which the server keeps the rows: exact for bytes and
   * numbers from zero on, good enough to be quick for others.
   */
  private int compare(RowKey a, RowKey b) {
    for (int i = 0; i < columns.key().size(); i++) {
      byte[] left = a.cells()[i];
      byte[] right = b.cells()[i];
      int order;
      if (left == null || right == null) {
        order = Boolean.compare(left != null, right != null);
      } else if (columns.key().get(i).kind() == ValueKind.NUMBER && left.length != right.length) {
        order = Integer.compare(left.length, right.length);
      } else {
        order = Arrays.compareUnsigned(left, right);
      }
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }

  private void append(SqlBuffer sql, List<byte[] @Nullable []> rows, RowInserts.Existing existing) {
    RowInserts inserts = new RowInserts(sql, table, existing, limit);
    int added = 0;
    for (boolean lenient : new boolean[] {false, true}) { // each in statements of their own
      for (byte[] @Nullable [] row : rows) {
        if (statements.lenient(row) == lenient) {
          if (added++ % ROWS_A_STATEMENT == 0) {
            inserts.end();
          }
          inserts.add(row);
        }
      }
    }
    inserts.end();
  }
}
