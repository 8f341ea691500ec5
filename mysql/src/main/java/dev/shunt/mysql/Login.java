package dev.shunt.mysql;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The exchange from the server's greeting to its OK. */
final class Login {
  private static final int UTF8MB4_GENERAL_CI = 45;
  private static final int OK = 0x00;
  private static final int MORE_DATA = 0x01;
  private static final int SWITCH = 0xfe;
  private static final int ERROR = 0xff;
  private static final int ACCESS_DENIED = 1045;
  private static final long MAX_PACKET = 1 << 30;

  private final PacketReader in;
  private final PacketWriter out;
  private final MysqlEndpoint endpoint;
  private final Upgrade upgrade;
  private final boolean privateLink;
  private boolean encrypted;
  private String plugin = "";
  private byte[] scramble = {};

  /**
   * @param privateLink whether nobody else can listen to the link anyway
   * @param upgrade puts TLS over the link
   */
  Login(
      PacketReader in,
      PacketWriter out,
      MysqlEndpoint endpoint,
      boolean privateLink,
      Upgrade upgrade) {
    this.in = in;
    this.out = out;
    this.endpoint = endpoint;
    this.privateLink = privateLink;
    this.upgrade = upgrade;
  }

  /** Puts TLS over the link; reader and writer go over it from then on. */
  @FunctionalInterface
  interface Upgrade {
    void run() throws IOException;
  }

  /** Logs in and returns the flags that both sides agreed on, with what the server said. */
  Session run(boolean foundRows) throws IOException {
    Greeting greeting = Greeting.parse(in.read());
    int capabilities =
        Capability.chosen(greeting.capabilities(), endpoint.database() != null, foundRows);
    if ((capabilities & Capability.PROTOCOL_41) == 0) {
      throw Packet.malformed("the server does not speak protocol 4.1");
    }
    // A server may propose a plugin of its own liking; it switches after the first answer.
    plugin = greeting.plugin().equals(CachingSha2.NAME) ? CachingSha2.NAME : NativePassword.NAME;
    scramble = greeting.scramble();
    capabilities = encrypt(greeting, capabilities);
    respond(capabilities);
    return new Session(greeting, capabilities, authenticate());
  }

  /**
   * Asks the server for TLS where that is wanted; the flags with or without it. As MySQL's clients
   * it prefers none where the link is private.
   */
  private int encrypt(Greeting greeting, int capabilities) throws IOException {
    Tls.Mode mode = endpoint.tls().mode();
    boolean offered = (greeting.capabilities() & Capability.SSL) != 0;
    if (!mode.demanded() && (mode == Tls.Mode.DISABLED || privateLink || !offered)) {
      return capabilities;
    }
    if (!offered) {
      throw MysqlException.client(
          MysqlException.TLS_FAILED,
          "the database at "
              + endpoint.address()
              + " offers no TLS, which the SSL mode "
              + mode
              + " demands",
          null);
    }
    int chosen = capabilities | Capability.SSL;
    out.startAt(in.sequence());
    out.int4(chosen).int4(MAX_PACKET).int1(UTF8MB4_GENERAL_CI).zeros(23);
    send();
    upgrade.run();
    encrypted = true;
    return chosen;
  }

  /** What a login gives. */
  record Session(Greeting greeting, int capabilities, int status) {}

