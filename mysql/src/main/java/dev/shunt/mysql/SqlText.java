package dev.shunt.mysql;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Names and values as they are written inside a statement. */
public final class SqlText {
  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  private SqlText() {}

  /** A name between backticks. */
  public static String identifier(String name) {
    if (name.isEmpty() || name.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("a database name can't be empty or hold a zero character");
    }
    return "`" + name.replace("`", "``") + "`";
  }

  /** Database and table, each between backticks. */
  public static String qualified(String database, String table) {
    return identifier(database) + "." + identifier(table);
  }

  /**
   * Text between quotes, with backslash escapes: not for a session with sql_mode
   * NO_BACKSLASH_ESCAPES.
   */
  public static String literal(String text) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(text.length() + 16);
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    appendLiteral(out, bytes, 0, bytes.length);
    return out.toString(StandardCharsets.UTF_8);
  }

  /**
   * Writes bytes between quotes with backslash escapes, otherwise as they are. Put {@code _binary}
   * before it where they are no text of the connection's character set.
   */
  public static void appendLiteral(
      ByteArrayOutputStream out, byte[] bytes, int offset, int length) {
    out.write('\'');
    for (int i = offset; i < offset + length; i++) {
      int escape = escape(bytes[i]);
      if (escape != 0) {
        out.write('\\');
        out.write(escape);
      } else {
        out.write(bytes[i]);
      }
    }
    out.write('\'');
  }

  /** What follows the backslash for a byte; 0 for a byte that stands for itself. */
  static int escape(byte value) {
    return switch (value) {
      case 0 -> '0';
      case '\n' -> 'n';
      case '\r' -> 'r';
      case 0x1a -> 'Z';
      case '\'', '"', '\\' -> value;
      default -> 0;
    };
  }

  /** Any bytes, exactly, in any SQL mode: {@code X'00FF'}. Its type is a binary string. */
  public static String hex(byte[] bytes) {
    return "X'" + HEX.formatHex(bytes) + "'";
  }
}
