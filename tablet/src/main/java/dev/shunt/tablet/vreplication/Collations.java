package dev.shunt.tablet.vreplication;

import dev.shunt.mysql.Flavor;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.Row;
import dev.shunt.tablet.TabletException;
import io.grpc.Status;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

/** Character sets by the numbers of their collations, which the fields of streams carry. */
final class Collations {
  private final MysqlConnection connection;
  private final Map<Integer, String> charsets = new HashMap<>();
  private final Map<Integer, String> names = new HashMap<>();

  Collations(MysqlConnection connection) {
    this.connection = connection;
  }

  /** The character set; what no list knows is of Unicode's, as all newer collations are. */
  String charset(int collation) {
    if (charsets.isEmpty()) {
      for (Row row :
          connection
              .execute(
                  "SELECT ID, CHARACTER_SET_NAME FROM information_schema.COLLATIONS"
                      + " WHERE ID IS NOT NULL AND CHARACTER_SET_NAME IS NOT NULL")
              .rows()) {
        charsets.put((int) row.number(0), row.text(1));
      }
    }
    String known = charsets.get(collation);
    return known == null ? ofOtherServers(collation) : known;
  }

  /**
   * Order of two texts.
   *
   * @throws TabletException FAILED_PRECONDITION for a collation that this server does not have
   */
  int compare(int collation, byte[] a, byte[] b) {
    String sql =
        connection.flavor() == Flavor.MARIADB
            ? "SELECT FULL_COLLATION_NAME FROM"
                + " information_schema.COLLATION_CHARACTER_SET_APPLICABILITY WHERE ID="
            : "SELECT COLLATION_NAME FROM information_schema.COLLATIONS WHERE ID=";
    String name =
        names.computeIfAbsent(
            collation,
            id ->
                connection.execute(sql + id).rows().stream()
                    .map(row -> row.text(0))
                    .findFirst()
                    .orElseThrow(() ->
                        new TabletException(
                            Status.Code.FAILED_PRECONDITION,
                            "the target's server does not have collation "
                                + id
                                + " of the source's key, so how far the copy came can't be told")));
    String charset = charset(collation);
    return (int)
        connection
            .execute(
                "SELECT STRCMP(" + text(charset, a, name) + ", " + text(charset, b, name) + ")")
            .only()
            .number(0);
  }

  private static String text(String charset, byte[] bytes, String collation) {
    return "_" + charset + " X'" + HexFormat.of().formatHex(bytes) + "' COLLATE " + collation;
  }

  /** MariaDB numbers its collations of Unicode 14 in blocks of 256 by character set. */
  private static String ofOtherServers(int collation) {
    return switch (collation >> 8) {
      case 8 -> "utf8mb3";
      case 10 -> "ucs2";
      case 11 -> "utf16";
      case 12 -> "utf32";
      default -> "utf8mb4";
    };
  }
}
