package dev.shunt.tablet.schema;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.Row;
import dev.shunt.mysql.SqlText;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The character sets of a server, which alone knows them all, by asking it. */
public final class ServerCharsets {
  private static final int UNKNOWN_CHARACTER_SET = 1115;
  private static final int INVALID_CHARACTER_STRING = 1300;

  private static final Set<String> UTF8 = Set.of("utf8", "utf8mb3", "utf8mb4");

  private static final Set<String> WIDE = Set.of("utf16", "utf16le", "utf32", "ucs2");

  private ServerCharsets() {}

  /** Whether ASCII texts have other bytes in it. */
  public static boolean isWide(String charset) {
    return WIDE.contains(charset);
  }

  public static boolean isUtf8(String charset) {
    return UTF8.contains(charset);
  }

  private static boolean isAscii(String text) {
    return text.chars().allMatch(c -> c < 0x80);
  }

  /** Name of a collation's character set; empty when the server has none of that number. */
  public static String ofCollation(MysqlConnection connection, int collation) {
    return connection.flavor().catalog().charsetOfCollation(connection, collation).orElse("");
  }

  /**
   * Texts in a character set, each char a byte; without one, as MySQL does with bytes, in UTF-8.
   *
   * @throws MysqlException when the server has no such set
   */
  static List<String> encoded(MysqlConnection connection, String charset, List<String> texts) {
    boolean bytes = charset.isEmpty() || charset.equals("binary");
    if (bytes || isUtf8(charset)) {
      return texts.stream().map(text -> new String(text.getBytes(UTF_8), ISO_8859_1)).toList();
    }
    if (texts.isEmpty() || (!isWide(charset) && texts.stream().allMatch(ServerCharsets::isAscii))) {
      return texts;
    }
    String sql =
        texts.stream()
            .map(text ->
                "HEX(CONVERT(_utf8mb4 %s USING %s))"
                    .formatted(SqlText.hex(text.getBytes(UTF_8)), charset))
            .collect(Collectors.joining(", ", "SELECT ", ""));
    Row row = connection.execute(sql).only();
    return IntStream.range(0, texts.size())
        .mapToObj(i -> new String(HexFormat.of().parseHex(row.text(i)), ISO_8859_1))
        .toList();
  }

  /** Bytes of a character set as text; empty when they are none, or the server has no such set. */
  public static Optional<String> text(MysqlConnection connection, String charset, byte[] bytes) {
    try {
      String sql =
          "SELECT HEX(CONVERT(_%s %s USING utf8mb4))".formatted(charset, SqlText.hex(bytes));
      return Optional.ofNullable(connection.execute(sql).only().textOrNull(0))
          .map(hex -> new String(HexFormat.of().parseHex(hex), UTF_8));
    } catch (MysqlException e) {
      if (e.errno() == UNKNOWN_CHARACTER_SET || e.errno() == INVALID_CHARACTER_STRING) {
        return Optional.empty();
      }
      throw e;
    }
  }
}
