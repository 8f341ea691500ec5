package dev.shunt.tablet.random;

import dev.shunt.embedded.Engine;
import dev.shunt.tablet.random.RandomColumn.Form;
import java.util.List;
import java.util.Random;

/** Makes random columns of every type that a server has. */
final class ColumnKinds {
  private static final List<String> COMMON =
      List.of(
          "utf8mb4 COLLATE utf8mb4_general_ci",
          "utf8mb4 COLLATE utf8mb4_bin",
          "utf8mb4 COLLATE utf8mb4_unicode_ci",
          "utf8mb3 COLLATE utf8mb3_general_ci",
          "utf8mb3 COLLATE utf8mb3_bin",
          "latin1 COLLATE latin1_swedish_ci",
          "latin1 COLLATE latin1_general_cs",
          "latin1 COLLATE latin1_bin",
          "latin1 COLLATE latin1_german2_ci",
          "gbk COLLATE gbk_chinese_ci",
          "gbk COLLATE gbk_bin",
          "ucs2 COLLATE ucs2_general_ci",
          "utf16 COLLATE utf16_general_ci",
          "utf16 COLLATE utf16_bin",
          "utf16le COLLATE utf16le_general_ci",
          "utf32 COLLATE utf32_general_ci",
          "sjis COLLATE sjis_japanese_ci",
          "big5 COLLATE big5_chinese_ci",
          "ujis COLLATE ujis_japanese_ci",
          "euckr COLLATE euckr_korean_ci",
          "ascii COLLATE ascii_general_ci",
          "cp1251 COLLATE cp1251_general_ci",
          "koi8r COLLATE koi8r_general_ci",
          "latin2 COLLATE latin2_general_ci",
          "hebrew COLLATE hebrew_general_ci",
          "binary");
  private static final List<String> MYSQL =
      List.of(
          "utf8mb4 COLLATE utf8mb4_0900_ai_ci",
          "utf8mb4 COLLATE utf8mb4_0900_as_cs",
          "utf8mb4 COLLATE utf8mb4_0900_bin",
          "utf8mb4 COLLATE utf8mb4_ja_0900_as_cs_ks",
          "gb18030 COLLATE gb18030_chinese_ci");
  private static final List<String> MARIADB =
      List.of(
          "utf8mb4 COLLATE utf8mb4_nopad_bin",
          "utf8mb4 COLLATE utf8mb4_unicode_nopad_ci",
          "utf8mb4 COLLATE uca1400_ai_ci",
          "utf8mb4 COLLATE uca1400_nopad_as_cs",
          "latin1 COLLATE latin1_swedish_nopad_ci");
  private static final String[] INTEGERS = {"TINYINT", "SMALLINT", "MEDIUMINT", "INT", "BIGINT"};
  private static final int[] WIDTHS = {8, 16, 24, 32, 64};
  private static final String[] TEXTS = {"TINYTEXT", "TEXT", "MEDIUMTEXT", "LONGTEXT"};
  private static final String[] BLOBS = {"TINYBLOB", "BLOB", "MEDIUMBLOB", "LONGBLOB"};

  private final Engine engine;
  private final Random random;

  ColumnKinds(Engine engine, Random random) {
    this.engine = engine;
    this.random = random;
  }

  private RandomColumn column(String name, String type, Literals literals, Form form) {
    return new RandomColumn(name, type, "", literals, form, random.nextInt(5) > 1);
  }

  /** A column that a key can have without a prefix. */
  RandomColumn forKey(String name) {
    while (true) {
      RandomColumn column = any(name);
      if (column.inKeys() || (column.form() == Form.FLOATING && random.nextInt(4) == 0)) {
        return column.nullable(false);
      }
    }
  }

  /** A string or a blob of any size. */
  RandomColumn forPrefix(String name) {
    return random.nextBoolean() ? text(name) : blob(name);
  }

