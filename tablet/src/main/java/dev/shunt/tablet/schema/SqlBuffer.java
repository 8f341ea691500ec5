package dev.shunt.tablet.schema;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.shunt.mysql.SqlText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Builds statements with values as bytes, for sessions with SET NAMES binary. */
public final class SqlBuffer {
  private static final byte[] NULL = "NULL".getBytes(US_ASCII);
  private static final byte[] ESCAPES = escapes();

  private byte[] bytes = new byte[1024];
  private int size;

  /** Where statements begin that can be sent in a packet of their own. */
  private int[] starts = new int[16];

  private int startCount;

  private static byte[] escapes() {
    byte[] table = new byte[256];
    table[0] = '0';
    table['\''] = '\'';
    table['\\'] = '\\';
    table['\n'] = 'n';
    table['\r'] = 'r';
    table[0x1a] = 'Z';
    return table;
  }

  public int size() {
    return size;
  }

  /** How many bytes it holds memory for. */
  public int capacity() {
    return bytes.length;
  }

  /** Forgets what was appended after {@code newSize} bytes. */
  public void truncate(int newSize) {
    size = newSize;
    while (startCount > 0 && starts[startCount - 1] > newSize) {
      startCount--;
    }
  }

  public byte[] toByteArray() {
    return Arrays.copyOf(bytes, size);
  }

  /** What was appended after {@code from} bytes. */
  public byte[] tail(int from) {
    return Arrays.copyOfRange(bytes, from, size);
  }

  /**
   * The statements, as few pieces of no more than so many bytes. They are cut where {@link
   * #separate()} was called; a statement that is larger is a piece of its own.
   */
  public List<byte[]> pieces(int most) {
    if (size <= most) {
      return List.of(toByteArray());
    }
    List<byte[]> pieces = new ArrayList<>();
    int from = 0;
    int cut = 0;
    for (int i = 0; i <= startCount; i++) {
      int next = i < startCount ? starts[i] : size + 1;
      if (next - 1 - from > most && cut > from) {
        pieces.add(Arrays.copyOfRange(bytes, from, cut - 1));
        from = cut;
      }
      cut = next;
    }
    pieces.add(Arrays.copyOfRange(bytes, from, size));
    return pieces;
  }

  public SqlBuffer append(char c) {
    room(1);
    bytes[size++] = (byte) c;
    return this;
  }

  /** SQL text. */
  public SqlBuffer append(String sql) {
    return append(sql.getBytes(UTF_8));
  }

  /** SQL text as bytes. */
  public SqlBuffer append(byte[] sql) {
    room(sql.length);
    System.arraycopy(sql, 0, bytes, size, sql.length);
    size += sql.length;
    return this;
  }

  /** SQL text with {@code %s} for a name and {@code %%} for a percent sign. */
  public SqlBuffer formatted(byte[] format, String name) {
    for (int i = 0; i < format.length; i++) {
      boolean escaped = format[i] == '%' && i + 1 < format.length;
      if (escaped && format[i + 1] == 's') {
        append(name);
        i++;
      } else {
        append((char) (format[i] & 0xff));
        i += escaped && format[i + 1] == '%' ? 1 : 0;
      }
    }
    return this;
  }

  /** Ends the statement before, if there is one, so that another can follow. */
  public SqlBuffer separate() {
    if (size > 0) {
      append(';');
      start(size);
    }
    return this;
  }

  /** Statements behind those that are there. */
  public SqlBuffer append(SqlBuffer statements) {
    separate();
    for (int i = 0; i < statements.startCount; i++) {
      start(size + statements.starts[i]);
    }
    room(statements.size);
    System.arraycopy(statements.bytes, 0, bytes, size, statements.size);
    size += statements.size;
    return this;
  }

  private void start(int at) {
    if (startCount == starts.length) {
      starts = Arrays.copyOf(starts, 2 * startCount);
    }
    starts[startCount++] = at;
  }

  /** A name between backticks. */
  public SqlBuffer name(String name) {
    return append(SqlText.identifier(name));
  }

  /** A cell of a column of this kind as a literal. */
  public SqlBuffer value(ValueKind kind, byte @Nullable [] cell) {
    if (cell == null) {
      return append(NULL);
    }
    return switch (kind) {
      case NUMBER -> isNumber(cell) ? append(cell) : quoted(cell);
      case FLOATING -> isNumber(cell) ? floating(cell) : quoted(cell);
      // Binary strings are taken for the bytes inside, or for none of theirs.
      case JSON -> json(cell);
      case FIXED_TEXT -> append("_utf8mb4").quoted(cell);
      case BIT -> append(Long.toUnsignedString(number(cell)));
      case TEXT, BYTES -> quoted(cell);
    };
  }

  /** What comes for a number may be text all the same; outside quotes it would be SQL. */
  private static boolean isNumber(byte[] cell) {
    for (int i = 0; i < cell.length; i++) {
      byte b = cell[i];
      boolean sign = (b == '-' || b == '+') && (i == 0 || cell[i - 1] == 'e');
      boolean inside = (b == '.' || b == 'e') && i > 0;
      if (!sign && !inside && (b < '0' || b > '9')) {
        return false;
      }
    }
    return cell.length > 0;
  }

  /** Compared with a string a BIT is something else. */
  private static long number(byte[] bigEndian) {
    long number = 0;
    for (byte b : bigEndian) {
      number = number << 8 | (b & 0xff);
    }
    return number;
  }

  /** Without an exponent a literal would be a DECIMAL, which holds fewer digits than a double. */
  private SqlBuffer floating(byte[] cell) {
    append(cell);
    for (byte b : cell) {
      if (b == 'e') {
        return this;
      }
    }
    return append('e').append('0');
  }

  /** The text alone where that says all; see {@link JsonDecimals}. */
  private SqlBuffer json(byte[] text) {
    List<JsonDecimals.Decimal> decimals = JsonDecimals.of(text);
    if (decimals.isEmpty()) {
      return append("_utf8mb4").quoted(text);
    }
    append("JSON_SET(CAST(_utf8mb4").quoted(text).append(" AS JSON)");
    for (JsonDecimals.Decimal decimal : decimals) {
      append(",_utf8mb4").quoted(decimal.path().getBytes(UTF_8));
      append(",CAST(_utf8mb4")
          .quoted(decimal.digits().getBytes(UTF_8))
          .append(" AS ")
          .append(decimal.type())
          .append(')');
    }
    return append(')');
  }

  private SqlBuffer quoted(byte[] cell) {
    room(2 * cell.length + 2);
    bytes[size++] = '\'';
    for (byte b : cell) {
      byte escape = ESCAPES[b & 0xff];
      if (escape != 0) {
        bytes[size++] = '\\';
        bytes[size++] = escape;
      } else {
        bytes[size++] = b;
      }
    }
    bytes[size++] = '\'';
    return this;
  }

  private void room(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
    }
  }
}
