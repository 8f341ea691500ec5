package dev.shunt.embedded;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A file that is locked until this is closed, or the process ends. */
public final class ProcessLock implements AutoCloseable {
  /**
   * What this process has locked. It must not open such a file again: systems give up all locks
   * that a process has on a file when any channel of the process on that file is closed.
   */
  private static final Set<Path> OURS = ConcurrentHashMap.newKeySet();

  private final Path path;
  private final FileChannel channel;

  private ProcessLock(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /**
   * Locks a file, which is made when missing; empty when it is locked, by this process or another.
   *
   * @throws IOException when it can't be opened
   */
  public static Optional<ProcessLock> of(Path file) throws IOException {
    @Nullable Path folder = file.toAbsolutePath().getParent();
    if (folder == null) {
      throw new FileSystemException(file.toString(), null, "it is a folder and can't be locked");
    }
    Path path = folder.toRealPath().resolve(file.getFileName());
    if (!OURS.add(path)) {
      return Optional.empty();
    }
    Optional<ProcessLock> locked = Optional.empty();
    try {
      FileChannel channel =
          FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (channel.tryLock() != null) {
        locked = Optional.of(new ProcessLock(path, channel));
      } else {
        channel.close();
      }
      return locked;
    } finally {
      if (locked.isEmpty()) {
        OURS.remove(path);
      }
    }
  }

  @Override
  public void close() throws IOException {
    if (!channel.isOpen()) {
      return;
    }
    try {
      channel.close();
    } finally {
      OURS.remove(path);
    }
  }
}