  RandomColumn any(String name) {
    return switch (random.nextInt(22)) {
      case 0, 1, 2 -> integer(name);
      case 3 -> decimal(name);
      case 4 -> floating(name);
      case 5 -> bits(name);
      case 6 -> day(name);
      case 7, 8 -> moment(name);
      case 9, 10, 11 -> string(name);
      case 12 -> text(name);
      case 13, 14 -> binary(name);
      case 15 -> blob(name);
      case 16 -> enumeration(name);
      case 17 -> set(name);
      case 18 -> json(name);
      case 19 -> geometry(name);
      default -> ofEngine(name);
    };
  }

  RandomColumn integer(String name) {
    int at = random.nextInt(INTEGERS.length);
    String type = INTEGERS[at];
    boolean unsigned = random.nextInt(3) == 0;
    if (unsigned) {
      type +=
          random.nextInt(3) == 0
              ? "(" + random.nextInt(1, 12) + ") UNSIGNED ZEROFILL"
              : " UNSIGNED";
    } else if (random.nextInt(12) == 0) {
      type = "TINYINT(1)";
      at = 0;
    }
    return column(name, type, Values.integer(WIDTHS[at], unsigned), Form.INTEGER);
  }

  private RandomColumn decimal(String name) {
    int precision = random.nextInt(1, 66);
    int scale = random.nextInt(Math.min(precision, 30) + 1);
    String attribute =
        switch (random.nextInt(6)) {
          case 0 -> " UNSIGNED";
          case 1 -> " ZEROFILL";
          default -> "";
        };
    return column(
        name,
        "DECIMAL(" + precision + "," + scale + ")" + attribute,
        Values.decimal(precision, scale),
        Form.KEY);
  }

  private RandomColumn floating(String name) {
    return switch (random.nextInt(5)) {
      case 0 -> column(name, "FLOAT(9,3)", Values.decimal(9, 3), Form.FLOATING);
      case 1 -> column(name, "DOUBLE(12,4)", Values.decimal(12, 4), Form.FLOATING);
      case 2 -> column(name, "FLOAT", Values.floating(37), Form.FLOATING);
      default -> column(name, "DOUBLE", Values.floating(300), Form.FLOATING);
    };
  }

  private RandomColumn bits(String name) {
    int count = random.nextInt(1, 65);
    return column(name, "BIT(" + count + ")", Values.bits(count), Form.KEY);
  }

  private RandomColumn day(String name) {
    return switch (random.nextInt(3)) {
      case 0 -> column(name, "YEAR", Values::year, Form.KEY);
      default -> column(name, "DATE", Values::date, Form.KEY);
    };
  }

  private RandomColumn moment(String name) {
    int digits = random.nextInt(7);
    String precision = digits == 0 ? "" : "(" + digits + ")";
    return switch (random.nextInt(4)) {
      case 0 -> column(name, "TIME" + precision, Values::time, Form.KEY);
      case 1 -> column(name, "TIMESTAMP" + precision, Values::timestamp, Form.KEY);
      case 2 -> {
        String now = "CURRENT_TIMESTAMP" + precision;
        String type = random.nextBoolean() ? "TIMESTAMP" : "DATETIME";
        yield column(name, type + precision, Values::timestamp, Form.KEY)
            .with(" DEFAULT " + now + " ON UPDATE " + now);
      }
      default -> column(name, "DATETIME" + precision, Values::dateTime, Form.KEY);
    };
  }

  private String charset() {
    List<String> own = engine == Engine.MYSQL ? MYSQL : MARIADB;
    int at = random.nextInt(COMMON.size() + own.size());
    return " CHARACTER SET " + (at < COMMON.size() ? COMMON.get(at) : own.get(at - COMMON.size()));
  }

  private RandomColumn string(String name) {
    int length = random.nextInt(8) == 0 ? random.nextInt(61, 260) : random.nextInt(1, 61);
    String type = (random.nextInt(3) == 0 ? "CHAR(" + Math.min(length, 100) : "VARCHAR(" + length);
    // A key must not have more than 3072 bytes.
    Form form = length > 60 ? Form.PREFIX_KEY : Form.KEY;
    return column(name, type + ")" + charset(), Values.text(length + 1), form);
  }

