package dev.shunt.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.shunt.embedded.Ports;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@ParameterizedClass
@EnumSource(TestServer.class)
class AuthenticationIT {
  @Parameter TestServer server;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "secret",
        "",
        "a password that is a good deal longer than the scramble",
        "p\u00e4ss"
      })
  void logsInWithThePasswordOnly(String password) {
    createUser("'auth'@'%'", password);
    // The first login is a full one, the second one meets the server's cache.
    for (int i = 0; i < 2; i++) {
      try (MysqlConnection connection = MysqlConnection.open(as("auth", password))) {
        assertThat(connection.execute("SELECT CURRENT_USER()").only().text(0)).isEqualTo("auth@%");
      }
    }
    assertThatExceptionOfType(MysqlException.class)
        .isThrownBy(() -> MysqlConnection.open(as("auth", "wrong")))
        .satisfies(e -> {
          assertThat(e.errno()).isEqualTo(1045);
          assertThat(e.sqlState()).isEqualTo("28000");
          assertThat(e.connectionLost()).isFalse();
        });
  }

  @Test
  void anUnknownDatabaseIsToldByTheServer() {
    MysqlEndpoint endpoint = TestServer.endpoint(server.shared()).withDatabase("nowhere");
    assertThatExceptionOfType(MysqlException.class)
        .isThrownBy(() -> MysqlConnection.open(endpoint))
        .satisfies(e -> assertThat(e.errno()).isEqualTo(1049));
  }

  @Test
  void namesThePluginThatItDoesNotSpeak() {
    assumeTrue(server == TestServer.MYSQL, "MySQL has the plugin built in");
    try (MysqlConnection root = MysqlConnection.open(TestServer.endpoint(server.shared()))) {
      root.execute("DROP USER IF EXISTS 'odd'@'%'");
      root.execute("CREATE USER 'odd'@'%' IDENTIFIED WITH sha256_password BY 'x'");
    }
    assertThatExceptionOfType(MysqlException.class)
        .isThrownBy(() -> MysqlConnection.open(as("odd", "x")))
        .withMessageContaining("wants authentication plugin sha256_password");
  }

  @Test
  void nobodyListening() {
    MysqlEndpoint nobody =
        new MysqlEndpoint("127.0.0.1", Ports.free(), "u", Password.of("hidden"), null);
    assertThatExceptionOfType(MysqlException.class)
        .isThrownBy(() -> MysqlConnection.open(nobody))
        .withMessageContaining("can't connect to the database at " + nobody.address())
        .satisfies(e -> {
          assertThat(e.errno()).isEqualTo(MysqlException.CONNECT_FAILED);
          assertThat(e.connectionLost()).isTrue();
        });
    assertThat(nobody.toString()).doesNotContain("hidden");
  }

  private void createUser(String account, String password) {
    try (MysqlConnection root = MysqlConnection.open(TestServer.endpoint(server.shared()))) {
      root.execute("DROP USER IF EXISTS " + account);
      root.execute("CREATE USER " + account + " IDENTIFIED BY " + SqlText.literal(password));
    }
  }

  private MysqlEndpoint as(String user, String password) {
    MysqlEndpoint endpoint = TestServer.endpoint(server.shared());
    return new MysqlEndpoint(endpoint.host(), endpoint.port(), user, Password.of(password), null);
  }
}
