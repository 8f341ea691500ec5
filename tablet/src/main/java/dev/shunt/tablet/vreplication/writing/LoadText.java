package dev.shunt.tablet.vreplication.writing;

import dev.shunt.tablet.RpcException;
import io.grpc.Status;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows as LOAD DATA reads them: cells apart by TAB, rows by LF, a backslash before any of the
 * three, {@code \N} for NULL, all else as it is. The buffer grows with what is put in; it is kept
 * when it is cleared, unless it is larger than usual.
 */
public final class LoadText {
  /** The clauses of LOAD DATA that describe this text. */
  static final String FORMAT =
      " FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' LINES TERMINATED BY '\\n'";

  private static final VarHandle EIGHT =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
  private static final long EACH_BYTE = 0x0101010101010101L;
  private static final long TABS = '\t' * EACH_BYTE;
  private static final long LINE_FEEDS = '\n' * EACH_BYTE;
  private static final long BACKSLASHES = '\\' * EACH_BYTE;
  private static final int LARGEST = Integer.MAX_VALUE - 16;

  private static final int SMALL = 1 << 20;
  private static final int START = 64 * 1024;

  private final int usual;
  private byte[] bytes = new byte[START];
  private int size;
  private int rows;
  private int warnings;
  private final List<byte[] @Nullable []> aside = new ArrayList<>();
  private int asideBytes;

  /**
   * @param usual size that it will have if it gets large; so much is taken at once then
   */
  public LoadText(int usual) {
    this.usual = usual;
  }

  /** Bytes of all rows, about. */
  public int size() {
    return Math.addExact(size, asideBytes);
  }

  /** How many bytes it holds memory for. */
  int capacity() {
    return bytes.length;
  }

  /** How many rows there are, those that are set aside among them. */
  public int rows() {
    return rows;
  }

  /** How many rows there are in the form of LOAD DATA. */
  public int lines() {
    return rows - aside.size();
  }

  /** Rows that the form of LOAD DATA does not say all of. */
  public List<byte[] @Nullable []> aside() {
    return Collections.unmodifiableList(aside);
  }

  /** Sets a row aside that is to be written by a statement; parameters as of {@link #row}. */
  void setAside(byte[] from, int[] cells, int[] offsets, int[] lengths) {
    byte[] @Nullable [] row = new byte[Arrays.stream(cells).max().orElse(-1) + 1] @Nullable [];
    for (int cell : cells) {
      if (lengths[cell] >= 0) {
        row[cell] = Arrays.copyOfRange(from, offsets[cell], offsets[cell] + lengths[cell]);
        asideBytes += lengths[cell];
      }
    }
    aside.add(row);
    rows++;
  }

  /** How many warnings the server gives for what is here when all is well. */
  public int warnings() {
    return warnings;
  }

  /** Something was put in that the server takes, but warns of. */
  void expectWarning() {
    warnings++;
  }

  /** What a single huge row took is given back. */
  public void clear() {
    if (bytes.length > 2L * usual) {
      bytes = new byte[START];
    }
    size = 0;
    rows = 0;
    warnings = 0;
    aside.clear();
    asideBytes = 0;
  }

  /**
   * Appends a row.
   *
   * @param from holds the cells
   * @param cells which of them to append, in which order
   * @param offsets where each cell begins
   * @param lengths bytes of each cell; negative for NULL
   * @throws RpcException FAILED_PRECONDITION when no array could hold it
   */
  void row(byte[] from, int[] cells, int[] offsets, int[] lengths) {
    long most = 0;
    for (int cell : cells) {
      most += 2L * Math.max(lengths[cell], 1) + 1;
    }
    room(most);
    byte[] to = bytes;
    int at = size;
    for (int cell : cells) {
      int length = lengths[cell];
      if (length < 0) {
        to[at++] = '\\';
        to[at++] = 'N';
      } else {
        at = escape(from, offsets[cell], length, to, at);
      }
      to[at++] = '\t';
    }
    // The last TAB ends the row. A row without cells is an empty line.
    to[cells.length == 0 ? at++ : at - 1] = '\n';
    size = at;
    rows++;
  }

  /** Most text needs no backslash: it is looked through, and copied, eight bytes at a time. */
  private static int escape(byte[] from, int offset, int length, byte[] to, int start) {
    int at = start;
    int i = offset;
    int end = offset + length;
    for (; i + Long.BYTES <= end; i += Long.BYTES) {
      long eight = (long) EIGHT.get(from, i);
      if ((holds(eight, TABS) | holds(eight, LINE_FEEDS) | holds(eight, BACKSLASHES)) == 0) {
        EIGHT.set(to, at, eight);
        at += Long.BYTES;
      } else {
        at = escapeEach(from, i, i + Long.BYTES, to, at);
      }
    }
    return escapeEach(from, i, end, to, at);
  }

  private static int escapeEach(byte[] from, int start, int end, byte[] to, int put) {
    int at = put;
    for (int i = start; i < end; i++) {
      byte b = from[i];
      if (b == '\\' || b == '\t' || b == '\n') {
        to[at++] = '\\';
      }
      to[at++] = b;
    }
    return at;
  }

  /** Not 0 if one of eight bytes is the one that a pattern repeats. */
  private static long holds(long eight, long pattern) {
    long different = eight ^ pattern;
    return (different - EACH_BYTE) & ~different & (EACH_BYTE << 7);
  }

  /** Writes the lines that were added and not set aside. */
  public void writeTo(OutputStream out) throws IOException {
    out.write(bytes, 0, size);
  }

  private void room(long more) {
    long needed = size + more + 1;
    if (needed > LARGEST) {
      throw new RpcException(
          Status.Code.FAILED_PRECONDITION,
          "a row that may take %,d bytes is too large to be loaded".formatted(more));
    }
    if (needed > bytes.length) {
      long grown = bytes.length < SMALL ? 2L * bytes.length : Math.max(usual, 2L * bytes.length);
      bytes = Arrays.copyOf(bytes, (int) Math.min(Math.max(needed, grown), LARGEST));
    }
  }
}
