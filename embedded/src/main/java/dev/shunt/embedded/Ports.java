package dev.shunt.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Free TCP ports on 127.0.0.1. */
public final class Ports {
  // Below the range from which systems take the ports of outgoing connections, so that a port
  // found free does not become the local end of somebody's connection before it is used.
  private static final int LOWEST = 15_000;
  private static final int BOUND = 32_000;

  private Ports() {}

  /** A port on which nothing listens at this moment. */
  public static int free() {
    for (int attempt = 0; attempt < 1000; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(LOWEST, BOUND);
      if (isFree(port)) {
        return port;
      }
    }
    throw new EmbeddedServerException("no free TCP port found on 127.0.0.1");
  }

  /** {@code port} itself, or a free one where it is 0. */
  static int orFree(int port) {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port " + port + " is not between 0 and 65535");
    }
    return port == 0 ? free() : port;
  }

  /** Whether nothing listens on it at this moment. */
  static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1);
      return true;
    } catch (IOException taken) {
      return false;
    }
  }
}
