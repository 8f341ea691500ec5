package dev.shunt.bench.server;

import dev.shunt.embedded.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Where servers and files are put: a folder of the user's, or one that is removed at the end. */
public final class WorkFolder implements AutoCloseable {
  private final Path path;
  private final boolean passing;

  private WorkFolder(Path path, boolean passing) {
    this.path = path;
    this.passing = passing;
  }

  /**
   * A folder for one run.
   *
   * @param given the user's, which must be empty or not there yet; null for one of its own
   */
  public static WorkFolder in(@Nullable Path given) throws IOException {
    if (given == null) {
      return new WorkFolder(Files.createTempDirectory("shunt-bench"), true);
    }
    Path folder = Files.createDirectories(given).toAbsolutePath();
    try (Stream<Path> inside = Files.list(folder)) {
      if (inside.findAny().isPresent()) {
        throw new IllegalArgumentException(folder + " is not empty: name a new folder");
      }
    }
    return new WorkFolder(folder, false);
  }

  /** The folder. */
  public Path path() {
    return path;
  }

  /** Something in it. */
  public Path resolve(String name) {
    return path.resolve(name);
  }

  @Override
  public void close() throws IOException {
    if (passing) {
      Folders.delete(path);
    }
  }
}
