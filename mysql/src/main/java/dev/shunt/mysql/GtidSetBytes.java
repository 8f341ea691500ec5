package dev.shunt.mysql;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.util.HexFormat;

/**
 * A GTID set as COM_BINLOG_DUMP_GTID takes it: for each source (and tag, from 8.3 on) its
 * intervals, starts inclusive and ends exclusive, little-endian.
 */
final class GtidSetBytes {
  private GtidSetBytes() {}

  static byte[] of(MysqlPosition position) {
    boolean tagged =
        position.intervals().keySet().stream().anyMatch(source -> !source.tag().isEmpty());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    long header = position.intervals().size();
    number(out, tagged ? 1L | header << 8 | 1L << 56 : header);
    position
        .intervals()
        .forEach((source, intervals) -> {
          out.writeBytes(HexFormat.of().parseHex(source.uuid().replace("-", "")));
          if (tagged) {
            byte[] tag = source.tag().getBytes(US_ASCII);
            out.write(tag.length << 1);
            out.writeBytes(tag);
          }
          number(out, intervals.size());
          intervals.forEach(interval -> {
            number(out, interval.first());
            number(out, interval.last() + 1);
          });
        });
    return out.toByteArray();
  }

  private static void number(ByteArrayOutputStream out, long value) {
    for (int shift = 0; shift < 64; shift += 8) {
      out.write((int) (value >>> shift));
    }
  }
}
