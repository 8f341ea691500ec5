package dev.shunt.embedded;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How a database server is started.
 *
 * @param directory where its data, its log and its socket stand; created when missing
 * @param port TCP port on 127.0.0.1; 0 takes a free one
 * @param serverId replication server id, and the GTID domain of a MariaDB
 * @param user account with all privileges
 * @param password that account's password
 * @param bufferPoolMegabytes InnoDB buffer pool
 * @param arguments further server arguments, such as {@code --max-connections=500}; they win
 */
public record DatabaseSettings(
    Path directory,
    int port,
    int serverId,
    String user,
    String password,
    int bufferPoolMegabytes,
    List<String> arguments) {

  private static final String LOWER_CASE_NAMES = "--lower-case-table-names=1";

  public DatabaseSettings {
    if (serverId < 1) {
      throw new IllegalArgumentException("serverId must be at least 1, not " + serverId);
    }
    if (bufferPoolMegabytes < 5) {
      throw new IllegalArgumentException(
          "bufferPoolMegabytes must be at least 5, not " + bufferPoolMegabytes);
    }
    directory = directory.toAbsolutePath().normalize();
    arguments = List.copyOf(arguments);
  }

  /** Without the password. */
  @Override
  public String toString() {
    return "DatabaseSettings[directory=%s, port=%d, serverId=%d, user=%s, bufferPoolMegabytes=%d, arguments=%s]"
        .formatted(directory, port, serverId, user, bufferPoolMegabytes, arguments);
  }

  /** Server id 1, user and password {@code shunt}, a 64 MB pool. */
  public static DatabaseSettings in(Path directory) {
    return new DatabaseSettings(directory, 0, 1, "shunt", "shunt", 64, List.of());
  }

  public DatabaseSettings withPort(int newPort) {
    return new DatabaseSettings(
        directory, newPort, serverId, user, password, bufferPoolMegabytes, arguments);
  }

  public DatabaseSettings withServerId(int newServerId) {
    return new DatabaseSettings(
        directory, port, newServerId, user, password, bufferPoolMegabytes, arguments);
  }

  public DatabaseSettings withUser(String newUser, String newPassword) {
    return new DatabaseSettings(
        directory, port, serverId, newUser, newPassword, bufferPoolMegabytes, arguments);
  }

  public DatabaseSettings withBufferPool(int megabytes) {
    return new DatabaseSettings(directory, port, serverId, user, password, megabytes, arguments);
  }

  /** Adds server arguments after those that stand there already. */
  public DatabaseSettings withArguments(String... more) {
    List<String> all = new ArrayList<>(arguments);
    all.addAll(List.of(more));
    return new DatabaseSettings(
        directory, port, serverId, user, password, bufferPoolMegabytes, all);
  }

  /**
   * Names of databases and tables are kept in lower case and compared without case
   * (lower_case_table_names=1), as servers on Windows do.
   */
  public DatabaseSettings withLowerCaseNames() {
    return withArguments(LOWER_CASE_NAMES);
  }

  /** Arguments that must be the same when the data directory is made. */
  List<String> lasting() {
    return arguments.contains(LOWER_CASE_NAMES) ? List.of(LOWER_CASE_NAMES) : List.of();
  }

  Path data() {
    return directory.resolve("data");
  }

  Path temporary() {
    return directory.resolve("tmp");
  }

  Path socket() {
    return data().resolve("mysql.sock");
  }

  Path log() {
    return directory.resolve("server.log");
  }

  /** A string literal of the SQL that the server runs when it starts. */
  static String literal(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'";
  }
}
