package dev.shunt.local;

import dev.shunt.embedded.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/**
 * Which port each part of a cluster listens on; written beside its data so that it is found at the
 * same place after a restart. At first a part gets its usual port if that is free.
 */
final class PortBook {
  private final Path file;
  private final Map<String, Integer> ports = new TreeMap<>();

  PortBook(Path file) {
    this.file = file;
    if (Files.exists(file)) {
      Properties known = new Properties();
      try (var in = Files.newBufferedReader(file)) {
        known.load(in);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      known.forEach((name, port) -> ports.put((String) name, Integer.valueOf((String) port)));
    }
  }

  /**
   * Port of a part.
   *
   * @param usual port to take when it is free; 0 for any
   */
  synchronized int of(String part, int usual) {
    Integer known = ports.get(part);
    if (known != null) {
      return known;
    }
    int port = usual != 0 && isFree(usual) && !ports.containsValue(usual) ? usual : Ports.free();
    while (ports.containsValue(port)) {
      port = Ports.free();
    }
    ports.put(part, port);
    write();
    return port;
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }

  private void write() {
    Properties all = new Properties();
    ports.forEach((part, port) -> all.setProperty(part, port.toString()));
    try {
      Files.createDirectories(file.getParent());
      try (var out = Files.newBufferedWriter(file)) {
        all.store(out, null);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
