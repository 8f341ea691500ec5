package dev.shunt.tablet.vstreamer.binlog;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.StringJoiner;

/**
 * MariaDB's types that are text in SQL and bytes of a fixed number in the binary log, where zero
 * bytes at their end are left out.
 */
public enum FixedText {
  UUID(16) {
    @Override
    String text(byte[] value) {
      return BinlogDecoder.uuid(value);
    }
  },
  INET6(16) {
    @Override
    String text(byte[] value) {
      return inet6(value);
    }
  },
  INET4(4) {
    @Override
    String text(byte[] value) {
      return dotted(value, 0);
    }
  };

  private static final int WORDS = 8;

  private final int length;

  FixedText(int length) {
    this.length = length;
  }

  /** Bytes of a value. */
  int length() {
    return length;
  }

  abstract String text(byte[] value);

  /** The text that a SELECT gives for a value with all its bytes. */
  byte[] read(byte[] value) {
    return text(value).getBytes(US_ASCII);
  }

  private static String dotted(byte[] value, int from) {
    StringJoiner text = new StringJoiner(".");
    for (int i = from; i < from + 4; i++) {
      text.add(Integer.toString(value[i] & 0xff));
    }
    return text.toString();
  }

  /**
   * The first of the longest runs of zero words, even of a single one, is written as two colons; an
   * address that is or maps one of IPv4 ends in that.
   */
  private static String inet6(byte[] value) {
    int[] words = new int[WORDS];
    for (int i = 0; i < WORDS; i++) {
      words[i] = (value[2 * i] & 0xff) << 8 | (value[2 * i + 1] & 0xff);
    }
    int gap = 0;
    int gapLength = 0;
    for (int i = 0; i < WORDS; i++) {
      int run = zeros(words, i);
      if (run > gapLength) {
        gap = i;
        gapLength = run;
      }
      i += Math.max(0, run - 1);
    }
    boolean ipv4 = gap == 0 && (gapLength == 6 || (gapLength == 5 && words[5] == 0xffff));
    if (ipv4) {
      return (gapLength == 6 ? "::" : "::ffff:") + dotted(value, 12);
    }
    if (gapLength == 0) {
      return hex(words, 0, WORDS);
    }
    return hex(words, 0, gap) + "::" + hex(words, gap + gapLength, WORDS);
  }

  private static int zeros(int[] words, int from) {
    int at = from;
    while (at < WORDS && words[at] == 0) {
      at++;
    }
    return at - from;
  }

  private static String hex(int[] words, int from, int to) {
    StringJoiner text = new StringJoiner(":");
    for (int i = from; i < to; i++) {
      text.add(Integer.toHexString(words[i]));
    }
    return text.toString();
  }
}
