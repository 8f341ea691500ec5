package dev.shunt.mysql;

/**
 * What the server says of one column of a result.
 *
 * @param schema database of the table; empty for an expression
 * @param table table or its alias; empty for an expression
 * @param originalTable the table's own name; empty for an expression
 * @param name the column's name or alias
 * @param originalName the column's own name; empty for an expression
 * @param charset id of the collation of the values as sent; 63 is binary
 * @param length greatest length in bytes, as an unsigned 32-bit number
 * @param type type of the values
 * @param flags sum of the constants of this class
 * @param decimals digits after the point; 31 where that has no meaning
 */
public record Column(
    String schema,
    String table,
    String originalTable,
    String name,
    String originalName,
    int charset,
    long length,
    ColumnType type,
    int flags,
    int decimals) {

  public static final int NOT_NULL = 1;
  public static final int PRIMARY_KEY = 2;
  public static final int UNIQUE_KEY = 4;
  public static final int MULTIPLE_KEY = 8;
  public static final int BLOB = 16;
  public static final int UNSIGNED = 32;
  public static final int ZEROFILL = 64;
  public static final int BINARY = 128;
  public static final int ENUM = 256;
  public static final int AUTO_INCREMENT = 512;
  public static final int TIMESTAMP = 1024;
  public static final int SET = 2048;

  /** Collation id of binary data. */
  public static final int BINARY_CHARSET = 63;

  /** Whether all bits of {@code flag} are set. */
  public boolean has(int flag) {
    return (flags & flag) == flag;
  }

  static Column parse(Packet packet) {
    packet.lengthEncodedText();
    String schema = packet.lengthEncodedText();
    String table = packet.lengthEncodedText();
    String originalTable = packet.lengthEncodedText();
    String name = packet.lengthEncodedText();
    String originalName = packet.lengthEncodedText();
    packet.lengthEncodedInteger();
    int charset = packet.int2();
    long length = packet.int4();
    ColumnType type = ColumnType.of(packet.int1());
    int flags = packet.int2();
    int decimals = packet.int1();
    return new Column(
        schema, table, originalTable, name, originalName, charset, length, type, flags, decimals);
  }
}