  private RandomColumn text(String name) {
    int most = random.nextBoolean() ? 20 : 300;
    String type = TEXTS[random.nextInt(TEXTS.length)];
    return column(name, type + charset(), Values.text(most), Form.PREFIX_KEY);
  }

  private RandomColumn binary(String name) {
    int length = random.nextInt(8) == 0 ? random.nextInt(200, 300) : random.nextInt(1, 60);
    return random.nextBoolean()
        ? column(name, "BINARY(" + Math.min(length, 255) + ")", Values.bytes(length), Form.KEY)
        : column(name, "VARBINARY(" + length + ")", Values.bytes(length), Form.KEY);
  }

  private RandomColumn blob(String name) {
    int at = random.nextInt(BLOBS.length);
    return column(name, BLOBS[at], Values.bytes(at == 0 ? 255 : 600), Form.PREFIX_KEY);
  }

  private RandomColumn enumeration(String name) {
    if (random.nextInt(4) == 0) {
      StringBuilder many = new StringBuilder("ENUM('0'");
      for (int i = 1; i < 300; i++) {
        many.append(",'").append(i).append('\'');
      }
      return column(name, many + ")", r -> Integer.toString(r.nextInt(1, 301)), Form.KEY);
    }
    String charset = random.nextBoolean() ? " CHARACTER SET latin1" : " CHARACTER SET utf8mb4";
    // An ENUM with an empty string does not tell it from what was no element.
    boolean empty = random.nextBoolean();
    return column(
        name,
        "ENUM(" + (empty ? "''" : "'none'") + ",'a','b''c','d\\\\e','\u00e9','x y')" + charset,
        r -> r.nextInt(9) == 0 && !empty ? "'wrong'" : Integer.toString(r.nextInt(1, 7)),
        Form.KEY);
  }

  private RandomColumn set(String name) {
    int members = random.nextInt(1, 65);
    StringBuilder type = new StringBuilder("SET('\u00e9 0'");
    for (int i = 1; i < members; i++) {
      type.append(",'m").append(i).append('\'');
    }
    return column(
        name,
        type + ") CHARACTER SET utf8mb4",
        r -> Long.toUnsignedString(r.nextInt(4) == 0 ? 1 : r.nextLong() >>> (64 - members)),
        Form.KEY);
  }

  private RandomColumn json(String name) {
    return engine == Engine.MYSQL
        ? column(name, "JSON", JsonValues::mySql, Form.JSON)
        : column(name, "JSON", JsonValues::text, Form.OPAQUE);
  }

  /** NOT NULL without a value is an empty shape, which no server takes again. */
  private RandomColumn geometry(String name) {
    return switch (random.nextInt(3)) {
      case 0 -> column(name, "POINT", Values::point, Form.OPAQUE).nullable(true);
      default -> column(name, "GEOMETRY", Values::geometry, Form.OPAQUE).nullable(true);
    };
  }

  private RandomColumn ofEngine(String name) {
    if (engine == Engine.MYSQL) {
      return switch (random.nextInt(3)) {
        case 0 -> column(name, "VECTOR(3)", r -> vector(r), Form.OPAQUE).nullable(true);
        default -> json(name);
      };
    }
    return switch (random.nextInt(5)) {
      case 0 -> column(name, "UUID", Values::uuid, Form.KEY);
      case 1 -> column(name, "INET4", Values::inet4, Form.KEY);
      case 2 -> column(name, "INET6", Values::inet6, Form.KEY);
      case 3 ->
          column(
              name, "VARCHAR(200) COMPRESSED CHARACTER SET utf8mb4", Values.text(150), Form.OPAQUE);
      default -> column(name, "MEDIUMBLOB COMPRESSED", Values.bytes(600), Form.OPAQUE);
    };
  }

  private static String vector(Random random) {
    return "STRING_TO_VECTOR('[" + random.nextInt(9) + ", -0.1, 1e10]')";
  }
}
