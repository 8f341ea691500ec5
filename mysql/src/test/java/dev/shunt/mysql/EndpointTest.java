package dev.shunt.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a connection goes and how it is protected: what is taken, and what is refused in words. */
class EndpointTest {
  private static final MysqlEndpoint ENDPOINT =
      new MysqlEndpoint("db", 3306, "u", Password.of("geheim"), "shop");

  @TempDir Path folder;

  @Test
  void isRefusedWithoutAPlaceToGoTo() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new MysqlEndpoint(" ", 3306, "u", Password.of(""), null))
        .withMessage("the database host is empty");
    for (int port : new int[] {0, -1, 65_536}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new MysqlEndpoint("db", port, "u", Password.of(""), null))
          .withMessage("database port " + port + " is not between 1 and 65535");
    }
    for (String socket : new String[] {"", " ", "/a\0b"}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ENDPOINT.withSocket(socket))
          .withMessage("the path of the database's socket is empty or malformed");
    }
  }

  @Test
  void keepsTheRestWhereOnePartIsAnother() {
    Tls tls = new Tls(Tls.Mode.VERIFY_CA, "/ca.pem", "", "");
    MysqlEndpoint all = ENDPOINT.withSocket("/s").withTls(tls).withDatabase(null);

    assertThat(all.address()).isEqualTo("/s");
    assertThat(all.withSocket(null).address()).isEqualTo("db:3306");
    assertThat(all.database()).isNull();
    assertThat(all.tls()).isEqualTo(tls);
    assertThat(all.withDatabase("shop").withSocket(null).withTls(Tls.PREFERRED))
        .isEqualTo(ENDPOINT);
    assertThat(all.toString()).doesNotContain("geheim");
  }

  @ParameterizedTest
  @CsvSource({
    "disabled, DISABLED",
    "DISABLE, DISABLED",
    "'', PREFERRED",
    "Preferred, PREFERRED",
    "trust, REQUIRED",
    "verify-ca, VERIFY_CA",
    "VERIFY_FULL, VERIFY_IDENTITY",
    "verify_identity, VERIFY_IDENTITY"
  })
  void readsTheModesOfBothDrivers(String name, Tls.Mode mode) {
    assertThat(Tls.Mode.of(name)).isEqualTo(mode);
  }

  @Test
  void refusesWhatDoesNotGoTogether() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Tls.Mode.of("yes"))
        .withMessageStartingWith("unknown SSL mode 'yes': use DISABLED");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Tls(Tls.Mode.REQUIRED, "", "cert.pem", ""))
        .withMessage("a client's certificate and its key go together: give both files or none");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Tls(Tls.Mode.REQUIRED, "", "", "key.pem"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Tls(Tls.Mode.REQUIRED, "ca.pem", "", ""))
        .withMessageEndingWith("not with REQUIRED");
  }

  @Test
  void boundsItsTimes() {
    for (Duration connect : new Duration[] {Duration.ZERO, Duration.ofMillis(-1)}) {
      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> new ConnectOptions(connect, Duration.ZERO, false, ConnectOptions.Session.OWN));
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ConnectOptions.DEFAULT.withReadTimeout(Duration.ofNanos(-1)))
        .withMessage("connectTimeout must be positive and readTimeout not negative");
    assertThat(ConnectOptions.DEFAULT.withFoundRows().forApplication())
        .isEqualTo(
            new ConnectOptions(
                Duration.ofSeconds(10), Duration.ZERO, true, ConnectOptions.Session.APPLICATION));
  }

  /** To a socket zero milliseconds are no limit, and more than an int of them are none it knows. */
  @Test
  void aTcpLinkWaitsAsLongAsItIsTold() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        TcpLink line =
            TcpLink.open(
                (InetSocketAddress) silent.getLocalSocketAddress(), Duration.ofDays(100))) {
      line.readTimeout(Duration.ofDays(100));
      line.readTimeout(Duration.ofNanos(1));
      assertThatThrownBy(() -> line.in().read()).isInstanceOf(SocketTimeoutException.class);
    }
  }

  private IOException unsafe(Tls tls) {
    try (Socket plain = new Socket()) {
      TlsSocket.over(plain, ENDPOINT.withTls(tls)).close();
      throw new AssertionError("it was taken");
    } catch (IOException e) {
      return e;
    }
  }

  private String file(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content, StandardCharsets.ISO_8859_1).toString();
  }

  private static String pem(String kind, byte[] content) {
    return "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n"
        .formatted(kind, Base64.getMimeEncoder().encodeToString(content));
  }

  @Test
  void aFileOfAuthoritiesThatIsNoneIsNamed() throws IOException {
    String missing = folder.resolve("missing.pem").toString();
    assertThat(unsafe(new Tls(Tls.Mode.VERIFY_CA, missing, "", "")))
        .hasMessage("there is no file " + missing);
    String empty = file("empty.pem", "");
    assertThat(unsafe(new Tls(Tls.Mode.VERIFY_CA, empty, "", "")))
        .hasMessage("there is no certificate in " + empty);
    String broken = file("broken.pem", pem("CERTIFICATE", new byte[] {1, 2, 3}));
    assertThat(unsafe(new Tls(Tls.Mode.VERIFY_CA, broken, "", "")))
        .hasMessageStartingWith("TLS can't be set up: ");
  }

  /** Each as one sentence of an IOException, which the connection tells; nothing of the key. */
  @ParameterizedTest
  @ValueSource(strings = {"missing", "of another form", "cut off", "no key at all"})
  void aClientsKeyThatIsNoneIsNamed(String kind) throws Exception {
    String certificate = Path.of("src/test/resources/client-cert.pem").toString();
    String key = folder.resolve("key.pem").toString();
    switch (kind) {
      case "missing" -> {}
      case "of another form" -> file("key.pem", pem("RSA PRIVATE KEY", new byte[99]));
      case "cut off" ->
          file("key.pem", "-----BEGIN PRIVATE KEY-----\nMIIEv\n-----END PRIVATE KEY-----\n");
      default -> file("key.pem", pem("PRIVATE KEY", new byte[99]));
    }

    IOException refusal = unsafe(new Tls(Tls.Mode.REQUIRED, "", certificate, key));

    assertThat(refusal)
        .message()
        .contains(key)
        .isEqualTo(
            switch (kind) {
              case "missing" -> "there is no file " + key;
              case "of another form" ->
                  key
                      + " holds no private key as PKCS #8 without a password; make one of another"
                      + " by openssl pkcs8 -topk8 -nocrypt";
              case "cut off" -> "the private key in " + key + " is not whole";
              default -> "the private key in " + key + " is none of [RSA, EC, EdDSA]";
            });
  }

  /** Tools write whose it is in front of it, in any language. */
  @ParameterizedTest
  @ValueSource(strings = {"RSA", "EC", "Ed25519"})
  void aKeyIsTakenWithWhateverStandsBeforeIt(String algorithm) throws Exception {
    String certificate = Path.of("src/test/resources/client-cert.pem").toString();
    byte[] encoded =
        KeyPairGenerator.getInstance(algorithm).generateKeyPair().getPrivate().getEncoded();
    String key = file("key.pem", "friendlyName: M\u00fcller\n" + pem("PRIVATE KEY", encoded));

    // It comes as far as to the line, which leads nowhere.
    assertThat(unsafe(new Tls(Tls.Mode.REQUIRED, "", certificate, key)))
        .isInstanceOf(java.net.SocketException.class);
  }
}
