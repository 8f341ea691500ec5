package dev.shunt.local;

import dev.shunt.embedded.PortReservation;
import dev.shunt.embedded.ProcessLock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;

/**
 * Which port each part of a cluster listens on; written beside its data so that it is found at the
 * same place after a restart. At first a part gets its usual port if that is free. Until it is
 * closed the ports are reserved, and no other cluster can use the folder.
 */
final class PortBook implements AutoCloseable {
  /** Servers of a cluster that was killed need a moment to end. */
  private static final Duration FREED_WITHIN = Duration.ofSeconds(15);

  private final Path file;
  private final ProcessLock folderLock;
  private final Map<String, Integer> ports = new TreeMap<>();
  private final Map<String, PortReservation> reserved = new TreeMap<>();

  /**
   * Opens it.
   *
   * @throws IllegalStateException when another cluster uses the folder
   */
  PortBook(Path file) {
    this.file = file;
    try {
      Files.createDirectories(file.getParent());
      folderLock = lock(file.resolveSibling("lock"));
      if (Files.exists(file)) {
        Properties known = new Properties();
        try (var in = Files.newBufferedReader(file)) {
          known.load(in);
        }
        known.forEach((name, port) -> ports.put((String) name, Integer.valueOf((String) port)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(file.getParent() + " can't be used", e);
    }
  }

  private static ProcessLock lock(Path path) throws IOException {
    return ProcessLock.of(path)
        .orElseThrow(() ->
            new IllegalStateException(
                "another cluster uses "
                    + path.getParent()
                    + "; stop it first, or give this one a folder of its own"));
  }

  /**
   * Port of a part.
   *
   * @param usual port to take when it is free; 0 for any
   * @throws IllegalStateException when the part had a port that something else listens on now
   */
  synchronized int of(String part, int usual) {
    PortReservation have = reserved.get(part);
    if (have != null) {
      return have.port();
    }
    Integer known = ports.get(part);
    PortReservation now =
        known != null
            ? again(part, known)
            : (usual == 0 ? Optional.<PortReservation>empty() : PortReservation.of(usual))
                .orElseGet(this::another);
    reserved.put(part, now);
    if (known == null) {
      ports.put(part, now.port());
      write();
    }
    return now.port();
  }

  private PortReservation again(String part, int port) {
    long giveUp = System.nanoTime() + FREED_WITHIN.toNanos();
    while (true) {
      Optional<PortReservation> now = PortReservation.of(port);
      if (now.isPresent()) {
        return now.get();
      }
      if (System.nanoTime() > giveUp) {
        throw new IllegalStateException(
            "port %d of %s is in use by another program; end that, or take the line out of %s: then"
                    .formatted(port, part, file)
                + " another port is chosen");
      }
      LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
    }
  }

  /** A port that no part of this cluster had before. */
  private PortReservation another() {
    List<PortReservation> unwanted = new ArrayList<>();
    PortReservation next = PortReservation.any();
    while (ports.containsValue(next.port())) {
      unwanted.add(next);
      next = PortReservation.any();
    }
    unwanted.forEach(PortReservation::close);
    return next;
  }

  private void write() {
    Properties all = new Properties();
    ports.forEach((part, port) -> all.setProperty(part, port.toString()));
    try (var out = Files.newBufferedWriter(file)) {
      all.store(out, null);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Gives the ports and the folder back, once the servers have ended. */
  @Override
  public synchronized void close() {
    reserved.values().forEach(PortReservation::close);
    reserved.clear();
    try {
      folderLock.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
