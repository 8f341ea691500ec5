package dev.shunt.embedded;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Folders that are there as a whole or not at all. */
public final class Folders {
  private Folders() {}

  /** Fills a new folder. */
  interface Filler {
    void fill(Path folder) throws IOException;
  }

  /**
   * Makes {@code folder} once: filled under another name, then renamed. Several threads and
   * processes may ask at the same time; all but one wait.
   */
  static synchronized Path makeOnce(Path folder, Filler filler) {
    if (Files.isDirectory(folder)) {
      return folder;
    }
    Path lock = folder.resolveSibling("." + folder.getFileName() + ".lock");
    Path fresh = folder.resolveSibling("." + folder.getFileName() + ".new");
    try {
      Files.createDirectories(lock.toAbsolutePath().getParent());
      try (FileChannel channel =
              FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock held = channel.lock()) {
        if (held.isValid() && !Files.isDirectory(folder)) {
          delete(fresh);
          Files.createDirectories(fresh);
          filler.fill(fresh);
          Files.move(fresh, folder, StandardCopyOption.ATOMIC_MOVE);
        }
      }
      return folder;
    } catch (IOException e) {
      throw new EmbeddedServerException(folder + " can't be made: " + e.getMessage(), e);
    }
  }

  /**
   * Deletes a folder with all that is in it; nothing when there is none. What a process that is
   * just ending takes away by itself is no error.
   */
  public static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure)
              throws IOException {
            if (failure instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw failure;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.deleteIfExists(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** Copies a folder with all that is in it; file permissions go along. */
  static void copy(Path from, Path to) throws IOException {
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
              throws IOException {
            Files.createDirectories(to.resolve(from.relativize(folder).toString()));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.copy(
                file,
                to.resolve(from.relativize(file).toString()),
                StandardCopyOption.COPY_ATTRIBUTES);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** The account to name to a server that refuses to run as root without being told so. */
  static Optional<String> systemUser() {
    return "root".equals(System.getProperty("user.name")) ? Optional.of("root") : Optional.empty();
  }
}
