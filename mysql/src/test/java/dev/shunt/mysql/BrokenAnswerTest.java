package dev.shunt.mysql;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.Test;

/** A connection in the middle of an answer that can't be read is not used again. */
class BrokenAnswerTest {
  private static final byte[] OK = {0, 0, 0, 2, 0, 0, 0};

  /** A number of columns that is none. */
  private static final byte[] BROKEN = {(byte) 0xfe, -1, -1, -1, -1, -1, -1, -1, 0x7f};

  @Test
  void isClosed() throws Exception {
    try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread server = Thread.ofVirtual().start(() -> serve(listening));
      MysqlEndpoint endpoint =
          new MysqlEndpoint(
              "127.0.0.1", listening.getLocalPort(), "user", Password.of("password"), null);
      try (MysqlConnection connection = MysqlConnection.open(endpoint)) {
        assertThat(connection.autocommits()).isTrue();
        assertThatThrownBy(() -> connection.execute("SELECT broken"))
            .isInstanceOf(ArithmeticException.class);
        assertThat(connection.isClosed()).isTrue();
        assertThatThrownBy(() -> connection.execute("SELECT 1"))
            .isInstanceOfSatisfying(
                MysqlException.class, e -> assertThat(e.connectionLost()).isTrue());
      }
      server.join();
    }
  }

  private static void serve(ServerSocket listening) {
    try (Socket socket = listening.accept()) {
      DataInputStream in = new DataInputStream(socket.getInputStream());
      OutputStream out = socket.getOutputStream();
      send(out, 0, greeting());
      var unused = packet(in);
      send(out, 2, OK);
      while (true) {
        String statement = new String(packet(in), US_ASCII);
        send(out, 1, statement.endsWith("SELECT broken") ? BROKEN : OK);
      }
    } catch (IOException _) {
      // The client is gone.
    }
  }

  private static byte[] greeting() {
    byte[] version = "9.0.0".getBytes(US_ASCII);
    int capabilities =
        Capability.PROTOCOL_41 | Capability.SECURE_CONNECTION | Capability.DEPRECATE_EOF;
    byte[] greeting = new byte[1 + version.length + 1 + 4 + 8 + 1 + 2 + 3 + 2 + 1 + 10 + 13];
    greeting[0] = 10;
    System.arraycopy(version, 0, greeting, 1, version.length);
    int at = 1 + version.length + 1 + 4 + 8 + 1;
    greeting[at] = (byte) capabilities;
    greeting[at + 1] = (byte) (capabilities >>> 8);
    greeting[at + 5] = (byte) (capabilities >>> 16);
    greeting[at + 6] = (byte) (capabilities >>> 24);
    greeting[at + 7] = 21;
    return greeting;
  }

  private static byte[] packet(DataInputStream in) throws IOException {
    int length = in.readUnsignedByte() | in.readUnsignedByte() << 8 | in.readUnsignedByte() << 16;
    in.skipNBytes(1);
    return in.readNBytes(length);
  }

  private static void send(OutputStream out, int sequence, byte[] payload) throws IOException {
    out.write(new byte[] {(byte) payload.length, 0, 0, (byte) sequence});
    out.write(payload);
    out.flush();
  }
}
