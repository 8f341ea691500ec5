package dev.shunt.cli.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.shunt.embedded.BoundProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** {@code shunt up} as a process of its own. */
final class UpProcess implements AutoCloseable {
  private final Process process;
  private final Path errors;
  private final StringBuilder out = new StringBuilder();

  /**
   * Starts it.
   *
   * @param directory where what it says on its error stream is kept
   * @param options those of {@code up}
   */
  UpProcess(Path directory, List<String> options) throws IOException {
    errors = Files.createTempFile(directory, "up", ".err");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx700m",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            "dev.shunt.cli.Shunt",
            "up"));
    command.addAll(options);
    process =
        BoundProcess.start(
            new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectError(errors.toFile()));
  }

  /** Waits until it is ready. */
  JsonNode endpoints() throws IOException {
    String line = process.inputReader().readLine();
    if (line == null) {
      throw new IOException("up ended before it was ready: " + errors());
    }
    out.append(line).append('\n');
    return new ObjectMapper().readTree(line);
  }

  /** Waits until it ends by itself; its exit code. */
  int await() throws InterruptedException {
    if (!process.waitFor(2, TimeUnit.MINUTES)) {
      throw new IllegalStateException("up goes on");
    }
    return process.exitValue();
  }

  /** All that it said. */
  String said() throws IOException {
    return out + errors();
  }

  String errors() throws IOException {
    return Files.readString(errors);
  }

  /** Ends it in order. */
  @Override
  public void close() {
    process.destroy();
    process.onExit().join();
  }
}
