package dev.shunt.tablet.random;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/** Values of all kinds, with a liking for those that are known to be hard. */
final class Values {
  private static final List<String> LETTERS =
      List.of(
          "a",
          "A",
          "b",
          "z",
          " ",
          " ",
          "0",
          "7",
          "\0",
          "\t",
          "\n",
          "\r",
          "\\",
          "'",
          "\"",
          "%",
          "_",
          "`",
          "\u001a",
          "\u00e9",
          "\u00c9",
          "\u00df",
          "\u0131",
          "\u20ac",
          "\u4e2d",
          "\u6587",
          "\u8868",
          "\u30bd",
          "\u042f",
          "\u044f",
          "\u05d0",
          "\ud83d\ude00",
          "e\u0301",
          "\u00ad");

  private Values() {}

  static Literals integer(int bits, boolean unsigned) {
    long most = unsigned ? -1L >>> (64 - bits) : -1L >>> (65 - bits);
    long least = unsigned ? 0 : ~most;
    return random ->
        switch (random.nextInt(10)) {
          case 0 -> unsigned ? Long.toUnsignedString(most) : Long.toString(most);
          case 1 -> Long.toString(least);
          case 2, 3 -> {
            long any = random.nextLong();
            yield unsigned
                ? Long.toUnsignedString(any >>> (64 - bits))
                : Long.toString(any >> (64 - bits));
          }
          case 4 -> unsigned ? "1" : "-" + random.nextInt(20);
          default -> Integer.toString(random.nextInt(25));
        };
  }

  static Literals decimal(int precision, int scale) {
    return random -> {
      StringBuilder text = new StringBuilder(random.nextInt(3) == 0 ? "-" : "");
      int whole = precision - scale;
      text.append(digits(random, random.nextInt(4) == 0 ? whole : random.nextInt(whole + 1)));
      if (scale > 0) {
        text.append('.').append(digits(random, random.nextInt(1, scale + 1)));
      }
      return random.nextInt(5) == 0 ? "0" : text.toString();
    };
  }

  private static String digits(Random random, int count) {
    StringBuilder text = new StringBuilder(count == 0 ? "0" : "");
    for (int i = 0; i < count; i++) {
      text.append(random.nextInt(4) == 0 ? 9 : random.nextInt(10));
    }
    return text.toString();
  }

  static Literals floating(int exponent) {
    return random ->
        switch (random.nextInt(7)) {
          case 0 -> "0";
          case 1 -> Integer.toString(random.nextInt());
          case 2 -> random.nextDouble() + "e0";
          case 3 -> "-1e" + random.nextInt(20);
          case 4 -> "16777217.5e0";
          case 5 -> Float.toString(random.nextFloat()).toLowerCase(java.util.Locale.ROOT);
          default -> random.nextDouble() + "e" + random.nextInt(-exponent + 1, exponent);
        };
  }

  static Literals bits(int count) {
    return random -> "b'" + Long.toBinaryString(random.nextLong() >>> (64 - count)) + "'";
  }

  static String year(Random random) {
    return random.nextInt(5) == 0 ? "0" : Integer.toString(random.nextInt(1901, 2156));
  }

  static String date(Random random) {
    return "'" + plainDate(random) + "'";
  }

  private static String plainDate(Random random) {
    return switch (random.nextInt(8)) {
      case 0 -> "0000-00-00";
      case 1 -> "2024-00-00";
      case 2 -> "2023-11-00";
      case 3 -> "2024-02-31";
      case 4 -> "9999-12-31";
      default ->
          String.format(
              "%04d-%02d-%02d",
              random.nextInt(1000, 10_000), random.nextInt(1, 13), random.nextInt(1, 29));
    };
  }

  static String dateTime(Random random) {
    return "'" + plainDate(random) + " " + clock(random, 24) + "'";
  }

  static String time(Random random) {
    return switch (random.nextInt(6)) {
      case 0 -> "'838:59:59'";
      case 1 -> "'-838:59:59'";
      case 2 -> "'-00:00:00.000001'";
      default -> "'" + (random.nextBoolean() ? "-" : "") + clock(random, 838) + "'";
    };
  }

