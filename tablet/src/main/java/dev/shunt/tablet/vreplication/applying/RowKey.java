package dev.shunt.tablet.vreplication.applying;

import dev.shunt.tablet.vreplication.writing.TargetTable;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A row of the target, identified by the bytes of its key; only for tables whose keys are equal
 * when their bytes are: see {@link TargetTable#independentRows()}.
 */
final class RowKey {
  private final String table;
  private final byte[] @Nullable [] cells;
  private final int hash;

  RowKey(String table, byte[] @Nullable [] cells) {
    this.table = table;
    this.cells = cells;
    this.hash = 31 * table.hashCode() + Arrays.deepHashCode(cells);
  }

  String table() {
    return table;
  }

  byte[] @Nullable [] cells() {
    return cells;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RowKey key
        && hash == key.hash
        && table.equals(key.table)
        && Arrays.deepEquals(cells, key.cells);
  }

  @Override
  public int hashCode() {
    return hash;
  }
}
