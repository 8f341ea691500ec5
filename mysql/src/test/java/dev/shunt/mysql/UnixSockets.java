package dev.shunt.mysql;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;

/** Servers at unix sockets that do as little as a test needs. */
final class UnixSockets {
  private UnixSockets() {}

  /** Listens; connections that nobody accepts stand in a queue of that length. */
  static ServerSocketChannel listen(Path path, int queue) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    return server.bind(UnixDomainSocketAddress.of(path), queue);
  }

  /** Leaves a file as a server does that was killed. */
  static void leaveBehind(Path path) throws IOException {
    listen(path, 1).close();
  }
}
