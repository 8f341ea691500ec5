package dev.shunt.tablet.vstreamer.binlog;

import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * MariaDB's log_bin_compress and COMPRESSED columns: a byte with the length's width, the length,
 * then a zlib stream.
 */
final class MariaDbCompression {
  private MariaDbCompression() {}

  static byte[] expand(ByteReader in) {
    return expand(in, in.uint8() & 7, true);
  }

  /** The value of a COMPRESSED column. */
  static byte[] cell(ByteReader in) {
    if (in.remaining() == 0) {
      return new byte[0];
    }
    int header = in.uint8();
    return switch (header >> 4) {
      case 0 -> in.takeRest(); // too short to be worth it
      case 8 -> expand(in, header & 7, (header & 8) == 0);
      default ->
          throw new BinlogFormatException("a column is compressed by method " + (header >> 4));
    };
  }

  private static byte[] expand(ByteReader in, int width, boolean wrapped) {
    byte[] expanded = new byte[Math.toIntExact(in.bigEndian(width))];
    Inflater inflater = new Inflater(!wrapped);
    try {
      inflater.setInput(in.takeRest());
      int length = 0;
      while (length < expanded.length) {
        int part = inflater.inflate(expanded, length, expanded.length - length);
        if (part == 0) {
          throw new BinlogFormatException("compressed event is shorter than it says");
        }
        length += part;
      }
      return expanded;
    } catch (DataFormatException e) {
      throw new BinlogFormatException("compressed event can't be expanded", e);
    } finally {
      inflater.end();
    }
  }
}
