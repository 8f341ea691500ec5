package dev.shunt.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * A port that is kept for a server until it is closed. A port that is only looked up can be taken
 * by another cluster that starts at the same time, before the server listens; so all of a user's
 * clusters on a machine agree by locks on files, which go with the process that holds them.
 */
public final class PortReservation implements AutoCloseable {
  private final int port;
  private final FileChannel file;

  private PortReservation(int port, FileChannel file) {
    this.port = port;
    this.file = file;
  }

  /** Takes a port; empty when it is kept for somebody else, or something listens on it. */
  public static Optional<PortReservation> of(int port) {
    try {
      Path folder =
          Path.of(
              System.getProperty("java.io.tmpdir"),
              "shunt-ports-" + System.getProperty("user.name"));
      Files.createDirectories(folder);
      FileChannel file =
          FileChannel.open(
              folder.resolve(Integer.toString(port)),
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE);
      if (isLocked(file) && Ports.isFree(port)) {
        return Optional.of(new PortReservation(port, file));
      }
      file.close();
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("port " + port + " can't be reserved", e);
    }
  }

  /** Takes any free port. */
  public static PortReservation any() {
    return Ports.reserve(Ports::candidate);
  }

  private static boolean isLocked(FileChannel file) throws IOException {
    try {
      FileLock lock = file.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false; // by this process
    }
  }

  public int port() {
    return port;
  }

  /** Gives it back, once its server has ended. */
  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException("port " + port + " can't be given back", e);
    }
  }
}
