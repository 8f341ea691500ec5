package dev.shunt.mysql;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * A server of the protocol that answers each statement as a test wants, and OK to the others. What
 * it greets with, and how it lets somebody in, is the test's too.
 */
final class ScriptedServer implements AutoCloseable {
  /** What servers of today offer. */
  static final int OFFERED = Capability.chosen(-1, true, true);

  static final byte[] SCRAMBLE = "abcdefghijklmnopqrst".getBytes(ISO_8859_1);

  private static final int COM_QUIT = 1;
  private static final int COM_QUERY = 3;

  private final ServerSocket listening;
  private final Map<String, Deque<Answer>> answers = new LinkedHashMap<>();
  private final List<String> statements = new CopyOnWriteArrayList<>();
  private String version = "9.7.4";
  private String plugin = NativePassword.NAME;
  private int offered = OFFERED;
  private Answer login = ok();

  /** What the server says to a statement, or instead of the OK that ends a login. */
  @FunctionalInterface
  interface Answer {
    /**
     * Sends it.
     *
     * @param in what the client sends
     * @param out numbers its packets on from those of the client
     */
    void send(PacketReader in, PacketWriter out) throws IOException;
  }

  private ScriptedServer() {
    try {
      listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static ScriptedServer mysql() {
    return new ScriptedServer();
  }

  static ScriptedServer mariaDb() {
    return new ScriptedServer().version("5.5.5-11.4.5-MariaDB-log");
  }

  ScriptedServer version(String text) {
    version = text;
    return this;
  }

  /** Proposes this authentication. */
  ScriptedServer plugin(String name) {
    plugin = name;
    return this;
  }

  ScriptedServer offering(int capabilities) {
    offered = capabilities;
    return this;
  }

  /** Goes on so behind the client's answer to the greeting. */
  ScriptedServer login(Answer answer) {
    login = answer;
    return this;
  }

  /** Answers statements that begin so, one after the other; the last answer is for all further. */
  ScriptedServer on(String beginning, Answer... all) {
    answers.put(beginning, new ArrayDeque<>(Arrays.asList(all)));
    return this;
  }

  /** All statements that came, without those by which a session is made ours. */
  List<String> statements() {
    return statements.stream().filter(sql -> !sql.startsWith("SET SESSION autocommit")).toList();
  }

  /** Begins to listen. */
  MysqlEndpoint endpoint(String password) {
    Thread unused = Thread.ofVirtual().name("scripted-server").start(this::accept);
    return new MysqlEndpoint(
        "127.0.0.1", listening.getLocalPort(), "somebody", Password.of(password), null);
  }

  MysqlConnection connect() {
    return MysqlConnection.open(endpoint("geheim"));
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listening.accept();
        Thread unused = Thread.ofVirtual().start(() -> serve(socket));
      }
    } catch (IOException _) {
      // It is closed.
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      PacketReader in = new PacketReader(socket.getInputStream());
      PacketWriter out = new PacketWriter(socket.getOutputStream());
      greet(out);
      in.expectSequence(1);
      in.read();
      out.startAt(in.sequence());
      login.send(in, out);
      while (answers(in, out)) {
        // on to the next one
      }
    } catch (IOException _) {
      // The client is gone.
    }
  }

  private void greet(PacketWriter out) throws IOException {
    out.int1(10).nulTerminated(version).int4(42).bytes(SCRAMBLE, 0, 8).zeros(1);
    out.int2(offered).int1(45).int2(2).int2(offered >>> 16).int1(21).zeros(10);
    out.bytes(SCRAMBLE, 8, 12).zeros(1).nulTerminated(plugin);
    out.send();
  }

  private boolean answers(PacketReader in, PacketWriter out) throws IOException {
    in.expectSequence(0);
    Packet packet = in.read();
    int command = packet.int1();
    byte[] argument = packet.take(packet.remaining());
    out.startAt(1);
    if (command == COM_QUIT) {
      return false;
    }
    if (command != COM_QUERY) {
      ok().send(in, out);
      return true;
    }
    String sql = new String(argument, UTF_8);
    statements.add(sql);
    answer(sql).send(in, out);
    return true;
  }

  private synchronized Answer answer(String sql) {
    for (Map.Entry<String, Deque<Answer>> entry : answers.entrySet()) {
      if (sql.startsWith(entry.getKey())) {
        Deque<Answer> left = entry.getValue();
        return left.size() > 1 ? left.removeFirst() : left.getFirst();
      }
    }
    return ok();
  }

  static Answer ok() {
    return ok(Responses.AUTOCOMMIT, 0, "");
  }

  static Answer ok(int status, int affectedRows, String info) {
    return (in, out) -> {
      out.int1(0).lengthEncodedInteger(affectedRows).lengthEncodedInteger(0);
      out.int2(status).int2(0).bytes(info.getBytes(UTF_8)).send();
    };
  }

  static Answer error(int errno, String state, String message) {
    return (in, out) ->
        out.int1(0xff).int2(errno).bytes(("#" + state + message).getBytes(UTF_8)).send();
  }

  /** Ends the connection in place of an answer. */
  static Answer hangUp() {
    return (in, out) -> {
      throw new IOException("hung up");
    };
  }

  /** One answer behind the other, as of several statements. */
  static Answer all(Answer... parts) {
    return (in, out) -> {
      for (Answer part : parts) {
        part.send(in, out);
      }
    };
  }

  /** One row. */
  static Answer row(@Nullable String... values) {
    return rows(Arrays.asList(values));
  }

  /** Rows of texts; as many columns as the first has, one where there is no row. */
  @SafeVarargs
  static Answer rows(List<? extends @Nullable String>... rows) {
    return rows(Responses.AUTOCOMMIT, rows);
  }

  /** As {@link #rows(List[])}, with the status that the end tells. */
  @SafeVarargs
  static Answer rows(int status, List<? extends @Nullable String>... rows) {
    return (in, out) -> {
      columns(out, rows.length == 0 ? 1 : rows[0].size());
      for (List<? extends @Nullable String> row : rows) {
        for (String value : row) {
          if (value == null) {
            out.int1(0xfb);
          } else {
            out.lengthEncoded(value.getBytes(UTF_8));
          }
        }
        out.send();
      }
      end(out, status);
    };
  }

  /** The head of a result: columns c0, c1 and so on, texts of table db.t. */
  static void columns(PacketWriter out, int count) throws IOException {
    out.lengthEncodedInteger(count).send();
    for (int i = 0; i < count; i++) {
      for (String text : List.of("def", "db", "t", "t", "c" + i, "c" + i)) {
        out.lengthEncoded(text.getBytes(UTF_8));
      }
      out.int1(12).int2(45).int4(1020).int1(253).int2(0).int1(0).int2(0).send();
    }
  }

  /** The end of rows for a client that wants no EOF packets. */
  static void end(PacketWriter out, int status) throws IOException {
    out.int1(0xfe).int1(0).int1(0).int2(status).int2(0).send();
  }

  /** The payload of the next packet of the client. */
  static byte[] received(PacketReader in, PacketWriter out) throws IOException {
    in.expectSequence(out.sequence());
    Packet packet = in.read();
    out.startAt(in.sequence());
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(packet.take(packet.remaining()));
    return bytes.toByteArray();
  }

  @Override
  public void close() {
    try {
      listening.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
