package dev.shunt.tablet.random;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.SqlText;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A table of the target for rows of a random table, with a schema of its own: other types, keys,
 * columns and their order. Everything follows from the seed and what the server takes.
 */
final class UnlikeTable {
  private static final int TRIES = 6;
  private static final String[] INTEGERS = {"TINYINT", "SMALLINT", "MEDIUMINT", "INT", "BIGINT"};
  private static final String[] TEXTS = {"TINYTEXT", "TEXT", "MEDIUMTEXT", "LONGTEXT"};
  private static final String[] CHARSETS = {
    "utf8mb4 COLLATE utf8mb4_bin",
    "utf8mb4 COLLATE utf8mb4_general_ci",
    "latin1 COLLATE latin1_swedish_ci",
    "latin1 COLLATE latin1_bin",
    "utf16 COLLATE utf16_general_ci",
    "ascii COLLATE ascii_general_ci"
  };
  private static final String EXTRA = "x_extra";
  private static final Pattern WORD =
      Pattern.compile("^(\\w+)(?:\\(([0-9, ]+)\\))?(.*)$", Pattern.DOTALL);

  private final RandomTable source;
  private final Random random;
  private boolean extra;

  private UnlikeTable(RandomTable source, Random random) {
    this.source = source;
    this.random = random;
  }

  /** Name of the table on one of the sides. */
  static String name(RandomTable source, String side) {
    return side + source.name();
  }

  /** Creates a table of the same schema for each side. */
  static void create(
      MysqlConnection connection, RandomTable source, Random random, List<String> sides) {
    connection.execute("SET SESSION sql_mode = ''");
    for (int i = 0; ; i++) {
      UnlikeTable unlike = new UnlikeTable(source, random);
      String body = i < TRIES ? unlike.body() : unlike.same();
      String trigger = i < TRIES ? unlike.trigger() : "";
      try {
        for (String side : sides) {
          String name = SqlText.identifier(name(source, side));
          connection.execute("CREATE TABLE " + name + " " + unlike.referring(body, side));
          if (!trigger.isEmpty()) {
            connection.execute(
                trigger.formatted(SqlText.identifier("g" + name(source, side)), name));
          }
        }
        return;
      } catch (MysqlException e) {
        if (i == TRIES) {
          throw e;
        }
        for (String side : sides) {
          connection.execute("DROP TABLE IF EXISTS " + SqlText.identifier(name(source, side)));
        }
      }
    }
  }

  private String referring(String body, String side) {
    RandomTable parent = source.parent();
    return parent == null
        ? body
        : body.replace(
            "REFERENCES " + parent.quoted(),
            "REFERENCES " + SqlText.identifier(name(parent, side)));
  }

  private String same() {
    return body(
        source.columns().stream().map(c -> c.quoted() + " " + c.definition()).toList(),
        source.keys());
  }

  private static String body(List<String> columns, List<String> keys) {
    List<String> parts = new ArrayList<>(columns);
    parts.addAll(keys);
    return "(\n  " + String.join(",\n  ", parts) + "\n)";
  }

  private String body() {
    List<String> keys = keys();
    boolean counted = keys.equals(source.keys());
    List<String> columns = new ArrayList<>();
    for (RandomColumn column : source.columns()) {
      RandomColumn other = column;
      boolean tied = column.name().equals("id") || column.name().equals("parent");
      if (column.written() && !tied && random.nextInt(3) == 0) {
        other =
            new RandomColumn(
                column.name(),
                type(column.type()),
                column.attributes(),
                column.literals(),
                column.form(),
                random.nextInt(6) == 0 ? !column.nullable() : column.nullable());
      }
      String definition = other.definition();
      columns.add(
          other.quoted()
              + " "
              + (counted ? definition : definition.replace(" AUTO_INCREMENT", "")));
    }
    boolean keyed =
        keys.stream()
            .anyMatch(key -> key.startsWith("PRIMARY KEY") || key.startsWith("UNIQUE KEY"));
    if (keyed && random.nextInt(3) == 0) {
      extra = true;
      columns.add(random.nextInt(columns.size() + 1), EXTRA + " INT NOT NULL DEFAULT 5");
    }
    if (random.nextInt(3) == 0) {
      Collections.shuffle(columns, random);
    }
    return body(columns, keys);
  }

  /** Counts the changes of each row. */
  private String trigger() {
    return extra && random.nextInt(3) == 0
        ? "CREATE TRIGGER %s BEFORE UPDATE ON %s FOR EACH ROW SET NEW."
            + EXTRA
            + " = OLD."
            + EXTRA
            + " + 1"
        : "";
  }

