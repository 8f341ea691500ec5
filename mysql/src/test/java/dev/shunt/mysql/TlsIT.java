package dev.shunt.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.shunt.embedded.DatabaseKind;
import dev.shunt.embedded.DatabaseServer;
import dev.shunt.embedded.DatabaseSettings;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Lines to MySQL, which makes certificates of its own, and to a MariaDB that borrows them. */
class TlsIT {
  @TempDir static Path directory;
  private static Path certificates = Path.of("");
  private static DatabaseServer mariaDb;

  enum Engine {
    MYSQL,
    MARIADB
  }

  @BeforeAll
  static void start() {
    Assumptions.assumeTrue(DatabaseKind.MYSQL.isAvailableOrRequired(), DatabaseKind.MYSQL.hint());
    DatabaseServer mySql = TestServer.MYSQL.shared();
    try (MysqlConnection root = MysqlConnection.open(TestServer.endpoint(mySql))) {
      certificates = Path.of(root.execute("SELECT @@datadir").only().text(0));
    }
    mariaDb =
        DatabaseKind.MARIADB_11_4.start(
            DatabaseSettings.in(directory)
                .withArguments(
                    "--ssl",
                    "--ssl-ca=" + file("ca.pem"),
                    "--ssl-cert=" + file("server-cert.pem"),
                    "--ssl-key=" + file("server-key.pem")));
  }

  @AfterAll
  static void stop() {
    if (mariaDb != null) {
      mariaDb.close();
    }
  }

  private static String file(String name) {
    return certificates.resolve(name).toString();
  }

  private static MysqlEndpoint endpoint(Engine engine) {
    return TestServer.endpoint(
        switch (engine) {
          case MYSQL -> TestServer.MYSQL.shared();
          case MARIADB -> mariaDb;
        });
  }

  private static Tls tls(Tls.Mode mode, String ca) {
    return new Tls(mode, ca, "", "");
  }

  private static String cipher(MysqlEndpoint endpoint) {
    try (MysqlConnection connection = MysqlConnection.open(endpoint)) {
      return connection.execute("SHOW SESSION STATUS LIKE 'Ssl_cipher'").only().text(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void isEncryptedWhereTheServerOffersIt(Engine engine) {
    MysqlEndpoint endpoint = endpoint(engine);
    assertThat(cipher(endpoint)).isNotEmpty();
    assertThat(cipher(endpoint.withTls(tls(Tls.Mode.REQUIRED, "")))).isNotEmpty();
    assertThat(cipher(endpoint.withTls(Tls.DISABLED))).isEmpty();
  }

  @Test
  void isPlainWhereNoneIsOfferedUnlessDemanded() {
    MysqlEndpoint endpoint = TestServer.endpoint(TestServer.MARIADB_11_4.shared());
    assertThat(cipher(endpoint)).isEmpty();
    assertThatExceptionOfType(MysqlException.class)
        .isThrownBy(() -> MysqlConnection.open(endpoint.withTls(tls(Tls.Mode.REQUIRED, ""))))
        .withMessageContaining(endpoint.address() + " offers no TLS")
        .satisfies(e -> assertThat(e.connectionLost()).isFalse());
  }

  @ParameterizedTest
  @EnumSource
  void looksAtTheAuthorityAndTheName(Engine engine) {
    MysqlEndpoint endpoint = endpoint(engine);
    assertThat(cipher(endpoint.withTls(tls(Tls.Mode.VERIFY_CA, file("ca.pem"))))).isNotEmpty();
    for (Tls other :
        new Tls[] {
          tls(Tls.Mode.VERIFY_CA, ""), // the JVM trusts nobody who signed it
          tls(Tls.Mode.VERIFY_CA, file("client-cert.pem")),
          tls(Tls.Mode.VERIFY_IDENTITY, file("ca.pem")) // it is for no host
        }) {
      assertThatExceptionOfType(MysqlException.class)
          .as("%s", other)
          .isThrownBy(() -> MysqlConnection.open(endpoint.withTls(other)))
          .withMessageContaining("the line to the database at " + endpoint.address())
          .satisfies(e -> assertThat(e.errno()).isEqualTo(MysqlException.TLS_FAILED));
    }
  }

  @ParameterizedTest
  @EnumSource
  void logsIntoAccountsThatDemandIt(Engine engine) {
    MysqlEndpoint root = endpoint(engine);
    try (MysqlConnection connection = MysqlConnection.open(root)) {
      connection.execute("DROP USER IF EXISTS 'secured'@'%'");
      connection.execute("CREATE USER 'secured'@'%' IDENTIFIED BY 'secret' REQUIRE SSL");
    }
    MysqlEndpoint secured =
        new MysqlEndpoint(root.host(), root.port(), "secured", Password.of("secret"), null);
    for (int i = 0; i < 2; i++) { // the second one meets the server's cache
      assertThat(cipher(secured)).isNotEmpty();
    }
    assertThatExceptionOfType(MysqlException.class)
        .isThrownBy(() -> MysqlConnection.open(secured.withTls(Tls.DISABLED)))
        .withMessageContaining(
            "the database at " + root.address() + " refuses account secured: Access denied")
        .withMessageContaining("the connection was not encrypted")
        .satisfies(e -> assertThat(e.errno()).isEqualTo(1045));
  }

  @ParameterizedTest
  @EnumSource
  void showsACertificateOfItsOwn(Engine engine) {
    MysqlEndpoint root = endpoint(engine);
    try (MysqlConnection connection = MysqlConnection.open(root)) {
      connection.execute("DROP USER IF EXISTS 'certified'@'%'");
      connection.execute("CREATE USER 'certified'@'%' IDENTIFIED BY 'secret' REQUIRE X509");
    }
    MysqlEndpoint certified =
        new MysqlEndpoint(root.host(), root.port(), "certified", Password.of("secret"), null);
    assertThatExceptionOfType(MysqlException.class)
        .isThrownBy(() -> MysqlConnection.open(certified))
        .satisfies(e -> assertThat(e.errno()).isEqualTo(1045));
    Tls own =
        new Tls(
            Tls.Mode.VERIFY_CA, file("ca.pem"), file("client-cert.pem"), file("client-key.pem"));
    assertThat(cipher(certified.withTls(own))).isNotEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void carriesLargeAnswersAndCanBeAborted(Engine engine) throws InterruptedException {
    MysqlEndpoint endpoint = endpoint(engine);
    try (MysqlConnection connection = MysqlConnection.open(endpoint)) {
      assertThat(connection.execute("SELECT REPEAT('x', 20000000)").only().text(0))
          .hasSize(20_000_000);
      Thread aborting = Thread.ofVirtual().start(connection::abort);
      assertThatExceptionOfType(MysqlException.class)
          .isThrownBy(() -> connection.execute("SELECT SLEEP(30)"))
          .satisfies(e -> assertThat(e.connectionLost()).isTrue());
      aborting.join();
    }
  }

  @Test
  void settingsThatDontGoTogetherAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Tls(Tls.Mode.REQUIRED, "ca.pem", "", ""));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Tls(Tls.Mode.REQUIRED, "", "cert.pem", ""));
    assertThatIllegalArgumentException().isThrownBy(() -> Tls.Mode.of("sometimes"));
    assertThat(Tls.Mode.of("verify-full")).isEqualTo(Tls.Mode.VERIFY_IDENTITY);
  }
}
