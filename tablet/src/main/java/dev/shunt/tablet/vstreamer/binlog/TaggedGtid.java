package dev.shunt.tablet.vstreamer.binlog;

import static java.nio.charset.StandardCharsets.US_ASCII;

/**
 * MySQL's GTID_TAGGED_LOG_EVENT (8.3 and later): numbered fields whose integers give their width by
 * the count of low one bits in their first byte.
 */
final class TaggedGtid {
  private static final int FLAGS = 0;
  private static final int SOURCE = 1;
  private static final int NUMBER = 2;
  private static final int TAG = 3;

  private TaggedGtid() {}

  static BinlogEvent read(long timestamp, ByteReader in) {
    unsigned(in); // version
    unsigned(in); // size
    unsigned(in); // last field that must be understood
    expect(in, FLAGS);
    unsigned(in);
    expect(in, SOURCE);
    byte[] source = new byte[16];
    for (int i = 0; i < source.length; i++) {
      source[i] = (byte) unsigned(in);
    }
    expect(in, NUMBER);
    long zigzag = unsigned(in);
    long number = zigzag >>> 1 ^ -(zigzag & 1);
    expect(in, TAG);
    String tag = new String(in.take((int) unsigned(in)), US_ASCII);
    String gtid = BinlogDecoder.uuid(source) + (tag.isEmpty() ? ":" : ":" + tag + ":") + number;
    return new BinlogEvent.Gtid(timestamp, gtid, false, 0, 0, false);
  }

  private static void expect(ByteReader in, int field) {
    long found = unsigned(in);
    if (found != field) {
      throw new BinlogFormatException("tagged GTID has field " + found + " in place of " + field);
    }
  }

  private static long unsigned(ByteReader in) {
    int first = in.uint8();
    int more = Integer.numberOfTrailingZeros(~first);
    if (more >= 8) {
      return in.int64();
    }
    long rest = in.littleEndian(more);
    int firstBits = 8 - more - 1;
    return (first >>> (more + 1)) | rest << Math.max(0, firstBits);
  }
}
