package dev.shunt.bench.events;

import dev.shunt.embedded.BoundProcess;
import dev.shunt.service.KafkaSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** An instance of workflow-state in a JVM of its own, to be killed. */
final class StateProcess implements AutoCloseable {
  private final Process process;
  private final Path log;

  private StateProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /**
   * Starts one, which need not be ready when this returns.
   *
   * @param folder of its state, beside which its log is
   */
  static StateProcess start(KafkaSettings kafka, Path folder) throws IOException {
    Path log = folder.resolveSibling(folder.getFileName() + ".log");
    Files.createDirectories(folder);
    Process process =
        BoundProcess.start(
            new ProcessBuilder(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "--enable-native-access=ALL-UNNAMED",
                    "--sun-misc-unsafe-memory-access=allow",
                    "-Xmx384m",
                    "-XX:+UseSerialGC",
                    "-cp",
                    System.getProperty("java.class.path"),
                    StateMain.class.getName(),
                    kafka.bootstrapServers(),
                    kafka.registryUrl(),
                    folder.toString())
                .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile())));
    return new StateProcess(process, log);
  }

  /**
   * Returns when it has its share of the partitions.
   *
   * @throws IllegalStateException when it ended before
   */
  void awaitReady() throws IOException {
    BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.startsWith("{")) {
        return;
      }
    }
    throw new IllegalStateException(
        "workflow-state ended before it was ready; its log:\n" + Files.readString(log));
  }

  /** As {@code kill -9}. */
  void kill() {
    process.destroyForcibly();
    process.onExit().join();
  }

  @Override
  public void close() {
    kill();
  }
}
