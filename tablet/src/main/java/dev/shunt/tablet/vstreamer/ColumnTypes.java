package dev.shunt.tablet.vstreamer;

import dev.shunt.tablet.schema.ColumnSchema;
import dev.shunt.tablet.schema.ServerCharsets;
import java.util.Set;

/** Compares types of the binary log, by their names there, with those of information_schema. */
final class ColumnTypes {
  private static final Set<String> NUMBERS =
      Set.of("tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "float", "double");
  private static final Set<String> DATES = Set.of("date", "datetime");
  private static final Set<String> TEXTS =
      Set.of("char", "varchar", "tinytext", "text", "mediumtext", "longtext");

  private ColumnTypes() {}

  static boolean isNumber(String logged) {
    return NUMBERS.contains(logged);
  }

  /** Whether a column of a type is logged so. */
  static boolean same(String logged, String dataType) {
    return switch (dataType) {
      case "tinyint",
          "smallint",
          "mediumint",
          "int",
          "bigint",
          "decimal",
          "float",
          "double",
          "year",
          "date",
          "datetime",
          "timestamp",
          "time",
          "char",
          "varchar",
          "tinytext",
          "text",
          "mediumtext",
          "longtext",
          "enum",
          "set",
          "bit",
          "json" ->
          logged.equals(dataType);
      case "binary", "uuid", "inet6", "inet4" -> logged.equals("char");
      case "varbinary" -> logged.equals("varchar");
      case "tinyblob" -> logged.equals("tinytext");
      case "blob" -> logged.equals("text");
      case "mediumblob" -> logged.equals("mediumtext");
      case "longblob" -> logged.equals("longtext");
      // MariaDB logs its vectors as strings.
      case "vector" -> logged.equals("vector") || logged.equals("varchar");
      case "geometry",
          "point",
          "linestring",
          "polygon",
          "multipoint",
          "multilinestring",
          "multipolygon",
          "geometrycollection",
          "geomcollection" ->
          logged.equals("geometry");
      // Nothing is known of it.
      default -> true;
    };
  }

  /** Whether a cell that was logged so is a value of a type too. */
  static boolean sameKind(String logged, String dataType) {
    return same(logged, dataType)
        || (NUMBERS.contains(logged) && NUMBERS.contains(dataType))
        || (DATES.contains(logged) && DATES.contains(dataType))
        || (TEXTS.contains(logged) && isString(dataType));
  }

  private static boolean isString(String dataType) {
    return TEXTS.contains(dataType)
        || dataType.endsWith("blob")
        || dataType.equals("binary")
        || dataType.equals("varbinary");
  }

  /**
   * Whether bytes that were logged in a character set are the same text in a column's.
   *
   * @param charset its name, empty when it is not known
   */
  static boolean sameBytes(String logged, String charset, ColumnSchema column) {
    String now = column.charset().isEmpty() ? "binary" : column.charset();
    if (charset.isEmpty() || charset.equals(now) || now.equals("binary")) {
      return true;
    }
    return switch (charset) {
      // A BLOB becomes a text as it is; BINARY of MariaDB's UUIDs does not.
      case "binary" -> !logged.equals("char");
      case "ascii" -> !ServerCharsets.isWide(now);
      case "utf8mb3", "utf8" -> now.equals("utf8mb4") || now.equals("utf8mb3");
      default -> false;
    };
  }
}
