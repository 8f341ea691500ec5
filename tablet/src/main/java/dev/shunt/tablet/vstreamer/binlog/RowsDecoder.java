package dev.shunt.tablet.vstreamer.binlog;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads the row images of one table. Holds a reader for each column of the table map; a cell of an
 * image is null for NULL, and for a column that the image leaves out. Columns that only the after
 * image leaves out have the value of the before image.
 */
public final class RowsDecoder {
  private static final int PARTIAL_JSON = 1;
  private static final BitSet NONE = new BitSet();

  private final TableDefinition table;
  private final CellReader[] columns;
  private final int[] json;

  /** Takes the images of one row. */
  @FunctionalInterface
  public interface Sink {
    /**
     * One row.
     *
     * @param before null for an insert
     * @param after null for a delete
     * @param changes columns whose cell in {@code after} is no value but an expression that changes
     *     the column, with {@code %s} in the column's place
     */
    void row(
        byte @Nullable [] @Nullable [] before,
        byte @Nullable [] @Nullable [] after,
        BitSet changes);
  }

  /** Makes one for a table; {@code columns} has one reader for each column of the images. */
  public RowsDecoder(TableDefinition table, CellReader[] columns) {
    this.table = table;
    this.columns = columns.clone();
    this.json = table.jsonColumns();
  }

  /** The columns that after images have, with the help of the before images. */
  public static BitSet afterPresent(BinlogEvent.Rows rows) {
    BitSet present = new BitSet();
    if (rows.afterPresent() != null) {
      present.or(rows.afterPresent());
      if (rows.beforePresent() != null) {
        present.or(rows.beforePresent());
      }
    }
    return present;
  }

  /**
   * Gives each row to {@code sink}.
   *
   * @throws BinlogFormatException when an image can't be read
   */
  public void decode(BinlogEvent.Rows rows, Sink sink) {
    if (rows.columns() != columns.length) {
      throw new BinlogFormatException(
          "rows of table "
              + table.name()
              + " have "
              + rows.columns()
              + " columns where the table has "
              + columns.length);
    }
    ByteReader in =
        rows.compressed() ? new ByteReader(MariaDbCompression.expand(rows.body())) : rows.body();
    BitSet beforePresent = rows.beforePresent();
    BitSet afterPresent = rows.afterPresent();
    while (in.remaining() > 0) {
      byte @Nullable [] @Nullable [] before =
          beforePresent == null ? null : image(in, beforePresent, null, NONE);
      BitSet changes = rows.partialJson() ? changes(in) : NONE;
      byte @Nullable [] @Nullable [] after =
          afterPresent == null ? null : image(in, afterPresent, before, changes);
      sink.row(before, after, changes);
    }
  }

  /** The JSON columns of which the after image that follows has changes only. */
  private BitSet changes(ByteReader in) {
    BitSet changes = new BitSet();
    if ((in.packed() & PARTIAL_JSON) != 0) {
      BitSet bits = BinlogDecoder.bits(in, json.length);
      for (int i = 0; i < json.length; i++) {
        changes.set(json[i], bits.get(i));
      }
    }
    return changes;
  }

  private byte[] @Nullable [] image(
      ByteReader in, BitSet present, byte @Nullable [] @Nullable [] fallback, BitSet changes) {
    BitSet nulls = BinlogDecoder.bits(in, present.cardinality());
    byte[] @Nullable [] cells = new byte[columns.length] @Nullable [];
    int at = 0;
    for (int i = 0; i < columns.length; i++) {
      if (present.get(i)) {
        if (!nulls.get(at++)) {
          cells[i] = changes.get(i) ? change(in, i) : columns[i].read(in);
        } else {
          changes.clear(i);
        }
      } else if (fallback != null) {
        cells[i] = fallback[i];
        changes.clear(i);
      }
    }
    return cells;
  }

  private byte[] change(ByteReader in, int column) {
    int length = Math.toIntExact(in.littleEndian(table.metadata().get(column)));
    return JsonDiff.expression(in.slice(length));
  }
}
