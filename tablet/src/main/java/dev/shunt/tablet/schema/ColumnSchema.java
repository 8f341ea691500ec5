package dev.shunt.tablet.schema;

import dev.shunt.tabletclient.FieldFlags;
import io.vitess.proto.Query;
import java.util.List;
import java.util.Locale;

/**
 * A column as information_schema describes it.
 *
 * @param name its name
 * @param dataType type without length, in lower case, for instance {@code varchar}
 * @param columnType type with length and attributes, for instance {@code int(5) unsigned zerofill}
 * @param length characters or bytes of a string type, else 0
 * @param charset name of the character set of a text type, else empty
 * @param collation name of the collation of a text type, else empty
 * @param collationId number of that collation; 63 (binary) for types without one
 * @param nullable whether it takes NULL
 * @param generated whether it is computed from other columns and so never written
 * @param autoIncrement whether the server counts it
 * @param updatesItself whether it is set to the current time when others are changed
 * @param defaulted whether an INSERT may leave it out, as it has a default other than NULL
 * @param elements strings of an ENUM or SET, each char a byte of the column's character set
 */
public record ColumnSchema(
    String name,
    String dataType,
    String columnType,
    long length,
    String charset,
    String collation,
    int collationId,
    boolean nullable,
    boolean generated,
    boolean autoIncrement,
    boolean updatesItself,
    boolean defaulted,
    List<String> elements) {
  private static final int NOT_NULL = 1;
  private static final int UNSIGNED = 32;

  public ColumnSchema {
    elements = List.copyOf(elements);
  }

  /** A column without a default that is neither an ENUM nor a SET. */
  public ColumnSchema(
      String name,
      String dataType,
      String columnType,
      long length,
      String charset,
      String collation,
      int collationId,
      boolean nullable,
      boolean generated,
      boolean autoIncrement,
      boolean updatesItself) {
    this(
        name,
        dataType,
        columnType,
        length,
        charset,
        collation,
        collationId,
        nullable,
        generated,
        autoIncrement,
        updatesItself,
        false,
        List.of());
  }

  /** Whether values are compared by a collation rather than byte by byte. */
  public boolean collated() {
    return !charset.isEmpty() && !charset.equals("binary") && !enumerated();
  }

  /** Whether it is an ENUM or a SET. */
  public boolean enumerated() {
    return dataType.equals("enum") || dataType.equals("set");
  }

  /** Whether it is of a type that nothing compares and that no CAST takes. */
  public boolean opaque() {
    Query.Type type = type();
    return type == Query.Type.GEOMETRY || type == Query.Type.VECTOR;
  }

  /** Whether it is a FLOAT or a DOUBLE, which streams carry with all digits of a double. */
  public boolean floating() {
    return dataType.equals("float") || dataType.equals("double");
  }

  public boolean unsigned() {
    return attributes().contains("unsigned");
  }

  /** What stands between the strings of a SET, each char a byte of the column's character set. */
  public String separator() {
    return switch (charset) {
      case "ucs2", "utf16" -> "\0,";
      case "utf16le" -> ",\0";
      case "utf32" -> "\0\0\0,";
      default -> ",";
    };
  }

  /** Characters to which a ZEROFILL column is padded; 0 for none. */
  public int zerofill() {
    if (!attributes().contains("zerofill")) {
      return 0;
    }
    int open = columnType.indexOf('(');
    int close = columnType.indexOf(')');
    String[] sizes = columnType.substring(open + 1, close).split(",", -1);
    int width = Integer.parseInt(sizes[0].trim());
    boolean fraction = sizes.length > 1 && Integer.parseInt(sizes[1].trim()) > 0;
    return fraction ? width + 1 : width;
  }

  private String attributes() {
    int close = columnType.lastIndexOf(')');
    return columnType.substring(close + 1).toLowerCase(Locale.ROOT);
  }

  /** The column as a field of a stream. */
  public Query.Field field(String table, String database) {
    return Query.Field.newBuilder()
        .setName(name)
        .setType(type())
        .setTable(table)
        .setOrgTable(table)
        .setDatabase(database)
        .setOrgName(name)
        .setColumnLength((int) Math.min(length, Integer.MAX_VALUE))
        .setCharset(collationId)
        .setFlags(
            (nullable ? 0 : NOT_NULL)
                | (unsigned() ? UNSIGNED : 0)
                | (generated ? 0 : FieldFlags.GIVEN))
        .setColumnType(columnType)
        .build();
  }

  private Query.Type type() {
    boolean unsigned = unsigned();
    return switch (dataType) {
      case "tinyint" -> unsigned ? Query.Type.UINT8 : Query.Type.INT8;
      case "smallint" -> unsigned ? Query.Type.UINT16 : Query.Type.INT16;
      case "mediumint" -> unsigned ? Query.Type.UINT24 : Query.Type.INT24;
      case "int" -> unsigned ? Query.Type.UINT32 : Query.Type.INT32;
      case "bigint" -> unsigned ? Query.Type.UINT64 : Query.Type.INT64;
      case "float" -> Query.Type.FLOAT32;
      case "double" -> Query.Type.FLOAT64;
      case "decimal" -> Query.Type.DECIMAL;
      case "bit" -> Query.Type.BIT;
      case "year" -> Query.Type.YEAR;
      case "date" -> Query.Type.DATE;
      case "time" -> Query.Type.TIME;
      case "datetime" -> Query.Type.DATETIME;
      case "timestamp" -> Query.Type.TIMESTAMP;
      case "char" -> Query.Type.CHAR;
      case "varchar" -> Query.Type.VARCHAR;
      case "binary" -> Query.Type.BINARY;
      case "varbinary" -> Query.Type.VARBINARY;
      case "tinytext", "text", "mediumtext", "longtext" -> Query.Type.TEXT;
      case "tinyblob", "blob", "mediumblob", "longblob" -> Query.Type.BLOB;
      case "enum" -> Query.Type.ENUM;
      case "set" -> Query.Type.SET;
      case "json" -> Query.Type.JSON;
      case "vector" -> Query.Type.VECTOR;
      case "geometry",
          "point",
          "linestring",
          "polygon",
          "multipoint",
          "multilinestring",
          "multipolygon",
          "geometrycollection",
          "geomcollection" ->
          Query.Type.GEOMETRY;
      default -> Query.Type.VARCHAR;
    };
  }
}
