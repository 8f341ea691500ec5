package dev.shunt.tablet.vreplication.writing;

import dev.shunt.tablet.schema.ColumnSchema;
import dev.shunt.tablet.schema.EnumElements;
import dev.shunt.tabletclient.FieldFlags;
import io.vitess.proto.Query;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What there is to compare of a column of either side.
 *
 * @param name its name
 * @param type type without sizes in lower case; empty when it is not known
 * @param fullType type with sizes and attributes, for messages
 * @param sizes the numbers in parentheses: length, or precision and scale, or fraction
 * @param elements of an ENUM or SET
 * @param unsigned whether it takes no negative numbers
 * @param nullable whether it takes NULL
 * @param given whether its values are known to be given rather than computed
 * @param charset character set of a text, an ENUM, a SET or JSON; empty when there is none, or it
 *     is not known
 * @param collation name of its collation; empty when there is none, or it is not known
 */
record ColumnForm(
    String name,
    String type,
    String fullType,
    List<Integer> sizes,
    List<String> elements,
    boolean unsigned,
    boolean nullable,
    boolean given,
    String charset,
    String collation) {
  private static final int BINARY = 63;
  private static final int NOT_NULL = 1;
  private static final int UNSIGNED = 32;

  ColumnForm {
    sizes = List.copyOf(sizes);
    elements = List.copyOf(elements);
  }

  /**
   * A field of the source.
   *
   * @param ours whether a tablet of ours sends it: others do not name the character set
   */
  static ColumnForm of(Query.Field field, Collations collations, boolean ours) {
    String full = field.getColumnType();
    String type = full.isEmpty() ? typeOf(field) : word(full);
    boolean texts = isText(type) || isEnumerated(type);
    String charset =
        type.equals("json")
            ? "utf8mb4"
            : texts && ours && namesCharset(field)
                ? plain(collations.charset(field.getCharset()))
                : "";
    return new ColumnForm(
        field.getName(),
        type,
        full.isEmpty() ? type : full,
        sizes(full),
        isEnumerated(type) ? EnumElements.of(full) : List.of(),
        (field.getFlags() & UNSIGNED) != 0 || attributes(full).contains("unsigned"),
        (field.getFlags() & NOT_NULL) == 0,
        FieldFlags.isGiven(field),
        charset,
        texts && ours && namesCharset(field) ? collations.name(field.getCharset()).orElse("") : "");
  }

  private static boolean namesCharset(Query.Field field) {
    return field.getCharset() != 0 && field.getCharset() != BINARY;
  }

  /** A column of the target. */
  static ColumnForm of(ColumnSchema column) {
    return new ColumnForm(
        column.name(),
        column.dataType(),
        column.columnType(),
        sizes(column.columnType()),
        column.enumerated() ? EnumElements.of(column.columnType()) : List.of(),
        column.unsigned(),
        column.nullable(),
        !column.generated(),
        column.dataType().equals("json") ? "utf8mb4" : plain(column.charset()),
        column.collation());
  }

  private static String plain(String charset) {
    return charset.equals("utf8") ? "utf8mb3" : charset;
  }

  /** A type as far as a field without a column type gives it. */
  private static String typeOf(Query.Field field) {
    boolean hasCharset = namesCharset(field);
    return switch (field.getType()) {
      case INT8, UINT8 -> "tinyint";
      case INT16, UINT16 -> "smallint";
      case INT24, UINT24 -> "mediumint";
      case INT32, UINT32 -> "int";
      case INT64, UINT64 -> "bigint";
      case FLOAT32 -> "float";
      case FLOAT64 -> "double";
      case DECIMAL -> "decimal";
      case BIT -> "bit";
      case YEAR -> "year";
      case DATE -> "date";
      case TIME -> "time";
      case DATETIME -> "datetime";
      case TIMESTAMP -> "timestamp";
      case JSON -> "json";
      case VECTOR -> "vector";
      case GEOMETRY -> "geometry";
      case CHAR -> hasCharset ? "char" : "";
      case VARCHAR -> hasCharset ? "varchar" : "";
      case TEXT -> hasCharset ? "text" : "";
      default -> ""; // also a column that the table no longer has
    };
  }

  private static String word(String fullType) {
    String lower = fullType.toLowerCase(Locale.ROOT);
    int end = 0;
    while (end < lower.length() && Character.isLetterOrDigit(lower.charAt(end))) {
      end++;
    }
    return switch (lower.substring(0, end)) {
      case "integer" -> "int";
      case "numeric" -> "decimal";
      case "geomcollection" -> "geometrycollection";
      default -> lower.substring(0, end);
    };
  }

  private static List<Integer> sizes(String fullType) {
    List<Integer> sizes = new ArrayList<>();
    int open = fullType.indexOf('(');
    int close = fullType.indexOf(')');
    if (open < 0 || close < open) {
      return sizes;
    }
    for (String size : fullType.substring(open + 1, close).split(",", -1)) {
      if (!size.strip().matches("[0-9]{1,9}")) {
        return List.of();
      }
      sizes.add(Integer.valueOf(size.strip()));
    }
    return sizes;
  }

  private static String attributes(String fullType) {
    return fullType.substring(fullType.lastIndexOf(')') + 1).toLowerCase(Locale.ROOT);
  }

  private static boolean isText(String type) {
    return switch (type) {
      case "char", "varchar", "tinytext", "text", "mediumtext", "longtext" -> true;
      default -> false;
    };
  }

  private static boolean isEnumerated(String type) {
    return type.equals("enum") || type.equals("set");
  }

  /** Whether nothing is known of its type. */
  boolean unknown() {
    return type.isEmpty();
  }

  boolean text() {
    return isText(type);
  }

  boolean enumerated() {
    return isEnumerated(type);
  }

  /** Whether its values may have blanks at their end. */
  boolean endsInBlanks() {
    return text() && !type.equals("char");
  }

  boolean integer() {
    return switch (type) {
      case "tinyint", "smallint", "mediumint", "int", "bigint" -> true;
      default -> false;
    };
  }

  boolean floating() {
    return type.equals("float") || type.equals("double");
  }

  boolean bytes() {
    return switch (type) {
      case "binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob" -> true;
      default -> false;
    };
  }

  boolean spatial() {
    return switch (type) {
      case "geometry",
          "point",
          "linestring",
          "polygon",
          "multipoint",
          "multilinestring",
          "multipolygon",
          "geometrycollection",
          "geomcollection" ->
          true;
      default -> false;
    };
  }

  /** Digits behind the point of a DECIMAL, or of a FLOAT that is rounded; else -1. */
  int scale() {
    return sizes.size() > 1 ? sizes.get(1) : type.equals("decimal") && !sizes.isEmpty() ? 0 : -1;
  }

  /** Digits of the fraction of a time. */
  int fraction() {
    return sizes.isEmpty() ? 0 : sizes.getFirst();
  }

  /** Bits of a BIT, characters or bytes of a string; 0 when it is not known. */
  int size() {
    return sizes.isEmpty() ? 0 : sizes.getFirst();
  }
}