  private List<String> keys() {
    List<String> keys = new ArrayList<>(source.keys());
    List<RandomColumn> usable =
        source.columns().stream().filter(c -> c.inKeys() && c.written()).toList();
    boolean isParent =
        source.name().endsWith("p") && source.keys().getFirst().equals("PRIMARY KEY (`id`)");
    if (usable.isEmpty() || isParent) {
      return keys;
    }
    RandomColumn one = usable.get(random.nextInt(usable.size()));
    switch (random.nextInt(8)) {
      case 0, 1 -> withoutUnique(keys);
      case 2 -> {
        withoutUnique(keys);
        keys.add("PRIMARY KEY (" + one.quoted() + ")");
      }
      case 3 -> {
        if (!source.key().isEmpty()) {
          withoutUnique(keys);
          keys.add("PRIMARY KEY (" + SqlText.identifier(source.key().getFirst()) + ")");
        }
      }
      case 4 -> keys.add("UNIQUE KEY x_u (" + one.quoted() + ")");
      case 5 -> {
        withoutUnique(keys);
        keys.add("UNIQUE KEY x_u (" + one.quoted() + ")");
      }
      case 6 -> keys.removeIf(key -> key.startsWith("FOREIGN KEY"));
      default -> {}
    }
    return keys;
  }

  private static void withoutUnique(List<String> keys) {
    keys.removeIf(key -> key.startsWith("PRIMARY KEY") || key.startsWith("UNIQUE KEY"));
  }

  /** Another type for values of one. */
  private String type(String type) {
    Matcher matcher = WORD.matcher(type);
    if (!matcher.matches()) {
      return type;
    }
    String word = matcher.group(1);
    String[] sizes = matcher.group(2) == null ? new String[0] : matcher.group(2).split(",", -1);
    int size = sizes.length > 0 ? Integer.parseInt(sizes[0].strip()) : 0;
    String rest = matcher.group(3);
    return switch (word) {
      case "TINYINT", "SMALLINT", "MEDIUMINT", "INT", "BIGINT" -> integer(rest);
      case "DECIMAL" -> {
        int scale = Math.clamp(Integer.parseInt(sizes[1].strip()) + random.nextInt(4) - 1, 0, 30);
        yield "DECIMAL("
            + Math.clamp(size + random.nextInt(4) - 1, Math.max(1, scale), 65)
            + ","
            + scale
            + ")";
      }
      case "FLOAT", "DOUBLE" -> random.nextBoolean() ? "DOUBLE" : "FLOAT";
      case "TIME", "TIMESTAMP", "DATETIME" -> time(word, rest);
      case "CHAR", "VARCHAR", "TINYTEXT", "TEXT", "MEDIUMTEXT", "LONGTEXT" ->
          text(word, size, rest);
      case "BINARY", "VARBINARY" ->
          (random.nextBoolean() ? word : "VARBINARY")
              + "("
              + Math.clamp((long) size * random.nextInt(1, 5) / 2, 1, 255)
              + ")";
      case "TINYBLOB", "BLOB", "MEDIUMBLOB" -> "LONGBLOB";
      case "BIT" -> "BIT(" + Math.clamp(size + random.nextInt(5) - 1, 1, 64) + ")";
      case "POINT" -> "GEOMETRY";
      case "ENUM", "SET" -> elements(type);
      case "YEAR" -> "INT";
      default -> type;
    };
  }

  private String integer(String rest) {
    String other = INTEGERS[random.nextInt(INTEGERS.length)];
    return switch (random.nextInt(6)) {
      case 0 -> "DECIMAL(20,0)";
      case 1 -> "DOUBLE";
      case 2 -> "VARCHAR(30) CHARACTER SET utf8mb4";
      case 3 -> other + " UNSIGNED";
      default -> other + (rest.contains("UNSIGNED") ? " UNSIGNED" : "");
    };
  }

  private String time(String word, String rest) {
    return rest.isBlank() ? word + "(" + random.nextInt(7) + ")" : word;
  }

  private String text(String word, int size, String rest) {
    String charset =
        random.nextInt(3) == 0
            ? " CHARACTER SET " + CHARSETS[random.nextInt(CHARSETS.length)]
            : rest;
    int other = Math.clamp((long) Math.max(size, 2) * random.nextInt(1, 7) / 3, 1, 255);
    return switch (random.nextInt(4)) {
      case 0 -> "CHAR(" + Math.min(other, 100) + ")" + charset;
      case 1 -> "VARCHAR(" + other + ")" + charset;
      case 2 -> TEXTS[random.nextInt(TEXTS.length)] + charset;
      default -> word + (size > 0 ? "(" + size + ")" : "") + charset;
    };
  }

  private String elements(String type) {
    int close = type.lastIndexOf(')');
    String more = type.substring(0, close) + ",'further'" + type.substring(close);
    return switch (random.nextInt(3)) {
      case 0 -> more;
      case 1 ->
          type.substring(0, type.indexOf('(') + 1)
              + "'before',"
              + type.substring(type.indexOf('(') + 1);
      default -> "VARCHAR(900) CHARACTER SET utf8mb4";
    };
  }
}
