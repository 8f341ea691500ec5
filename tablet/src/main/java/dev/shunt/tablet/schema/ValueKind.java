package dev.shunt.tablet.schema;

/** How the cells of a column are written as literals and compared. */
public enum ValueKind {
  /** Integers and decimals. */
  NUMBER,
  /** FLOAT and DOUBLE. */
  FLOATING,
  /** MySQL's JSON, which takes no binary strings. */
  JSON,
  /** BIT: big-endian bytes. */
  BIT,
  /** Text that a collation compares. */
  TEXT,
  /** MariaDB's UUID and addresses: written as text, kept and ordered as bytes of their own. */
  FIXED_TEXT,
  /** Everything else. */
  BYTES;

  /** Whether a column of this kind takes a binary string for what it is. */
  public boolean takesBytes() {
    return this != JSON && this != FIXED_TEXT;
  }

  /** The kind of a column. */
  public static ValueKind of(ColumnSchema column) {
    return switch (column.dataType()) {
      case "tinyint", "smallint", "mediumint", "int", "bigint", "decimal" -> NUMBER;
      case "float", "double" -> FLOATING;
      case "json" -> JSON;
      case "bit" -> BIT;
      case "uuid", "inet6", "inet4" -> FIXED_TEXT;
      default -> column.collated() ? TEXT : BYTES;
    };
  }
}
