package dev.shunt.tablet.vreplication.writing;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.Row;
import dev.shunt.tablet.RpcException;
import io.grpc.Status;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/** Character sets by the numbers of their collations, which the fields of streams carry. */
final class Collations {
  /** Those of MySQL's that distinguish more than others, for servers that do not have them. */
  private static final Map<Integer, String> OF_MYSQL =
      Map.of(278, "utf8mb4_0900_as_cs", 305, "utf8mb4_0900_as_ci", 309, "utf8mb4_0900_bin");

  private final MysqlConnection connection;
  private final Map<Integer, String> charsets = new HashMap<>();
  private final Map<Integer, Optional<String>> names = new HashMap<>();

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

  /** Name of a collation, if this server has it. */
  Optional<String> name(int collation) {
    return names.computeIfAbsent(
        collation,
        id -> {
          return connection
              .flavor()
              .catalog()
              .collation(connection, id)
              .or(() -> Optional.ofNullable(OF_MYSQL.get(id)));
        });
  }

  /**
   * Order of two texts.
   *
   * @throws RpcException FAILED_PRECONDITION for a collation that this server does not have
   */
  int compare(int collation, byte[] a, byte[] b) {
    String name =
        name(collation)
            .orElseThrow(() ->
                new RpcException(
                    Status.Code.FAILED_PRECONDITION,
                    "the target's server does not have collation "
                        + collation
                        + " of the source's key, so how far the copy came can't be told"));
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

  /**
   * MySQL's GB 18030, and MariaDB's own: those that do not pad have 1024 added, those of Unicode 14
   * come in blocks of 256 by character set.
   */
  private String ofOtherServers(int collation) {
    if (collation >= 248 && collation <= 250) {
      return "gb18030";
    }
    if (collation >= 1024 && collation < 2048) {
      return charset(collation - 1024);
    }
    return switch (collation >> 5) {
      case 18, 64, 65, 66, 67, 68, 69, 70, 71 -> "utf8mb3";
      case 20, 80, 81, 82, 83, 84, 85, 86, 87 -> "ucs2";
      case 21, 88, 89, 90, 91, 92, 93, 94, 95 -> "utf16";
      case 23, 96, 97, 98, 99, 100, 101, 102, 103 -> "utf32";
      default -> "utf8mb4";
    };
  }
}
