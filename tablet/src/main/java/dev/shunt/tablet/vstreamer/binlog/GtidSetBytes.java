package dev.shunt.tablet.vstreamer.binlog;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/**
 * A MySQL GTID set as COM_BINLOG_DUMP_GTID takes it: for each source (and tag, from 8.3 on) its
 * intervals, starts inclusive and ends exclusive, little-endian.
 */
public final class GtidSetBytes {
  /** A start and an end. */
  private static final int INTERVAL_BYTES = 2 * Long.BYTES;

  private GtidSetBytes() {}

  /**
   * Encodes a set's text such as {@code uuid:1-5:7,uuid:tag:1-3}.
   *
   * @throws BinlogFormatException when the text is no GTID set
   */
  public static byte[] of(String text) {
    Map<String, ByteArrayOutputStream> bySource = new TreeMap<>();
    for (String part : text.split(",", -1)) {
      if (!part.isBlank()) {
        source(part.strip(), bySource);
      }
    }
    boolean tagged = bySource.keySet().stream().anyMatch(source -> source.indexOf(':') >= 0);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    long header = bySource.size();
    number(out, tagged ? 1L | header << 8 | 1L << 56 : header);
    bySource.forEach((source, intervals) -> {
      int colon = source.indexOf(':');
      String uuid = colon < 0 ? source : source.substring(0, colon);
      out.writeBytes(HexFormat.of().parseHex(uuid.replace("-", "")));
      if (tagged) {
        byte[] tag = (colon < 0 ? "" : source.substring(colon + 1)).getBytes(US_ASCII);
        out.write(tag.length << 1);
        out.writeBytes(tag);
      }
      number(out, intervals.size() / INTERVAL_BYTES);
      out.writeBytes(intervals.toByteArray());
    });
    return out.toByteArray();
  }

  private static void source(String part, Map<String, ByteArrayOutputStream> bySource) {
    String[] pieces = part.split(":", -1);
    String source = pieces[0];
    for (int i = 1; i < pieces.length; i++) {
      String piece = pieces[i].strip();
      if (piece.isEmpty()) {
        throw new BinlogFormatException("not a GTID set: " + part);
      }
      if (!Character.isDigit(piece.charAt(0))) {
        source = pieces[0] + ":" + piece;
        continue;
      }
      int dash = piece.indexOf('-');
      long first = Long.parseLong(dash < 0 ? piece : piece.substring(0, dash));
      long last = dash < 0 ? first : Long.parseLong(piece.substring(dash + 1));
      ByteArrayOutputStream out =
          bySource.computeIfAbsent(source, name -> new ByteArrayOutputStream());
      number(out, first);
      number(out, last + 1);
    }
  }

  private static void number(ByteArrayOutputStream out, long value) {
    for (int shift = 0; shift < 64; shift += 8) {
      out.write((int) (value >>> shift));
    }
  }
}
