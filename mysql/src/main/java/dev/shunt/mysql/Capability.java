package dev.shunt.mysql;

/** Capability flags of the handshake that this client uses (MySQL manual, "Capabilities Flags"). */
final class Capability {
  static final int LONG_PASSWORD = 1;
  static final int FOUND_ROWS = 1 << 1;
  static final int LONG_FLAG = 1 << 2;
  static final int CONNECT_WITH_DB = 1 << 3;
  static final int LOCAL_FILES = 1 << 7;
  static final int PROTOCOL_41 = 1 << 9;
  static final int SSL = 1 << 11;
  static final int TRANSACTIONS = 1 << 13;
  static final int SECURE_CONNECTION = 1 << 15;
  static final int MULTI_RESULTS = 1 << 17;
  static final int PLUGIN_AUTH = 1 << 19;
  static final int CONNECT_ATTRIBUTES = 1 << 20;
  static final int PLUGIN_AUTH_LENENC = 1 << 21;
  static final int DEPRECATE_EOF = 1 << 24;

  private static final int ALWAYS =
      LONG_PASSWORD
          | LONG_FLAG
          | LOCAL_FILES
          | PROTOCOL_41
          | TRANSACTIONS
          | SECURE_CONNECTION
          | MULTI_RESULTS
          | PLUGIN_AUTH
          | CONNECT_ATTRIBUTES
          | PLUGIN_AUTH_LENENC
          | DEPRECATE_EOF;

  private Capability() {}

  /** What to ask of a server that offers {@code offered}. */
  static int chosen(int offered, boolean database, boolean foundRows) {
    int wanted = ALWAYS;
    if (database) {
      wanted |= CONNECT_WITH_DB;
    }
    if (foundRows) {
      wanted |= FOUND_ROWS;
    }
    return wanted & offered;
  }
}
