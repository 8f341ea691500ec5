package dev.shunt.mysql;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.shunt.embedded.DatabaseKind;
import dev.shunt.embedded.DatabaseServer;
import dev.shunt.embedded.DatabaseSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

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
    Path directory = directory();
    DatabaseServer server = start(directory);
    Thread stop =
        new Thread(() -> {
          server.kill();
          delete(directory);
        });
    Runtime.getRuntime().addShutdownHook(stop);
    return server;
  }

  /** A server of the test's own, which it may kill. */
  DatabaseServer start(Path directory) {
    DatabaseKind kind = DatabaseKind.valueOf(name());
    assumeTrue(kind.isAvailableOrRequired(), kind.hint());
    return kind.start(DatabaseSettings.in(directory));
  }

  static MysqlEndpoint endpoint(DatabaseServer server) {
    return new MysqlEndpoint(
        server.host(), server.port(), server.user(), Password.of(server.password()), null);
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

  private static Path directory() {
    try {
      return Files.createTempDirectory("shunt-test-server");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path directory) {
    try (Stream<Path> paths = Files.walk(directory)) {
      List<Path> all = paths.sorted(Comparator.reverseOrder()).toList();
      for (Path path : all) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
