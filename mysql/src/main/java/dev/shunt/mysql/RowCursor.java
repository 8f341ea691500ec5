package dev.shunt.mysql;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a running query, one after the other, without copying: the bytes of the current row
 * stand in {@link #buffer()} until the next call of {@link #next()}.
 *
 * <p>Closing it before the last row aborts its connection, as the only other way would be to read
 * all the rest; the server then gives up the query.
 */
public final class RowCursor implements AutoCloseable {
  private final MysqlConnection connection;
  private final List<Column> columns;
  private final int[] offsets;
  private final int[] lengths;
  private byte[] buffer = {};
  private int rowBytes;
  private boolean finished;

  RowCursor(MysqlConnection connection, List<Column> columns) {
    this.connection = connection;
    this.columns = columns;
    this.offsets = new int[columns.size()];
    this.lengths = new int[columns.size()];
    this.finished = columns.isEmpty();
  }

  /** Empty for a statement that gives no rows. */
  public List<Column> columns() {
    return columns;
  }

  /**
   * Goes to the next row; false after the last one.
   *
   * @throws MysqlException when the query fails or the connection is lost
   */
  public boolean next() {
    if (finished) {
      return false;
    }
    @Nullable Packet packet;
    try {
      packet = connection.nextRow();
    } catch (MysqlException e) {
      finished = true;
      throw e;
    }
    if (packet == null) {
      finished = true;
      buffer = new byte[0]; // it may have been a huge row's
      return false;
    }
    buffer = packet.array();
    rowBytes = 0;
    for (int i = 0; i < offsets.length; i++) {
      int length = packet.skipValue();
      lengths[i] = length;
      offsets[i] = packet.position() - Math.max(length, 0);
      rowBytes += Math.max(length, 0);
    }
    return true;
  }

  /** Holds the values of the current row. */
  public byte[] buffer() {
    return buffer;
  }

  /**
   * Where the values start in {@link #buffer()}; overwritten by the next call of {@link #next()}.
   */
  public int[] offsets() {
    return offsets;
  }

  /** How many bytes the values have, -1 for NULL; overwritten by {@link #next()}. */
  public int[] lengths() {
    return lengths;
  }

  /** Where the value of a column starts in {@link #buffer()}. */
  public int offset(int column) {
    return offsets[column];
  }

  /** How many bytes the value of a column has; -1 for NULL. */
  public int length(int column) {
    return lengths[column];
  }

  /** Sum of the lengths of the current row's values. */
  public int rowBytes() {
    return rowBytes;
  }

  /** A copy of one value, or null. */
  public byte @Nullable [] bytes(int column) {
    return lengths[column] < 0
        ? null
        : Arrays.copyOfRange(buffer, offsets[column], offsets[column] + lengths[column]);
  }

  /** A copy of the current row. */
  public Row row() {
    byte[] @Nullable [] values = new byte[offsets.length] @Nullable [];
    for (int i = 0; i < values.length; i++) {
      values[i] = bytes(i);
    }
    return new Row(values);
  }

  @Override
  public void close() {
    if (!finished) {
      finished = true;
      connection.abort();
    }
  }
}
