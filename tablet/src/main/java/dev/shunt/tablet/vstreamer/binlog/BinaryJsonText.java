package dev.shunt.tablet.vstreamer.binlog;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.shunt.tablet.schema.DoubleText;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * Prints MySQL's binary JSON as a SELECT prints the column: a space after colon and comma, keys in
 * stored order, dates as strings, other opaque values as {@code base64:typeN:...}.
 */
final class BinaryJsonText {
  private static final int SMALL_OBJECT = 0;
  private static final int LARGE_OBJECT = 1;
  private static final int SMALL_ARRAY = 2;
  private static final int LARGE_ARRAY = 3;
  private static final int LITERAL = 4;
  private static final int INT16 = 5;
  private static final int UINT16 = 6;
  private static final int INT32 = 7;
  private static final int UINT32 = 8;
  private static final int INT64 = 9;
  private static final int UINT64 = 10;
  private static final int DOUBLE = 11;
  private static final int STRING = 12;
  private static final int OPAQUE = 15;
  private static final int BASE64_LINE = 76;
  private static final byte[] HEX = "0123456789abcdef".getBytes(US_ASCII);

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private BinaryJsonText() {}

  static byte[] of(byte[] binary) {
    if (binary.length == 0) {
      return "null".getBytes(US_ASCII);
    }
    BinaryJsonText text = new BinaryJsonText();
    text.value(binary[0], new ByteReader(binary, 1, binary.length));
    return text.out.toByteArray();
  }

  private void value(int type, ByteReader in) {
    switch (type) {
      case SMALL_OBJECT -> container(in, 2, true);
      case LARGE_OBJECT -> container(in, 4, true);
      case SMALL_ARRAY -> container(in, 2, false);
      case LARGE_ARRAY -> container(in, 4, false);
      case LITERAL -> literal(in.uint8());
      case INT16 -> ascii(Short.toString((short) in.uint16()));
      case UINT16 -> ascii(Integer.toString(in.uint16()));
      case INT32 -> ascii(Integer.toString((int) in.uint32()));
      case UINT32 -> ascii(Long.toString(in.uint32()));
      case INT64 -> ascii(Long.toString(in.int64()));
      case UINT64 -> ascii(Long.toUnsignedString(in.int64()));
      case DOUBLE -> number(Double.longBitsToDouble(in.int64()));
      case STRING -> string(in.take(variableLength(in)));
      case OPAQUE -> opaque(in);
      default -> throw new BinlogFormatException("unknown binary JSON type " + type);
    }
  }

  private void container(ByteReader in, int width, boolean object) {
    byte[] bytes = in.array();
    int base = in.position();
    int count = (int) in.littleEndian(width);
    int size = (int) in.littleEndian(width);
    int end = base + size;
    int keys = base + 2 * width;
    int values = object ? keys + count * (width + 2) : keys;
    out.write(object ? '{' : '[');
    for (int i = 0; i < count; i++) {
      if (i > 0) {
        ascii(", ");
      }
      if (object) {
        ByteReader key = new ByteReader(bytes, keys + i * (width + 2), end);
        int offset = base + (int) key.littleEndian(width);
        int length = key.uint16();
        string(new ByteReader(bytes, offset, end).take(length));
        ascii(": ");
      }
      ByteReader entry = new ByteReader(bytes, values + i * (width + 1), end);
      int type = entry.uint8();
      if (inlined(type, width)) {
        value(type, entry);
      } else {
        value(type, new ByteReader(bytes, base + (int) entry.littleEndian(width), end));
      }
    }
    out.write(object ? '}' : ']');
  }

  private static boolean inlined(int type, int width) {
    return type == LITERAL
        || type == INT16
        || type == UINT16
        || (width == 4 && (type == INT32 || type == UINT32));
  }

  private void literal(int literal) {
    ascii(
        switch (literal) {
          case 0 -> "null";
          case 1 -> "true";
          case 2 -> "false";
          default -> throw new BinlogFormatException("unknown JSON literal " + literal);
        });
  }

  private void number(double value) {
    String text = DoubleText.of(value);
    boolean whole = text.indexOf('.') < 0 && text.indexOf('e') < 0;
    ascii(whole ? text + ".0" : text);
  }

  private void opaque(ByteReader in) {
    int type = in.uint8();
    ByteReader data = in.slice(variableLength(in));
    switch (type) {
      case LoggedColumnType.NEWDECIMAL -> {
        int precision = data.uint8();
        int scale = data.uint8();
        ascii(DecimalText.read(data, precision, scale));
      }
      case LoggedColumnType.DATE -> quoted(TemporalText.packedDateTimeMicros(data.int64(), true));
      case LoggedColumnType.DATETIME, LoggedColumnType.TIMESTAMP ->
          quoted(TemporalText.packedDateTimeMicros(data.int64(), false));
      case LoggedColumnType.TIME -> quoted(TemporalText.packedTime(data.int64(), 6));
      default -> {
        Base64.Encoder encoder = Base64.getMimeEncoder(BASE64_LINE, new byte[] {'\n'});
        String text = "base64:type" + type + ":" + encoder.encodeToString(data.takeRest());
        string(text.getBytes(US_ASCII));
      }
    }
  }

  private void quoted(String text) {
    out.write('"');
    ascii(text);
    out.write('"');
  }

  private void string(byte[] utf8) {
    out.write('"');
    for (byte b : utf8) {
      switch (b) {
        case '"', '\\' -> escape(b);
        case '\b' -> escape('b');
        case '\t' -> escape('t');
        case '\f' -> escape('f');
        case '\n' -> escape('n');
        case '\r' -> escape('r');
        default -> {
          if (b >= 0 && b < 0x20) {
            ascii("\\u00");
            out.write(HEX[b >> 4]);
            out.write(HEX[b & 15]);
          } else {
            out.write(b);
          }
        }
      }
    }
    out.write('"');
  }

  private void escape(int character) {
    out.write('\\');
    out.write(character);
  }

  private void ascii(String text) {
    out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
  }

  private static int variableLength(ByteReader in) {
    long length = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      int part = in.uint8();
      length |= (long) (part & 0x7f) << shift;
      if (part < 0x80) {
        return Math.toIntExact(length);
      }
    }
    throw new BinlogFormatException("binary JSON length has no end");
  }
}
