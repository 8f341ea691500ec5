package dev.shunt.tablet.random;

import java.util.Random;

/** JSON documents as SQL literals, for MySQL also with types that JSON text does not have. */
final class JsonValues {
  private static final String[] STRINGS = {
    "",
    "a",
    "Z ",
    "\\\"",
    "\\\\",
    "\\u0001\\n",
    "\u00e9",
    "\ud83d\ude00",
    "it's",
    "/",
    "base64:type"
  };
  private static final String[] NUMBERS = {
    "0",
    "-1",
    "32768",
    "-70000",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551615",
    "1.5",
    "-0.25",
    "0.1",
    "1e100",
    "-2.5e-7",
    "1.0",
    "123456789012345.6"
  };

  private JsonValues() {}

  static String text(Random random) {
    if (random.nextInt(30) == 0) {
      return "CONCAT("
          + Values.text("[1, \"")
          + ", REPEAT('l', 70000), "
          + Values.text("\"]")
          + ")";
    }
    StringBuilder json = new StringBuilder();
    append(json, random, random.nextInt(4));
    return Values.text(json.toString());
  }

  static String mySql(Random random) {
    return switch (random.nextInt(10)) {
      case 0 -> "JSON_OBJECT('d', CAST('2024-02-03' AS DATE), 'n', CAST('12.50' AS DECIMAL(10,3)))";
      case 1 ->
          "JSON_ARRAY(CAST('2024-02-03 04:05:06.07' AS DATETIME(3)), CAST('-12:13:14.5' AS TIME(2)),"
              + " X'00ff', b'101', TRUE)";
      case 2 -> "CAST(18446744073709551615 AS JSON)";
      default -> text(random);
    };
  }

  private static void append(StringBuilder json, Random random, int depth) {
    switch (depth == 0 ? random.nextInt(3) : random.nextInt(6)) {
      case 0 -> json.append(NUMBERS[random.nextInt(NUMBERS.length)]);
      case 1 -> string(json, random);
      case 2 -> json.append(new String[] {"null", "true", "false"}[random.nextInt(3)]);
      case 3 -> {
        json.append('[');
        for (int i = random.nextInt(4); i > 0; i--) {
          append(json, random, depth - 1);
          json.append(i > 1 ? "," : "");
        }
        json.append(']');
      }
      default -> {
        // Known names, so that paths of updates lead somewhere.
        json.append('{');
        for (int i = random.nextInt(4); i > 0; i--) {
          json.append('"').append((char) ('a' + i)).append("\":");
          append(json, random, depth - 1);
          json.append(',');
        }
        string(json, random);
        json.append(":");
        append(json, random, depth - 1);
        json.append('}');
      }
    }
  }

  private static void string(StringBuilder json, Random random) {
    json.append('"').append(STRINGS[random.nextInt(STRINGS.length)]).append('"');
  }

  /** An expression that changes a part of a JSON column. */
  static String change(String column, Random random) {
    String path =
        new String[] {"$.a", "$.b", "$.c", "$.b.c", "$[0]", "$[1]", "$.\"\\u00e9\""}
            [random.nextInt(7)];
    String place = Values.text(path);
    String value =
        switch (random.nextInt(6)) {
          case 0 -> "NULL";
          case 1 -> Integer.toString(random.nextInt());
          case 2 -> random.nextDouble() + "e0";
          case 3 -> "JSON_ARRAY(1, " + Values.text("x'\"\\ ") + ", NULL)";
          case 4 -> "CAST('1.50' AS DECIMAL(10,2))";
          default -> Values.text("s" + random.nextInt(9));
        };
    return switch (random.nextInt(4)) {
      case 0 -> "JSON_REMOVE(" + column + ", " + place + ")";
      case 1 -> "JSON_REPLACE(" + column + ", " + place + ", " + value + ")";
      case 2 ->
          "JSON_SET(JSON_REMOVE(" + column + ", " + place + "), '$.b', " + value + ", '$.z', 1)";
      default -> "JSON_SET(" + column + ", " + place + ", " + value + ")";
    };
  }
}
