package dev.shunt.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.shunt.embedded.DatabaseServer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What is special about a server's unix socket; the rest is what {@link UnixConnectionIT} runs. */
@ParameterizedClass
@EnumSource(TestServer.class)
class UnixSocketIT {
  private static final int BINLOG_DUMP = 0x12;

  @Parameter TestServer server;
  private MysqlEndpoint endpoint;

  @BeforeEach
  void find() {
    endpoint = TestServer.socketEndpoint(server.shared());
  }

  @Test
  void theServerSeesAnAccountOfLocalhost() {
    try (MysqlConnection connection = MysqlConnection.open(endpoint)) {
      assertThat(connection.execute("SELECT USER()").only().text(0))
          .isEqualTo(endpoint.user() + "@localhost");
    }
  }

  @Test
  void aReadTimeoutIsForEachSilence() {
    try (MysqlConnection connection = MysqlConnection.open(endpoint)) {
      connection.readTimeout(Duration.ofSeconds(3)); // less than all silences together
      for (int i = 0; i < 7; i++) {
        assertThat(connection.execute("SELECT SLEEP(0.5)").only().text(0)).isEqualTo("0");
      }
      connection.readTimeout(Duration.ZERO);
      assertThat(connection.execute("SELECT SLEEP(3.5)").only().text(0)).isEqualTo("0");
    }
  }

  @Test
  void anotherThreadEndsAReadAtOnce() throws Exception {
    for (Thread.Builder kind : List.of(Thread.ofVirtual(), Thread.ofPlatform())) {
      MysqlConnection connection = MysqlConnection.open(endpoint);
      CompletableFuture<Throwable> end = new CompletableFuture<>();
      Thread reader =
          kind.start(() -> {
            try {
              connection.execute("SELECT SLEEP(100)");
            } catch (MysqlException e) {
              end.complete(e);
            }
          });
      awaitRunning(connection);
      connection.abort();
      assertThat(end.get())
          .hasMessageContaining("lost the connection to the database at " + endpoint.socket())
          .hasMessageContaining("Socket closed");
      reader.join();
      assertThat(connection.isClosed()).isTrue();
    }
  }

  @Test
  void anInterruptedThreadStopsWaiting() throws Exception {
    MysqlConnection connection = MysqlConnection.open(endpoint);
    CompletableFuture<Throwable> end = new CompletableFuture<>();
    Thread reader =
        Thread.ofVirtual()
            .start(() -> {
              try {
                connection.execute("SELECT SLEEP(100)");
              } catch (MysqlException e) {
                end.complete(e);
              }
            });
    awaitRunning(connection);
    reader.interrupt();
    assertThat(end.get()).hasMessageContaining("Closed by interrupt");
    assertThat(connection.isClosed()).isTrue();
  }

  private void awaitRunning(MysqlConnection connection) {
    try (MysqlConnection other = MysqlConnection.open(endpoint)) {
      String running =
          "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'SELECT SLEEP(%'"
              + " AND id = "
              + connection.connectionId();
      await()
          .pollInterval(Duration.ofMillis(10))
          .until(() -> other.execute(running).only().number(0) == 1);
    }
  }

  @Test
  void carriesALogDumpUntilItIsClosed() throws Exception {
    try (MysqlConnection writer = MysqlConnection.open(endpoint);
        MysqlConnection reader = MysqlConnection.open(endpoint)) {
      writer.execute("FLUSH BINARY LOGS");
      String log = writer.execute("SHOW BINARY LOGS").rows().getLast().text(0);
      String database = "socket_dump_" + System.nanoTime();
      writer.execute("CREATE DATABASE " + database);
      writer.execute("DROP DATABASE " + database);
      reader.execute("SET @master_binlog_checksum = 'NONE', @source_binlog_checksum = 'NONE'");
      reader.readTimeout(Duration.ofMinutes(1));
      try (BinlogDump dump = reader.binlogDump(BINLOG_DUMP, from(log))) {
        String event;
        do {
          event = new String(dump.next(), StandardCharsets.ISO_8859_1);
        } while (!event.contains("DROP DATABASE " + database));
        Thread closer = Thread.ofVirtual().start(dump::close);
        assertThatExceptionOfType(MysqlException.class)
            .isThrownBy(() -> {
              while (true) {
                dump.next();
              }
            })
            .satisfies(e -> assertThat(e.connectionLost()).isTrue());
        closer.join();
      }
    }
  }

