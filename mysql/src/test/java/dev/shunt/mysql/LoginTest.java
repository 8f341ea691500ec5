package dev.shunt.mysql;

import static dev.shunt.mysql.ScriptedServer.SCRAMBLE;
import static dev.shunt.mysql.ScriptedServer.error;
import static dev.shunt.mysql.ScriptedServer.ok;
import static dev.shunt.mysql.ScriptedServer.received;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.Base64;
import java.util.HexFormat;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import javax.crypto.Cipher;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How somebody is let in, or not, by servers that ask for it in their own ways. */
class LoginTest {
  private static final byte[] OTHER_SCRAMBLE = "ABCDEFGHIJKLMNOPQRST".getBytes(UTF_8);
  private static final String PASSWORD = "geheim";

  private final ScriptedServer server = ScriptedServer.mysql();
  private final BlockingQueue<byte[]> answered = new LinkedBlockingQueue<>();

  @AfterEach
  void stop() {
    server.close();
  }

  private static ScriptedServer.Answer switchTo(String plugin, byte[] scramble) {
    return (in, out) -> out.int1(0xfe).nulTerminated(plugin).bytes(scramble).zeros(1).send();
  }

  /** Keeps what the client says next, then answers. */
  private ScriptedServer.Answer then(ScriptedServer.Answer before, ScriptedServer.Answer after) {
    return (in, out) -> {
      before.send(in, out);
      answered.add(received(in, out));
      after.send(in, out);
    };
  }

  private static ScriptedServer.Answer more(byte... data) {
    return (in, out) -> out.int1(1).bytes(data).send();
  }

  private MysqlException refused(MysqlEndpoint endpoint) {
    return org.assertj.core.api.Assertions.catchThrowableOfType(
        MysqlException.class, () -> MysqlConnection.open(endpoint).close());
  }

  /** Computed with MySQL's own formula by other tools (openssl dgst). */
  @ParameterizedTest
  @CsvSource({
    "geheim, 20-byte-random-data.",
    "'', 20-byte-random-data.",
    "pässword, abcdefghijklmnopqrst"
  })
  void theAnswersAreWhatTheFormulasSay(String password, String scramble) throws Exception {
    byte[] random = scramble.getBytes(UTF_8);
    byte[] native20 = NativePassword.answer(Password.of(password), random);
    byte[] sha32 = CachingSha2.answer(Password.of(password), random);
    if (password.isEmpty()) {
      assertThat(native20).isEmpty();
      assertThat(sha32).isEmpty();
      return;
    }
    assertThat(native20).hasSize(20);
    assertThat(sha32).hasSize(32);
    // A server keeps the hash of the hash, and finds the hash from the answer and that.
    var sha1 = java.security.MessageDigest.getInstance("SHA-1");
    byte[] stored = sha1.digest(sha1.digest(password.getBytes(UTF_8)));
    sha1.update(random);
    byte[] recovered = NativePassword.xor(native20, sha1.digest(stored));
    assertThat(sha1.digest(recovered)).isEqualTo(stored);
    var sha256 = java.security.MessageDigest.getInstance("SHA-256");
    byte[] kept = sha256.digest(sha256.digest(password.getBytes(UTF_8)));
    sha256.update(kept);
    byte[] found = NativePassword.xor(sha32, sha256.digest(random));
    assertThat(sha256.digest(found)).isEqualTo(kept);
  }

  @Test
  void aKnownAnswerOfTheNativePlugin() {
    byte[] random = HexFormat.of().parseHex("0102030405060708090a0b0c0d0e0f1011121314");
    assertThat(NativePassword.answer(Password.of("password"), random))
        .isEqualTo(NATIVE_OF_PASSWORD);
  }

  private static final byte[] NATIVE_OF_PASSWORD =
      HexFormat.of().parseHex("c17d6009a5cb47e59f7483fcf05553bbbf7dd0d6");

  @Test
  void answersAnotherPluginWithItsOwnScramble() throws Exception {
    server.login(
        ScriptedServer.all(then(switchTo(CachingSha2.NAME, OTHER_SCRAMBLE), more((byte) 3)), ok()));

    try (MysqlConnection connection = MysqlConnection.open(server.endpoint(PASSWORD))) {
      assertThat(connection.ping()).isTrue();
    }

    assertThat(answered.take())
        .isEqualTo(CachingSha2.answer(Password.of(PASSWORD), OTHER_SCRAMBLE));
  }

  @Test
  void aPluginOfAnotherKindIsRefusedWithWhatToUse() {
    server.login(switchTo("sha256_password", OTHER_SCRAMBLE));

    MysqlException refusal = refused(server.endpoint(PASSWORD));

    assertThat(refusal.errno()).isEqualTo(MysqlException.AUTHENTICATION);
    assertThat(refusal)
        .hasMessageStartingWith("account somebody on 127.0.0.1:")
        .hasMessageContaining(
            "wants authentication plugin sha256_password; use mysql_native_password or"
                + " caching_sha2_password");
  }

  /** On a line that anybody may listen to the password goes under the server's key. */
  @Test
  void aPasswordThatTheServerDoesNotHaveInItsCacheGoesUnderItsKey() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    KeyPair pair = generator.generateKeyPair();
    String pem =
        "-----BEGIN PUBLIC KEY-----\n"
            + Base64.getMimeEncoder(64, new byte[] {'\n'})
                .encodeToString(pair.getPublic().getEncoded())
            + "\n-----END PUBLIC KEY-----\n";
    server
        .plugin(CachingSha2.NAME)
        .login((in, out) -> {
          out.int1(1).int1(CachingSha2.FULL_AUTHENTICATION).send();
          answered.add(received(in, out));
          out.int1(1).bytes(pem.getBytes(UTF_8)).send();
          answered.add(received(in, out));
          ok().send(in, out);
        });

