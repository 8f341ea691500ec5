package dev.shunt.tablet.vstreamer;

import dev.shunt.embedded.DatabaseServer;
import dev.shunt.embedded.DatabaseSettings;
import dev.shunt.embedded.MariaDbServer;
import dev.shunt.embedded.MySqlServer;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.Password;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Databases of their own on servers that all tests of this JVM share: for each family a source and
 * a target server, started when first asked for and stopped with the JVM.
 */
public final class TestDatabase {
  /** Families of servers that tests run on. */
  public enum Family {
    MARIADB,
    MYSQL;

    /** Those that can be started here; all of them where nothing may be skipped. */
    public static List<Family> available() {
      return Arrays.stream(values())
          .filter(family -> family == MARIADB || MySqlServer.isAvailableOrRequired())
          .toList();
    }
  }

  private static final Map<Family, DatabaseServer> SOURCES = new EnumMap<>(Family.class);
  private static final Map<Family, DatabaseServer> TARGETS = new EnumMap<>(Family.class);
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final MysqlEndpoint endpoint;

  private TestDatabase(MysqlEndpoint endpoint) {
    this.endpoint = endpoint;
  }

  /** A new, empty database on the family's source server. */
  public static TestDatabase source(Family family) {
    return create(SOURCES, family, 1);
  }

  /** A new, empty database on the family's target server. */
  public static TestDatabase target(Family family) {
    return create(TARGETS, family, 2);
  }

  private static synchronized TestDatabase create(
      Map<Family, DatabaseServer> servers, Family family, int serverId) {
    DatabaseServer server = servers.computeIfAbsent(family, missing -> start(missing, serverId));
    String name = "vt_test_" + COUNT.incrementAndGet();
    MysqlEndpoint endpoint =
        new MysqlEndpoint(
            server.host(), server.port(), server.user(), Password.of(server.password()), null);
    try (MysqlConnection connection = MysqlConnection.open(endpoint)) {
      connection.execute("CREATE DATABASE " + name);
    }
    return new TestDatabase(endpoint.withDatabase(name));
  }

  private static DatabaseServer start(Family family, int serverId) {
    try {
      DatabaseSettings settings =
          DatabaseSettings.in(Files.createTempDirectory("shunt-db")).withServerId(serverId);
      DatabaseServer server =
          switch (family) {
            case MARIADB -> MariaDbServer.start(settings);
            case MYSQL -> MySqlServer.start(settings);
          };
      Runtime.getRuntime().addShutdownHook(new Thread(server::kill));
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public MysqlEndpoint endpoint() {
    return endpoint;
  }

  public String name() {
    return String.valueOf(endpoint.database());
  }

  /** Bytes in, bytes out, in UTC. */
  public MysqlConnection connect() {
    return MysqlConnection.open(endpoint)
        .utc()
        .namesBinary()
        .sqlMode("NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES");
  }

  /** Runs statements one after the other. */
  public void run(String... statements) {
    try (MysqlConnection connection = connect()) {
      for (String statement : statements) {
        connection.execute(statement);
      }
    }
  }
}