  private static byte[] from(String log) {
    byte[] name = log.getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(10 + name.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(4)
        .putShort((short) 0)
        .putInt(4711)
        .put(name)
        .array();
  }

  @Test
  void isEncryptedOnlyWhereThatIsDemanded() {
    assertThat(cipher(endpoint)).as("PREFERRED").isEmpty();
    MysqlEndpoint required = endpoint.withTls(new Tls(Tls.Mode.REQUIRED, "", "", ""));
    if (server != TestServer.MYSQL) { // they have no certificates
      assertThatExceptionOfType(MysqlException.class)
          .isThrownBy(() -> MysqlConnection.open(required))
          .withMessageContaining(endpoint.socket() + " offers no TLS")
          .satisfies(e -> assertThat(e.errno()).isEqualTo(MysqlException.TLS_FAILED));
      return;
    }
    assertThat(cipher(required)).isNotEmpty();
    String data = variable("datadir");
    assertThat(cipher(endpoint.withTls(new Tls(Tls.Mode.VERIFY_CA, data + "ca.pem", "", ""))))
        .isNotEmpty();
    for (Tls refused :
        List.of(
            new Tls(Tls.Mode.VERIFY_CA, data + "client-cert.pem", "", ""),
            new Tls(Tls.Mode.VERIFY_IDENTITY, data + "ca.pem", "", ""))) {
      assertThatExceptionOfType(MysqlException.class)
          .isThrownBy(() -> MysqlConnection.open(endpoint.withTls(refused)))
          .withMessageContaining("the line to the database at " + endpoint.socket())
          .satisfies(e -> assertThat(e.errno()).isEqualTo(MysqlException.TLS_FAILED));
    }
  }

  @Test
  void anEncryptedLineCarriesAndEndsAsOthers() throws InterruptedException {
    assumeTrue(server == TestServer.MYSQL, "MySQL makes certificates");
    MysqlEndpoint required = endpoint.withTls(new Tls(Tls.Mode.REQUIRED, "", "", ""));
    try (MysqlConnection connection = MysqlConnection.open(required)) {
      assertThat(connection.execute("SELECT REPEAT('x', 20000000)").only().text(0))
          .hasSize(20_000_000);
      connection.readTimeout(Duration.ofMillis(200));
      assertThatExceptionOfType(MysqlException.class)
          .isThrownBy(() -> connection.execute("SELECT SLEEP(20)"))
          .withMessageContaining("Read timed out");
    }
    try (MysqlConnection connection = MysqlConnection.open(required)) {
      Thread aborting = Thread.ofVirtual().start(connection::abort);
      assertThatExceptionOfType(MysqlException.class)
          .isThrownBy(() -> connection.execute("SELECT SLEEP(30)"))
          .satisfies(e -> assertThat(e.connectionLost()).isTrue());
      aborting.join();
    }
  }

  /** Without a key exchange: the server takes the password itself where the line is private. */
  @Test
  void logsIntoAccountsThatTheServerHasNotCached() {
    assumeTrue(server == TestServer.MYSQL, "MySQL has the plugin");
    try (MysqlConnection root = MysqlConnection.open(TestServer.endpoint(server.shared()))) {
      root.execute("DROP USER IF EXISTS 'cached'@'localhost'");
      root.execute(
          "CREATE USER 'cached'@'localhost' IDENTIFIED WITH caching_sha2_password BY 'p\u00e4ss'");
      for (int i = 0; i < 3; i++) { // a full login, one that meets the cache, a full one again
        if (i == 2) {
          root.execute("FLUSH PRIVILEGES");
        }
        try (MysqlConnection connection = MysqlConnection.open(as("cached", "p\u00e4ss"))) {
          assertThat(connection.execute("SELECT CURRENT_USER()").only().text(0))
              .isEqualTo("cached@localhost");
        }
      }
      root.execute("FLUSH PRIVILEGES");
      assertThatExceptionOfType(MysqlException.class)
          .isThrownBy(() -> MysqlConnection.open(as("cached", "wrong")))
          .withMessageContaining("the database at " + endpoint.socket() + " refuses account cached")
          .withMessageNotContaining("wrong")
          .satisfies(e -> assertThat(e.errno()).isEqualTo(1045));
    }
  }

  @Test
  void saysWhatIsWrongWithAPath(@TempDir Path directory) throws Exception {
    cannotConnect(directory.resolve("none"), "there is no such socket");
    Path left = directory.resolve("left.sock");
    UnixSockets.leaveBehind(left);
    cannotConnect(left, "no server listens at it");
    cannotConnect(directory.resolve("long".repeat(50)), "the path is too long");
  }

  private void cannotConnect(Path path, String why) {
    assertThatExceptionOfType(MysqlException.class)
        .isThrownBy(() -> MysqlConnection.open(endpoint.withSocket(path.toString())))
        .withMessageContaining("can't connect to the database at " + path + ": ")
        .withMessageContaining(why)
        .satisfies(e -> assertThat(e.errno()).isEqualTo(MysqlException.CONNECT_FAILED))
        .satisfies(e -> assertThat(e.connectionLost()).isTrue());
  }

  @Test
  void comesBackWithItsServer(@TempDir Path directory) {
    try (DatabaseServer own = server.start(directory)) {
      MysqlEndpoint there = TestServer.socketEndpoint(own);
      try (MysqlConnection connection = MysqlConnection.open(there)) {
        own.kill();
        assertThatExceptionOfType(MysqlException.class)
            .isThrownBy(() -> connection.execute("SELECT 1"))
            .withMessageContaining("lost the connection to the database at " + there.socket())
            .satisfies(e -> assertThat(e.connectionLost()).isTrue());
      }
      assertThatExceptionOfType(MysqlException.class)
          .isThrownBy(() -> MysqlConnection.open(there))
          .withMessageContaining("no server listens at it");
      own.start();
      try (MysqlConnection connection = MysqlConnection.open(there)) {
        assertThat(connection.ping()).isTrue();
      }
    }
  }

  private MysqlEndpoint as(String user, String password) {
    return new MysqlEndpoint(endpoint.host(), endpoint.port(), user, Password.of(password), null)
        .withSocket(endpoint.socket());
  }

  private String variable(String name) {
    try (MysqlConnection connection = MysqlConnection.open(endpoint)) {
      return connection.execute("SELECT @@" + name).only().text(0);
    }
  }

  private static String cipher(MysqlEndpoint endpoint) {
    try (MysqlConnection connection = MysqlConnection.open(endpoint)) {
      return connection.execute("SHOW SESSION STATUS LIKE 'Ssl_cipher'").only().text(1);
    }
  }
}
