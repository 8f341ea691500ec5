package dev.shunt.mysql;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.shunt.embedded.DatabaseKind;
import dev.shunt.embedded.DatabaseServer;
import dev.shunt.embedded.DatabaseSettings;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;

/** The servers that the integration tests run on; each starts once for all test classes. */
enum TestServer {
  MARIADB_11_4,
  MARIADB_10_11,
  MYSQL;

  private static final Map<TestServer, DatabaseServer> RUNNING = new EnumMap<>(TestServer.class);

  /** The shared server; the test is skipped where it can't be had. */
  DatabaseServer shared() {
    synchronized (RUNNING) {
      return RUNNING.computeIfAbsent(this, kind -> kind.startUntilExit());
    }
  }

  private DatabaseServer startUntilExit() {
    return kind().startUntilExit(1);
  }

  /** A server of the test's own, which it may kill. */
  DatabaseServer start(Path directory) {
    return kind().start(DatabaseSettings.in(directory));
  }

  private DatabaseKind kind() {
    DatabaseKind kind = DatabaseKind.valueOf(name());
    assumeTrue(kind.isAvailableOrRequired(), kind.hint());
    return kind;
  }

  static MysqlEndpoint endpoint(DatabaseServer server) {
    return new MysqlEndpoint(
        server.host(), server.port(), server.user(), Password.of(server.password()), null);
  }

  /** The same through the server's unix socket. */
  static MysqlEndpoint socketEndpoint(DatabaseServer server) {
    return endpoint(server).withSocket(server.clientSocket().orElseThrow().toString());
  }

  /** The endpoint of the shared server, on a new and empty database. */
  MysqlEndpoint database(String name) {
    MysqlEndpoint endpoint = endpoint(shared());
    try (MysqlConnection connection = MysqlConnection.open(endpoint)) {
      connection.execute("DROP DATABASE IF EXISTS " + SqlText.identifier(name));
      connection.execute("CREATE DATABASE " + SqlText.identifier(name));
    }
    return endpoint.withDatabase(name);
  }
}
