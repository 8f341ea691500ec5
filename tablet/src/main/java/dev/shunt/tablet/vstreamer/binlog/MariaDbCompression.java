package dev.shunt.tablet.vstreamer.binlog;

import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** MariaDB's log_bin_compress: a byte with the length's width, the length, then a zlib stream. */
final class MariaDbCompression {
  private MariaDbCompression() {}

  static byte[] expand(ByteReader in) {
    int width = in.uint8() & 7;
    byte[] expanded = new byte[Math.toIntExact(in.bigEndian(width))];
    Inflater inflater = new Inflater();
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
