package dev.shunt.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;

/** Free TCP ports on 127.0.0.1. */
public final class Ports {
  // Below the range from which systems take the ports of outgoing connections, so that a port
  // found free does not become the local end of somebody's connection before it is used.
  private static final int LOWEST = 15_000;
  private static final int BOUND = 32_000;

  private static final int ATTEMPTS = 1000;

  // Processes begin at places of their own, and so seldom meet.
  private static final AtomicInteger NEXT =
      new AtomicInteger(ThreadLocalRandom.current().nextInt(BOUND - LOWEST));

  /** Held so that nobody else is given these ports, also while a server of ours restarts. */
  private static final List<PortReservation> KEPT = new CopyOnWriteArrayList<>();

  private Ports() {}

  /** A port on which nothing listens at this moment, and that is not reserved for anybody. */
  public static int free() {
    try (PortReservation reserved = reserve(Ports::candidate)) {
      return reserved.port();
    }
  }

  /**
   * {@code port} itself, which is for its giver to reserve, or where it is 0 a free one, which is
   * this process's until it ends.
   */
  static int orFree(int port) {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port " + port + " is not between 0 and 65535");
    }
    return port == 0 ? kept() : port;
  }

  /** A free port, which is this process's until it ends. */
  static int kept() {
    PortReservation kept = reserve(Ports::candidate);
    KEPT.add(kept);
    return kept.port();
  }

  /** The first of {@code candidates} that is free and not reserved for anybody. */
  static PortReservation reserve(IntSupplier candidates) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Optional<PortReservation> reserved = PortReservation.of(candidates.getAsInt());
      if (reserved.isPresent()) {
        return reserved.get();
      }
    }
    throw new EmbeddedServerException("no free TCP port found on 127.0.0.1");
  }

  /** One behind the other, so that a port that was given back is taken again as late as can be. */
  static int candidate() {
    return LOWEST + NEXT.getAndUpdate(next -> (next + 1) % (BOUND - LOWEST));
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
