package dev.shunt.tablet.manager;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.Row;
import java.util.ArrayList;
import java.util.List;

/**
 * Which replicas read a server's binary log. Streams read it as well, but unlike replicas they
 * don't register, so a server with streams alone has none.
 */
final class Replicas {
  private static final int HOST = 2;
  private static final int COMMAND = 4;

  private Replicas() {}

  /** Addresses without ports, one for each that is connected now; "localhost" is left out. */
  static List<String> addresses(MysqlConnection connection) {
    boolean registered =
        !connection.execute(connection.flavor().replication().replicas()).rows().isEmpty();
    List<String> addresses = new ArrayList<>();
    if (registered) {
      for (Row row : connection.execute("SHOW PROCESSLIST").rows()) {
        String host = withoutPort(row.text(HOST));
        if (row.text(COMMAND).startsWith("Binlog Dump") && !host.equals("localhost")) {
          addresses.add(host);
        }
      }
    }
    return addresses;
  }

  private static String withoutPort(String host) {
    int colon = host.lastIndexOf(':');
    return colon < 0 ? host : host.substring(0, colon);
  }
}