    MysqlConnection.open(server.endpoint(PASSWORD)).close();

    assertThat(answered.take()).containsExactly(CachingSha2.KEY_REQUEST);
    Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPWithSHA-1AndMGF1Padding");
    cipher.init(Cipher.DECRYPT_MODE, pair.getPrivate());
    byte[] masked = cipher.doFinal(answered.take());
    assertThat(new String(NativePassword.xor(masked, SCRAMBLE), UTF_8)).isEqualTo(PASSWORD + "\0");
  }

  @Test
  void aKeyThatIsNoneIsRefusedWithoutThePassword() {
    server
        .plugin(CachingSha2.NAME)
        .login((in, out) -> {
          out.int1(1).int1(CachingSha2.FULL_AUTHENTICATION).send();
          answered.add(received(in, out));
          out.int1(1).bytes("-----BEGIN PUBLIC KEY-----\nno*key\n".getBytes(UTF_8)).send();
        });

    MysqlException refusal = refused(server.endpoint(PASSWORD));

    assertThat(refusal.errno()).isEqualTo(MysqlException.AUTHENTICATION);
    assertThat(refusal).hasMessageStartingWith("the server's public key can't be used");
  }

  @Test
  void whatAServerMustNotSendDuringALoginIsMalformed() {
    for (ScriptedServer.Answer answer :
        new ScriptedServer.Answer[] {
          more((byte) 3), // of the native plugin
          (in, out) -> out.int1(7).send(),
          (in, out) -> out.send()
        }) {
      assertThat(refused(server.login(answer).endpoint(PASSWORD)).errno())
          .isEqualTo(MysqlException.MALFORMED_PACKET);
    }
    server.plugin(CachingSha2.NAME);
    for (ScriptedServer.Answer answer :
        new ScriptedServer.Answer[] {more((byte) 9), more((byte) 3, (byte) 4), more()}) {
      assertThat(refused(server.login(answer).endpoint(PASSWORD)).errno())
          .isEqualTo(MysqlException.MALFORMED_PACKET);
    }
  }

  @Test
  void anAccountThatIsRefusedIsNamedWithTheServerAndWhatMayBeMissing() {
    server.login(error(1045, "28000", "Access denied for user 'somebody'@'h'"));

    MysqlException refusal = refused(server.endpoint(PASSWORD));

    assertThat(refusal.errno()).isEqualTo(1045);
    assertThat(refusal.sqlState()).isEqualTo("28000");
    assertThat(refusal)
        .hasMessageMatching(
            "the database at 127.0.0.1:\\d+ refuses account somebody: Access denied for user"
                + " 'somebody'@'h'; the connection was not encrypted, which the account may demand"
                + " \\(REQUIRE SSL\\): the SSL mode is PREFERRED \\(errno 1045\\)"
                + " \\(sqlstate 28000\\)");
  }

  @Test
  void anotherRefusalSaysNothingOfEncryption() {
    server.login(error(1049, "42000", "Unknown database 'x'"));

    assertThat(refused(server.endpoint(PASSWORD)))
        .hasMessageEndingWith("Unknown database 'x' (errno 1049) (sqlstate 42000)");
  }

  @Test
  void tlsThatIsDemandedAndNotOfferedIsRefused() {
    MysqlEndpoint endpoint =
        server.endpoint(PASSWORD).withTls(new Tls(Tls.Mode.REQUIRED, "", "", ""));

    MysqlException refusal = refused(endpoint);

    assertThat(refusal.errno()).isEqualTo(MysqlException.TLS_FAILED);
    assertThat(refusal).hasMessageContaining("offers no TLS, which the SSL mode REQUIRED demands");
  }

  @Test
  void aServerOfAnOlderProtocolIsRefused() {
    server.offering(ScriptedServer.OFFERED & ~Capability.PROTOCOL_41);

    assertThat(refused(server.endpoint(PASSWORD)))
        .hasMessageContaining("the server does not speak protocol 4.1");
  }

  @Test
  void aServerThatHangsUpDuringTheLoginIsNamed() {
    server.login(ScriptedServer.hangUp());

    assertThatExceptionOfType(MysqlException.class)
        .isThrownBy(() -> MysqlConnection.open(server.endpoint(PASSWORD)).close())
        .satisfies(lost -> assertThat(lost.errno()).isEqualTo(MysqlException.CONNECT_FAILED))
        .withMessageContaining("can't connect to the database at 127.0.0.1:");
  }

  @Test
  void asksOnlyForWhatTheServerOffers() {
    int all = Capability.chosen(-1, true, true);
    assertThat(all & Capability.SSL).isZero(); // asked for in its own way
    assertThat(Capability.chosen(-1, false, false) & Capability.CONNECT_WITH_DB).isZero();
    assertThat(Capability.chosen(-1, false, false) & Capability.FOUND_ROWS).isZero();
    assertThat(Capability.chosen(0, true, true)).isZero();
    assertThat(Capability.chosen(Capability.PROTOCOL_41 | 1 << 30, true, true))
        .isEqualTo(Capability.PROTOCOL_41);
  }
}
