package dev.shunt.tablet.vstreamer.binlog;

/**
 * The type codes of table map events (MySQL manual, enum_field_types; MariaDB adds 140 and 141).
 */
final class LoggedColumnType {
  static final int TINY = 1;
  static final int SHORT = 2;
  static final int LONG = 3;
  static final int FLOAT = 4;
  static final int DOUBLE = 5;
  static final int TIMESTAMP = 7;
  static final int LONGLONG = 8;
  static final int INT24 = 9;
  static final int DATE = 10;
  static final int TIME = 11;
  static final int DATETIME = 12;
  static final int YEAR = 13;
  static final int NEWDATE = 14;
  static final int VARCHAR = 15;
  static final int BIT = 16;
  static final int TIMESTAMP2 = 17;
  static final int DATETIME2 = 18;
  static final int TIME2 = 19;
  static final int BLOB_COMPRESSED = 140;
  static final int VARCHAR_COMPRESSED = 141;
  static final int VECTOR = 242;
  static final int JSON = 245;
  static final int NEWDECIMAL = 246;
  static final int ENUM = 247;
  static final int SET = 248;
  static final int TINY_BLOB = 249;
  static final int MEDIUM_BLOB = 250;
  static final int LONG_BLOB = 251;
  static final int BLOB = 252;
  static final int VAR_STRING = 253;
  static final int STRING = 254;
  static final int GEOMETRY = 255;

  private LoggedColumnType() {}

  /** How many metadata bytes a table map holds for a column of this type. */
  static int metadataBytes(int type) {
    return switch (type) {
      case FLOAT, DOUBLE, BLOB, TINY_BLOB, MEDIUM_BLOB, LONG_BLOB, GEOMETRY, JSON, VECTOR -> 1;
      case TIMESTAMP2, DATETIME2, TIME2, BLOB_COMPRESSED -> 1;
      case VARCHAR, VAR_STRING, VARCHAR_COMPRESSED, BIT, NEWDECIMAL, STRING, ENUM, SET -> 2;
      default -> 0;
    };
  }

  /** The type itself: an ENUM or SET hides behind the code of CHAR. */
  static int real(int type, int metadata) {
    int first = metadata & 0xff;
    return type == STRING && (first == ENUM || first == SET) ? first : type;
  }

  /** The most bytes that a CHAR or BINARY holds. */
  static int charLength(int metadata) {
    int first = metadata & 0xff;
    boolean wide = (first & 0x30) != 0x30;
    return wide ? metadata >> 8 | ((first & 0x30) ^ 0x30) << 4 : metadata >> 8;
  }

  /** Whether a table map gives the sign of columns of this real type. */
  static boolean isNumeric(int type) {
    return switch (type) {
      case TINY, SHORT, INT24, LONG, LONGLONG, NEWDECIMAL, FLOAT, DOUBLE, YEAR -> true;
      default -> false;
    };
  }

  /** Whether a table map gives the collation of columns of this real type as that of texts. */
  static boolean isText(int type) {
    return switch (type) {
      case STRING, VAR_STRING, VARCHAR, VARCHAR_COMPRESSED, BLOB, BLOB_COMPRESSED -> true;
      default -> false;
    };
  }

  /** The SQL name of a type, binary strings as texts. */
  static String name(int type, int metadata) {
    return switch (real(type, metadata)) {
      case TINY -> "tinyint";
      case SHORT -> "smallint";
      case INT24 -> "mediumint";
      case LONG -> "int";
      case LONGLONG -> "bigint";
      case FLOAT -> "float";
      case DOUBLE -> "double";
      case NEWDECIMAL -> "decimal";
      case DATE, NEWDATE -> "date";
      case YEAR -> "year";
      case TIMESTAMP, TIMESTAMP2 -> "timestamp";
      case DATETIME, DATETIME2 -> "datetime";
      case TIME, TIME2 -> "time";
      case VARCHAR, VAR_STRING, VARCHAR_COMPRESSED -> "varchar";
      case STRING -> "char";
      case TINY_BLOB, MEDIUM_BLOB, LONG_BLOB, BLOB, BLOB_COMPRESSED ->
          switch (metadata) {
            case 1 -> "tinytext";
            case 2 -> "text";
            case 3 -> "mediumtext";
            default -> "longtext";
          };
      case ENUM -> "enum";
      case SET -> "set";
      case BIT -> "bit";
      case JSON -> "json";
      case VECTOR -> "vector";
      case GEOMETRY -> "geometry";
      default -> "type " + type;
    };
  }
}
