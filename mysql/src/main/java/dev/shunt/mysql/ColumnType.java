package dev.shunt.mysql;

/** Column types of the protocol, with their codes (MySQL manual, "Column Types"). */
public enum ColumnType {
  DECIMAL(0),
  TINY(1),
  SHORT(2),
  LONG(3),
  FLOAT(4),
  DOUBLE(5),
  NULL(6),
  TIMESTAMP(7),
  LONGLONG(8),
  INT24(9),
  DATE(10),
  TIME(11),
  DATETIME(12),
  YEAR(13),
  NEWDATE(14),
  VARCHAR(15),
  BIT(16),
  VECTOR(242),
  JSON(245),
  NEWDECIMAL(246),
  ENUM(247),
  SET(248),
  TINY_BLOB(249),
  MEDIUM_BLOB(250),
  LONG_BLOB(251),
  BLOB(252),
  VAR_STRING(253),
  STRING(254),
  GEOMETRY(255);

  private static final ColumnType[] BY_CODE = new ColumnType[256];

  static {
    for (ColumnType type : values()) {
      BY_CODE[type.code] = type;
    }
  }

  private final int code;

  ColumnType(int code) {
    this.code = code;
  }

  /**
   * The type with this code.
   *
   * @throws IllegalArgumentException for a code that servers do not send
   */
  public static ColumnType of(int code) {
    ColumnType type = code < 0 || code > 255 ? null : BY_CODE[code];
    if (type == null) {
      throw new IllegalArgumentException("unknown column type " + code);
    }
    return type;
  }
}
