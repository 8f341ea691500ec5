package dev.shunt.tablet.vstreamer;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.shunt.mysql.SqlText;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Builds statements with values as bytes, for sessions with SET NAMES binary. */
public final class SqlBuffer {
  private static final byte[] NULL = "NULL".getBytes(US_ASCII);
  private static final byte[] ESCAPES = escapes();

  private byte[] bytes = new byte[1024];
  private int size;

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

  /** Forgets what was appended after {@code newSize} bytes. */
  public void truncate(int newSize) {
    size = newSize;
  }

  public byte[] toByteArray() {
    return Arrays.copyOf(bytes, size);
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
    return size == 0 ? this : append(';');
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
      case JSON, FIXED_TEXT -> append("_utf8mb4").quoted(cell);
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