  static String timestamp(Random random) {
    return switch (random.nextInt(6)) {
      case 0 -> "'0000-00-00 00:00:00'";
      case 1 -> "FROM_UNIXTIME(1)";
      case 2 -> "FROM_UNIXTIME(2147483647)";
      default ->
          String.format(
              "'%04d-%02d-%02d %s'",
              random.nextInt(1971, 2038),
              random.nextInt(1, 13),
              random.nextInt(1, 29),
              clock(random, 24));
    };
  }

  private static String clock(Random random, int hours) {
    return String.format(
        "%02d:%02d:%02d.%06d",
        random.nextInt(hours),
        random.nextInt(60),
        random.nextInt(60),
        random.nextInt(3) == 0 ? 0 : random.nextInt(1_000_000));
  }

  /** Text of up to so many characters, some of which a character set may not have. */
  static Literals text(int most) {
    return random -> {
      int length =
          random.nextInt(4) == 0 ? random.nextInt(most + 1) : random.nextInt(Math.min(most, 3) + 1);
      StringBuilder text = new StringBuilder();
      while (text.length() < length) {
        text.append(LETTERS.get(random.nextInt(LETTERS.size())));
      }
      return text(text.toString());
    };
  }

  static String text(String value) {
    return "_utf8mb4 X'" + HexFormat.of().formatHex(value.getBytes(UTF_8)) + "'";
  }

  static Literals bytes(int most) {
    return random -> {
      int length =
          random.nextInt(4) == 0 ? random.nextInt(most + 1) : random.nextInt(Math.min(most, 4) + 1);
      byte[] value = new byte[length];
      random.nextBytes(value);
      if (length > 0 && random.nextInt(3) == 0) {
        value[length - 1] = (byte) (random.nextBoolean() ? 0 : ' ');
      }
      return "X'" + HexFormat.of().formatHex(value) + "'";
    };
  }

  static String geometry(Random random) {
    int x = random.nextInt(90);
    int y = random.nextInt(90);
    return switch (random.nextInt(5)) {
      case 0 -> shape("LINESTRING(" + x + " " + y + ", -1.5 2)");
      case 1 -> shape("POLYGON((0 0, " + (x + 1) + " 0, 9 " + (y + 1) + ", 0 0))");
      case 2 -> shape("MULTIPOINT(" + x + " " + y + ", 1 1)");
      case 3 -> shape("GEOMETRYCOLLECTION(POINT(" + x + " 1), LINESTRING(0 0, 1 1))");
      default -> point(random);
    };
  }

  static String point(Random random) {
    return shape("POINT(" + random.nextDouble() + " " + -random.nextInt(90) + ")");
  }

  private static String shape(String wellKnownText) {
    return "ST_GeomFromText(" + text(wellKnownText) + ")";
  }

  static String uuid(Random random) {
    String hex = HexFormat.of().toHexDigits(random.nextLong());
    String more = HexFormat.of().toHexDigits(random.nextInt(9) == 0 ? 0 : random.nextLong());
    return text(
        hex.substring(0, 8)
            + "-"
            + hex.substring(8, 12)
            + "-"
            + random.nextInt(1, 8)
            + hex.substring(13, 16)
            + "-"
            + "89ab".charAt(random.nextInt(4))
            + more.substring(1, 4)
            + "-"
            + more.substring(4, 16));
  }

  static String inet4(Random random) {
    return text("10." + random.nextInt(3) + "." + random.nextInt(256) + ".0");
  }

  static String inet6(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> text("::");
      case 1 -> text("::ffff:10.0.0." + random.nextInt(256));
      default -> {
        StringBuilder words = new StringBuilder();
        for (int i = 0; i < 8; i++) {
          words.append(i == 0 ? "" : ":");
          words.append(random.nextBoolean() ? "0" : Integer.toHexString(random.nextInt(65536)));
        }
        yield text(words.toString());
      }
    };
  }
}
