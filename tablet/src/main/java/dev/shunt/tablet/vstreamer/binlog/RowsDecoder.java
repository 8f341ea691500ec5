package dev.shunt.tablet.vstreamer.binlog;

import java.util.BitSet;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the row images of one table. Holds a reader for each column of the table map; a cell of an
 * image is null for NULL. Columns that an after image leaves out keep their value of the before
 * image; an image that leaves out more is refused.
 */
public final class RowsDecoder {
  private final String table;
  private final CellReader[] columns;

  /** Makes one for a table; {@code columns} has one reader for each column of the images. */
  public RowsDecoder(String table, CellReader[] columns) {
    this.table = table;
    this.columns = columns.clone();
  }

  /**
   * Gives each change to {@code sink}: before image, or null for an insert; after image, or null
   * for a delete.
   *
   * @throws BinlogFormatException when an image is partial or can't be read
   */
  public void decode(
      BinlogEvent.Rows rows,
      BiConsumer<byte @Nullable [] @Nullable [], byte @Nullable [] @Nullable []> sink) {
    if (rows.columns() != columns.length) {
      throw new BinlogFormatException(
          "rows of table "
              + table
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
      byte[] @Nullable [] before = beforePresent == null ? null : image(in, beforePresent, null);
      byte[] @Nullable [] after = afterPresent == null ? null : image(in, afterPresent, before);
      sink.accept(before, after);
    }
  }

  private byte @Nullable [][] image(
      ByteReader in, BitSet present, byte @Nullable [] @Nullable [] fallback) {
    BitSet nulls = BinlogDecoder.bits(in, present.cardinality());
    byte @Nullable [][] cells = new byte @Nullable [columns.length][];
    int at = 0;
    for (int i = 0; i < columns.length; i++) {
      if (present.get(i)) {
        if (!nulls.get(at++)) {
          cells[i] = columns[i].read(in);
        }
      } else if (fallback != null) {
        cells[i] = fallback[i];
      } else {
        throw new BinlogFormatException(
            "row image of table "
                + table
                + " is partial: run the source with binlog_row_image=FULL");
      }
    }
    return cells;
  }
}
