package dev.shunt.tablet.vstreamer.binlog;

import java.util.Arrays;

/** A cursor over little-endian binary log bytes. Reading past the end is a broken event. */
public final class ByteReader {
  private final byte[] bytes;
  private int position;
  private final int end;

  public ByteReader(byte[] bytes) {
    this(bytes, 0, bytes.length);
  }

  /** Reads {@code bytes} from offset {@code start} (inclusive) to {@code end} (exclusive). */
  public ByteReader(byte[] bytes, int start, int end) {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
  }

  public int remaining() {
    return end - position;
  }

  public int position() {
    return position;
  }

  public byte[] array() {
    return bytes;
  }

  public int uint8() {
    return bytes[advance(1)] & 0xff;
  }

  public int uint16() {
    return (int) littleEndian(2);
  }

  public long uint32() {
    return littleEndian(4);
  }

  public long int64() {
    return littleEndian(8);
  }

  /** An unsigned number of up to 8 bytes, least significant byte first. */
  public long littleEndian(int length) {
    int at = advance(length);
    long value = 0;
    for (int i = length - 1; i >= 0; i--) {
      value = value << 8 | (bytes[at + i] & 0xff);
    }
    return value;
  }

  /** An unsigned number of up to 8 bytes, most significant byte first. */
  public long bigEndian(int length) {
    int at = advance(length);
    long value = 0;
    for (int i = 0; i < length; i++) {
      value = value << 8 | (bytes[at + i] & 0xff);
    }
    return value;
  }

  /** MySQL's length-encoded integer. */
  public long packed() {
    int first = uint8();
    return switch (first) {
      case 0xfc -> littleEndian(2);
      case 0xfd -> littleEndian(3);
      case 0xfe -> littleEndian(8);
      default -> first;
    };
  }

  public byte[] take(int length) {
    int at = advance(length);
    return Arrays.copyOfRange(bytes, at, at + length);
  }

  public byte[] takeRest() {
    return take(remaining());
  }

  public void skip(int length) {
    advance(length);
  }

  /** A reader of the next {@code length} bytes; this one moves behind them. */
  public ByteReader slice(int length) {
    int at = advance(length);
    return new ByteReader(bytes, at, at + length);
  }

  private int advance(int length) {
    if (length < 0 || length > end - position) {
      throw new BinlogFormatException(
          "binary log event ends after " + remaining() + " bytes where " + length + " are needed");
    }
    int at = position;
    position += length;
    return at;
  }
}
