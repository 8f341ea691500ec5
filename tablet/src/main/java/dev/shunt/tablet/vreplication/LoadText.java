package dev.shunt.tablet.vreplication;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;

/**
 * Rows as LOAD DATA reads them: cells apart by TAB, rows by LF, a backslash before any of the
 * three, {@code \N} for NULL, all else as it is. The buffer grows with what is put in and is kept
 * when it is cleared.
 */
final class LoadText {
  /** The clauses of LOAD DATA that describe this text. */
  static final String FORMAT =
      " FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' LINES TERMINATED BY '\\n'";

  private byte[] bytes = new byte[64 * 1024];
  private int size;
  private int rows;
  private boolean rowBegun;

  int size() {
    return size;
  }

  int rows() {
    return rows;
  }

  void clear() {
    size = 0;
    rows = 0;
  }

  /**
   * Appends a cell to the current row.
   *
   * @param length bytes from {@code offset} on; negative for NULL
   */
  void cell(byte[] from, int offset, int length) {
    room(2 * Math.max(length, 1) + 2);
    if (rowBegun) {
      bytes[size++] = '\t';
    }
    rowBegun = true;
    if (length < 0) {
      bytes[size++] = '\\';
      bytes[size++] = 'N';
      return;
    }
    int end = offset + length;
    for (int i = offset; i < end; i++) {
      byte b = from[i];
      if (b == '\\' || b == '\t' || b == '\n') {
        bytes[size++] = '\\';
      }
      bytes[size++] = b;
    }
  }

  void endRow() {
    room(1);
    bytes[size++] = '\n';
    rows++;
    rowBegun = false;
  }

  void writeTo(OutputStream out) throws IOException {
    out.write(bytes, 0, size);
  }

  private void room(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(Math.addExact(size, more), grown()));
    }
  }

  private int grown() {
    return (int) Math.min(Integer.MAX_VALUE - 16L, bytes.length * 2L);
  }
}
