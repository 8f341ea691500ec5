package dev.shunt.mysql;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Transactions that XA PREPARE left neither committed nor rolled back. Their rows stand in the
 * binary log where they were prepared and show when they are committed, so a snapshot that is taken
 * between lacks them for good.
 */
final class PreparedTransactions {
  /** Errno of XA RECOVER for an account that may not look (XAER_RMERR). */
  private static final int MAY_NOT_LOOK = 1401;

  private PreparedTransactions() {}

  /**
   * The ids of those that there are now.
   *
   * @throws UnfitForSnapshotException when the account may not look
   */
  static List<String> find(MysqlConnection connection) {
    List<String> ids = new ArrayList<>();
    try {
      for (Row row : connection.execute("XA RECOVER").rows()) {
        ids.add(id(row));
      }
    } catch (MysqlException e) {
      if (e.errno() == MAY_NOT_LOOK || e.errno() == Snapshot.ACCESS_DENIED) {
        throw new UnfitForSnapshotException(
            "the account "
                + connection.endpoint().user()
                + " may not look for prepared transactions, whose rows a copy would lack: GRANT"
                + " XA_RECOVER_ADMIN ON *.* TO it");
      }
      throw e;
    }
    return ids;
  }

  /** As XA COMMIT takes it; text as text where it can be read. */
  private static String id(Row row) {
    byte[] data = row.bytes(3);
    byte[] bytes = data == null ? new byte[0] : data;
    int split = Math.min((int) row.number(1), bytes.length);
    String id = part(bytes, 0, split);
    boolean plain = row.number(2) == 0 && row.number(0) == 1;
    return plain ? id : id + "," + part(bytes, split, bytes.length) + "," + row.number(0);
  }

  private static String part(byte[] bytes, int from, int to) {
    for (int i = from; i < to; i++) {
      if (bytes[i] < ' ' || bytes[i] == 0x7f || bytes[i] == '\'' || bytes[i] == '\\') {
        return "X'" + HexFormat.of().formatHex(bytes, from, to) + "'";
      }
    }
    return "'" + new String(bytes, from, to - from, StandardCharsets.US_ASCII) + "'";
  }
}
