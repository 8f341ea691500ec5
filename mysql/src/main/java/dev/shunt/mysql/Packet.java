package dev.shunt.mysql;

import java.nio.charset.StandardCharsets;

/**
 * A cursor over the payload of one packet that was received. The bytes belong to the reader and
 * hold only until the next packet is read.
 */
final class Packet {
  /** Length that stands for NULL in a row. */
  static final int NULL = -1;

  private byte[] bytes = {};
  private int start;
  private int position;
  private int limit;

  void set(byte[] newBytes, int offset, int length) {
    bytes = newBytes;
    start = offset;
    position = offset;
    limit = offset + length;
  }

  static Packet of(byte... payload) {
    Packet packet = new Packet();
    packet.set(payload, 0, payload.length);
    return packet;
  }

  byte[] array() {
    return bytes;
  }

  int position() {
    return position;
  }

  int length() {
    return limit - start;
  }

  int remaining() {
    return limit - position;
  }

  /** The first byte, which distinguishes the kinds of packets; -1 for an empty one. */
  int kind() {
    return start == limit ? -1 : bytes[start] & 0xff;
  }

  int int1() {
    need(1);
    return bytes[position++] & 0xff;
  }

  int int2() {
    return (int) fixed(2);
  }

  long int4() {
    return fixed(4);
  }

  long fixed(int size) {
    need(size);
    long value = 0;
    for (int i = 0; i < size; i++) {
      value |= (bytes[position + i] & 0xffL) << (8 * i);
    }
    position += size;
    return value;
  }

  /** A length encoded integer; {@link #NULL} for the marker 0xfb. */
  long lengthEncodedInteger() {
    int first = int1();
    return switch (first) {
      case 0xfb -> NULL;
      case 0xfc -> fixed(2);
      case 0xfd -> fixed(3);
      case 0xfe -> fixed(8);
      case 0xff -> throw malformed("a length starts with 0xff");
      default -> first;
    };
  }

  /** Skips one value of a text row and returns its length, {@link #NULL} for NULL. */
  int skipValue() {
    long length = lengthEncodedInteger();
    if (length == NULL) {
      return NULL;
    }
    if (length < 0 || length > remaining()) {
      throw malformed("a value of " + length + " bytes in " + remaining() + " bytes");
    }
    position += (int) length;
    return (int) length;
  }

  String lengthEncodedText() {
    int length = skipValue();
    return length == NULL
        ? ""
        : new String(bytes, position - length, length, StandardCharsets.UTF_8);
  }

  byte[] take(int length) {
    need(length);
    byte[] taken = new byte[length];
    System.arraycopy(bytes, position, taken, 0, length);
    position += length;
    return taken;
  }

  void skip(int length) {
    need(length);
    position += length;
  }

  String nulTerminatedText() {
    int end = position;
    while (end < limit && bytes[end] != 0) {
      end++;
    }
    String text = new String(bytes, position, end - position, StandardCharsets.UTF_8);
    position = Math.min(end + 1, limit);
    return text;
  }

  String restAsText() {
    String text = new String(bytes, position, remaining(), StandardCharsets.UTF_8);
    position = limit;
    return text;
  }

  private void need(int count) {
    if (remaining() < count) {
      throw malformed(count + " bytes wanted, " + remaining() + " left");
    }
  }

  static MysqlException malformed(String what) {
    return MysqlException.client(
        MysqlException.MALFORMED_PACKET, "malformed packet from the database: " + what, null);
  }
}
