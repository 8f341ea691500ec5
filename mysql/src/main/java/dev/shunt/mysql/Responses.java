package dev.shunt.mysql;

/** The packets that end an answer. */
final class Responses {
  static final int IN_TRANSACTION = 0x0001;
  static final int AUTOCOMMIT = 0x0002;
  static final int MORE_RESULTS = 0x0008;

  private Responses() {}

  /** An OK packet, or the EOF packet that ends rows. */
  record Ok(long affectedRows, long insertId, int status, int warnings, String info) {}

  static Ok ok(Packet packet) {
    packet.skip(1);
    long affectedRows = packet.lengthEncodedInteger();
    long insertId = packet.lengthEncodedInteger();
    int status = packet.int2();
    int warnings = packet.int2();
    packet.skip(lengthBefore(packet));
    return new Ok(affectedRows, insertId, status, warnings, packet.restAsText());
  }

  /** Some servers send the text with its length before it: bytes of the length, if it is one. */
  private static int lengthBefore(Packet packet) {
    int left = packet.remaining();
    int first = left > 0 ? packet.array()[packet.position()] & 0xff : 0;
    if (left > 0 && first < 0xfb) {
      return first == left - 1 ? 1 : 0;
    }
    if (left > 2 && first == 0xfc) {
      int second = packet.array()[packet.position() + 1] & 0xff;
      int third = packet.array()[packet.position() + 2] & 0xff;
      return (second | third << 8) == left - 3 ? 3 : 0;
    }
    return 0;
  }

  /** The short form: marker, warnings, status. */
  static Ok eof(Packet packet) {
    packet.skip(1);
    int warnings = packet.int2();
    return new Ok(0, 0, packet.int2(), warnings, "");
  }

  /** An error packet whose marker has been read. */
  static MysqlException error(Packet packet) {
    int errno = packet.int2();
    String rest = packet.restAsText();
    boolean withState = rest.length() >= 6 && rest.charAt(0) == '#';
    return new MysqlException(
        errno, withState ? rest.substring(1, 6) : "HY000", withState ? rest.substring(6) : rest);
  }
}
