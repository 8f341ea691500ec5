package dev.shunt.tablet.manager;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.QueryResult;
import dev.shunt.mysql.Row;
import java.util.Locale;
import tabletmanagerdata.Tabletmanagerdata;

/**
 * Who may do what on the server, as {@code mysql.user} and {@code mysql.db} say. What a password
 * could be guessed from stays here: of MariaDB's column {@code Password} a checksum goes out, as
 * from a vttablet, of other columns that hold hashes nothing.
 */
final class Permissions {
  /** Reflected polynomial of CRC-64 as in ISO 3309, which Vitess uses here. */
  private static final long POLYNOMIAL = 0xD800000000000000L;

  private Permissions() {}

  static Tabletmanagerdata.Permissions read(MysqlConnection connection) {
    Tabletmanagerdata.Permissions.Builder permissions = Tabletmanagerdata.Permissions.newBuilder();
    QueryResult users = connection.execute("SELECT * FROM mysql.user ORDER BY host, user");
    users.rows().forEach(row -> permissions.addUserPermissions(user(users, row)));
    QueryResult databases = connection.execute("SELECT * FROM mysql.db ORDER BY host, db, user");
    databases.rows().forEach(row -> permissions.addDbPermissions(database(databases, row)));
    return permissions.build();
  }

  private static Tabletmanagerdata.UserPermission user(QueryResult result, Row row) {
    Tabletmanagerdata.UserPermission.Builder user = Tabletmanagerdata.UserPermission.newBuilder();
    for (int i = 0; i < row.size(); i++) {
      String column = result.columns().get(i).name();
      byte[] value = row.bytes(i);
      switch (column.toLowerCase(Locale.ROOT)) {
        case "host" -> user.setHost(text(row, i));
        case "user" -> user.setUser(text(row, i));
        case "password" -> user.setPasswordChecksum(value == null ? 0 : checksum(value));
        // Differs between primary and replicas, or holds hashes (the second password of MySQL).
        case "password_last_changed", "authentication_string", "user_attributes" -> {}
        default -> user.putPrivileges(column, text(row, i));
      }
    }
    return user.build();
  }

  private static Tabletmanagerdata.DbPermission database(QueryResult result, Row row) {
    Tabletmanagerdata.DbPermission.Builder database = Tabletmanagerdata.DbPermission.newBuilder();
    for (int i = 0; i < row.size(); i++) {
      String column = result.columns().get(i).name();
      switch (column.toLowerCase(Locale.ROOT)) {
        case "host" -> database.setHost(text(row, i));
        case "db" -> database.setDb(text(row, i));
        case "user" -> database.setUser(text(row, i));
        default -> database.putPrivileges(column, text(row, i));
      }
    }
    return database.build();
  }

  private static String text(Row row, int column) {
    String text = row.textOrNull(column);
    return text == null ? "" : text;
  }

  static long checksum(byte[] value) {
    long crc = ~0L;
    for (byte b : value) {
      crc ^= b & 0xff;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 1) == 0 ? crc >>> 1 : (crc >>> 1) ^ POLYNOMIAL;
      }
    }
    return ~crc;
  }
}
