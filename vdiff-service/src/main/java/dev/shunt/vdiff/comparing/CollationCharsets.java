package dev.shunt.vdiff.comparing;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Character sets by the numbers of their collations, as fields of streams carry them. */
final class CollationCharsets {
  /** The number of what is no text. */
  static final int BINARY = 63;

  private CollationCharsets() {}

  /** Java's; empty for one that is not known. */
  static Optional<Charset> of(int collation) {
    if (collation >= 1024 && collation < 2048) { // MariaDB's that do not pad
      return of(collation - 1024);
    }
    if (collation >= 2048 && collation < 3328) { // MariaDB's of Unicode 14
      return switch (collation >> 8) {
        case 8, 9 -> Optional.of(StandardCharsets.UTF_8);
        case 10, 11 -> Optional.of(StandardCharsets.UTF_16BE);
        default -> Optional.of(Charset.forName("UTF-32BE"));
      };
    }
    boolean utf8 =
        between(collation, 192, 215)
            || between(collation, 223, 247)
            || between(collation, 255, 323)
            || between(collation, 576, 639);
    return utf8 ? Optional.of(StandardCharsets.UTF_8) : older(collation);
  }

  private static boolean between(int number, int from, int to) {
    return number >= from && number <= to;
  }

  private static Optional<Charset> older(int collation) {
    if (between(collation, 101, 124) || between(collation, 128, 151)) {
      return Optional.of(StandardCharsets.UTF_16BE);
    }
    if (between(collation, 160, 183)) {
      return Optional.of(Charset.forName("UTF-32BE"));
    }
    String name =
        switch (collation) {
          case 33, 45, 46, 76, 83 -> "UTF-8";
          case 11, 65 -> "US-ASCII";
          case 5, 8, 15, 31, 47, 48, 49, 94 -> "windows-1252";
          case 35, 54, 55, 90, 159 -> "UTF-16BE";
          case 56, 62 -> "UTF-16LE";
          case 60, 61 -> "UTF-32BE";
          case 2, 9, 21, 27, 77 -> "ISO-8859-2";
          case 30, 78 -> "ISO-8859-9";
          case 20, 41, 42, 79 -> "ISO-8859-13";
          case 25, 70 -> "ISO-8859-7";
          case 16, 71 -> "ISO-8859-8";
          case 26, 34, 44, 66, 99 -> "windows-1250";
          case 14, 23, 50, 51, 52 -> "windows-1251";
          case 57, 67 -> "windows-1256";
          case 29, 58, 59 -> "windows-1257";
          case 7, 74 -> "KOI8-R";
          case 22, 75 -> "KOI8-U";
          case 28, 87 -> "GBK";
          case 24, 86 -> "GB2312";
          case 248, 249, 250 -> "GB18030";
          case 1, 84 -> "Big5";
          case 13, 88, 95, 96 -> "windows-31j";
          case 12, 91, 97, 98 -> "EUC-JP";
          case 19, 85 -> "EUC-KR";
          default -> "";
        };
    return name.isEmpty() || !Charset.isSupported(name)
        ? Optional.empty()
        : Optional.of(Charset.forName(name));
  }
}
