package dev.shunt.embedded;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where programs that are no Maven artifacts live, and how they are found.
 *
 * <p>The scripts in {@code deploy/tools} put each of them into a folder of its own below {@link
 * #directory()}: {@code mysql}, {@code mariadb-10.11}, {@code etcd}, {@code registry}, {@code
 * mydumper}.
 */
public final class Tools {
  private Tools() {}

  /** Environment variable {@code SHUNT_TOOLS}, else {@code tools} in {@link #cache()}. */
  public static Path directory() {
    return fromEnvironment("SHUNT_TOOLS").orElseGet(() -> cache().resolve("tools"));
  }

  /** Environment variable {@code SHUNT_CACHE}, else {@code ~/.cache/shunt}. */
  public static Path cache() {
    return fromEnvironment("SHUNT_CACHE")
        .orElseGet(() -> Path.of(System.getProperty("user.home"), ".cache", "shunt"));
  }

  /**
   * Whether a missing server must fail a test instead of skipping it: true where the environment
   * says {@code CI=true}.
   */
  public static boolean mustBePresent() {
    return "true".equals(System.getenv("CI"));
  }

  /** A program in {@code bin} of a tool's folder, else on the {@code PATH}. */
  public static Optional<Path> program(String tool, String name) {
    return executable(directory().resolve(tool).resolve("bin").resolve(name))
        .or(() -> onPath(name));
  }

  /** The executable {@code name} on the {@code PATH}. */
  static Optional<Path> onPath(String name) {
    @Nullable String path = System.getenv("PATH");
    if (path == null) {
      return Optional.empty();
    }
    for (String folder : path.split(File.pathSeparator, -1)) {
      Path candidate = Path.of(folder.isEmpty() ? "." : folder, name);
      if (Files.isExecutable(candidate) && !Files.isDirectory(candidate)) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }

  static Optional<Path> executable(Path candidate) {
    return Files.isExecutable(candidate) ? Optional.of(candidate) : Optional.empty();
  }

  static Optional<Path> fromEnvironment(String variable) {
    @Nullable String value = System.getenv(variable);
    return value == null || value.isBlank() ? Optional.empty() : Optional.of(Path.of(value));
  }
}
