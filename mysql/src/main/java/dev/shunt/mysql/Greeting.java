package dev.shunt.mysql;

import java.io.ByteArrayOutputStream;

/**
 * The first packet of a server, protocol version 10.
 *
 * @param version version text, such as {@code 9.7.4} or {@code 11.4.5-MariaDB-log}
 * @param connectionId id of the connection in SHOW PROCESSLIST
 * @param capabilities what the server offers
 * @param plugin authentication that the server proposes
 * @param scramble the server's 20 random bytes
 */
@SuppressWarnings("ArrayRecordComponent") // read once, never compared
record Greeting(
    String version, long connectionId, int capabilities, String plugin, byte[] scramble) {
  private static final int PROTOCOL = 10;
  private static final int SCRAMBLE = 20;
  // MariaDB puts this before its version so that old replicas do not take it for MySQL 10.
  private static final String REPLICATION_PREFIX = "5.5.5-";

  static Greeting parse(Packet packet) {
    int protocol = packet.int1();
    if (protocol == 0xff) {
      throw Responses.error(packet);
    }
    if (protocol != PROTOCOL) {
      throw Packet.malformed("protocol version " + protocol + " in the greeting");
    }
    String version = packet.nulTerminatedText();
    if (version.startsWith(REPLICATION_PREFIX)) {
      version = version.substring(REPLICATION_PREFIX.length());
    }
    long connectionId = packet.int4();
    ByteArrayOutputStream scramble = new ByteArrayOutputStream();
    scramble.writeBytes(packet.take(8));
    packet.skip(1);
    int capabilities = packet.int2();
    packet.skip(3);
    capabilities |= packet.int2() << 16;
    int length = packet.int1();
    packet.skip(10);
    scramble.writeBytes(packet.take(SCRAMBLE - 8));
    packet.skip(Math.max(0, Math.min(packet.remaining(), length - SCRAMBLE)));
    String plugin =
        (capabilities & Capability.PLUGIN_AUTH) != 0
            ? packet.nulTerminatedText()
            : NativePassword.NAME;
    return new Greeting(version, connectionId, capabilities, plugin, scramble.toByteArray());
  }
}
