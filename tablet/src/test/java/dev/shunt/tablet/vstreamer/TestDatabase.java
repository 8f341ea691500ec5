package dev.shunt.tablet.vstreamer;

import dev.shunt.embedded.DatabaseKind;
import dev.shunt.embedded.DatabaseServer;
import dev.shunt.mysql.Flavor;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.Password;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;

/**
 * Databases of their own on servers that all tests of this JVM share: for each kind a source and a
 * target server, started when first asked for and stopped with the JVM.
 */
public final class TestDatabase {
  private static final Map<DatabaseKind, DatabaseServer> SOURCES =
      new EnumMap<>(DatabaseKind.class);
  private static final Map<DatabaseKind, DatabaseServer> TARGETS =
      new EnumMap<>(DatabaseKind.class);
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final MysqlEndpoint endpoint;

  private TestDatabase(MysqlEndpoint endpoint) {
    this.endpoint = endpoint;
  }

  /** A new, empty database on the kind's source server. */
  public static TestDatabase source(DatabaseKind kind) {
    return create(SOURCES, kind, 1);
  }

  /** A new, empty database on the kind's target server. */
  public static TestDatabase target(DatabaseKind kind) {
    return create(TARGETS, kind, 2);
  }

  private static synchronized TestDatabase create(
      Map<DatabaseKind, DatabaseServer> servers, DatabaseKind kind, int serverId) {
    DatabaseServer server =
        servers.computeIfAbsent(kind, missing -> missing.startUntilExit(serverId));
    return on(
        new MysqlEndpoint(
            server.host(), server.port(), server.user(), Password.of(server.password()), null));
  }

  /** A new, empty database on a server of the test's own. */
  public static TestDatabase on(MysqlEndpoint endpoint) {
    String name = "vt_test_" + COUNT.incrementAndGet();
    try (MysqlConnection connection = MysqlConnection.open(endpoint)) {
      connection.execute("CREATE DATABASE " + name);
    }
    return new TestDatabase(endpoint.withDatabase(name));
  }

  /** A database that is there, for instance as it was replicated. */
  public static TestDatabase existing(MysqlEndpoint endpoint) {
    return new TestDatabase(endpoint);
  }

  /** On a MySQL that takes a privilege. */
  public static void letSeePreparedTransactions(MysqlConnection root, String user) {
    if (root.flavor() == Flavor.MYSQL) {
      root.execute("GRANT XA_RECOVER_ADMIN ON *.* TO '" + user + "'@'%'");
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

  /** The one number that a query answers. */
  public long number(String query) {
    try (MysqlConnection connection = connect()) {
      return connection.execute(query).only().number(0);
    }
  }

  /**
   * Runs statements in one session, as a client does that dies behind them; returns when the server
   * has noticed, for until then others can't have what the session has prepared.
   */
  public void runAndDie(String... statements) {
    long session;
    try (MysqlConnection connection = connect()) {
      session = connection.execute("SELECT CONNECTION_ID()").only().number(0);
      for (String statement : statements) {
        connection.execute(statement);
      }
    }
    String left = "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID = " + session;
    Awaitility.await().until(() -> number(left) == 0);
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