  private void respond(int capabilities) throws IOException {
    out.startAt(in.sequence());
    out.int4(capabilities)
        .int4(MAX_PACKET)
        .int1(UTF8MB4_GENERAL_CI)
        .zeros(23)
        .nulTerminated(endpoint.user());
    byte[] answer = answer();
    if ((capabilities & Capability.PLUGIN_AUTH_LENENC) != 0) {
      out.lengthEncoded(answer);
    } else {
      out.int1(answer.length).bytes(answer);
    }
    @Nullable String database = endpoint.database();
    if ((capabilities & Capability.CONNECT_WITH_DB) != 0 && database != null) {
      out.nulTerminated(database);
    }
    if ((capabilities & Capability.PLUGIN_AUTH) != 0) {
      out.nulTerminated(plugin);
    }
    if ((capabilities & Capability.CONNECT_ATTRIBUTES) != 0) {
      byte[] name = "program_name".getBytes(StandardCharsets.UTF_8);
      byte[] value = "shunt".getBytes(StandardCharsets.UTF_8);
      out.lengthEncodedInteger(name.length + value.length + 2);
      out.lengthEncoded(name).lengthEncoded(value);
    }
    send();
  }

  /** Reads until OK; returns the status flags in it. */
  private int authenticate() throws IOException {
    while (true) {
      Packet packet = in.read();
      switch (packet.kind()) {
        case OK -> {
          return Responses.ok(packet).status();
        }
        case ERROR -> {
          packet.skip(1);
          throw refused(Responses.error(packet));
        }
        case SWITCH -> switchPlugin(packet);
        case MORE_DATA -> moreData(packet);
        default -> throw Packet.malformed("packet " + packet.kind() + " during the login");
      }
    }
  }

  /** Says which server it is, and what may be missing; servers say neither. */
  private MysqlException refused(MysqlException error) {
    String hint =
        error.errno() == ACCESS_DENIED && !encrypted
            ? "; the connection was not encrypted, which the account may demand (REQUIRE SSL):"
                + " the SSL mode is "
                + endpoint.tls().mode()
            : "";
    return new MysqlException(
        error.errno(),
        error.sqlState(),
        "the database at "
            + endpoint.address()
            + " refuses account "
            + endpoint.user()
            + ": "
            + error.sentence()
            + hint,
        error);
  }

  private void switchPlugin(Packet packet) throws IOException {
    packet.skip(1);
    plugin = packet.nulTerminatedText();
    // The scramble may be followed by a zero.
    scramble = packet.take(Math.min(packet.remaining(), 20));
    byte[] answer = answer();
    out.startAt(in.sequence());
    out.bytes(answer);
    send();
  }

  private void moreData(Packet packet) throws IOException {
    packet.skip(1);
    if (!plugin.equals(CachingSha2.NAME) || packet.remaining() != 1) {
      throw Packet.malformed("more data for " + plugin);
    }
    int state = packet.int1();
    if (state == CachingSha2.FAST_SUCCESS) {
      return;
    }
    if (state != CachingSha2.FULL_AUTHENTICATION) {
      throw Packet.malformed("state " + state + " of " + plugin);
    }
    if (encrypted || privateLink) { // nobody else sees it; the server takes no other then
      out.startAt(in.sequence());
      out.nulTerminated(endpoint.password().reveal());
      send();
      return;
    }
    out.startAt(in.sequence());
    out.int1(CachingSha2.KEY_REQUEST);
    send();
    Packet key = in.read();
    if (key.kind() == ERROR) {
      key.skip(1);
      throw Responses.error(key);
    }
    key.skip(1);
    byte[] encrypted = CachingSha2.encrypted(endpoint.password(), scramble, key.restAsText());
    out.startAt(in.sequence());
    out.bytes(encrypted);
    send();
  }

  private void send() throws IOException {
    out.send();
    in.expectSequence(out.sequence());
  }

  private byte[] answer() {
    return switch (plugin) {
      case NativePassword.NAME -> NativePassword.answer(endpoint.password(), scramble);
      case CachingSha2.NAME -> CachingSha2.answer(endpoint.password(), scramble);
      default ->
          throw MysqlException.client(
              MysqlException.AUTHENTICATION,
              "account "
                  + endpoint.user()
                  + " on "
                  + endpoint.address()
                  + " wants authentication plugin "
                  + plugin
                  + "; use "
                  + NativePassword.NAME
                  + " or "
                  + CachingSha2.NAME,
              null);
    };
  }
}
