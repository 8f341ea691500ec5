package dev.shunt.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A port that is kept for a server until it is closed. A port that is only looked up can be taken
 * by another cluster that starts at the same time, before the server listens; so all of a user's
 * clusters on a machine agree by locks on files, which go with the process that holds them.
 */
public final class PortReservation implements AutoCloseable {
  private final int port;
  private final ProcessLock lock;

  private PortReservation(int port, ProcessLock lock) {
    this.port = port;
    this.lock = lock;
  }

  /** Takes a port; empty when it is kept for somebody, or something listens on it. */
  public static Optional<PortReservation> of(int port) {
    try {
      Path folder =
          Path.of(
              System.getProperty("java.io.tmpdir"),
              "shunt-ports-" + System.getProperty("user.name"));
      Files.createDirectories(folder);
      Optional<ProcessLock> lock = ProcessLock.of(folder.resolve(Integer.toString(port)));
      if (lock.isPresent() && !Ports.isFree(port)) {
        lock.get().close();
        return Optional.empty();
      }
      return lock.map(held -> new PortReservation(port, held));
    } catch (IOException e) {
      throw new UncheckedIOException("port " + port + " can't be reserved", e);
    }
  }

  /** Takes any free port. */
  public static PortReservation any() {
    return Ports.reserve(Ports::candidate);
  }

  public int port() {
    return port;
  }

  /** Gives it back, once its server has ended. */
  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      throw new UncheckedIOException("port " + port + " can't be given back", e);
    }
  }
}
