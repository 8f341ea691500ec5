package dev.shunt.bench.copy;

import dev.shunt.bench.server.BenchEngine;
import dev.shunt.bench.server.Instance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Runs command line programs against the servers. */
final class ClientPrograms {
  private final Path folder;

  /** Keeps option files and what the programs say in a folder. */
  ClientPrograms(Path folder) {
    this.folder = folder;
  }

  /** An option file with the account of a server and the line to it that all others use as well. */
  Path optionFile(BenchEngine engine, Instance instance) throws IOException {
    Path file = folder.resolve(instance.name() + ".cnf");
    @Nullable String socket = instance.socket();
    String line =
        socket != null
            ? "protocol=socket\nsocket=%s".formatted(socket)
            : "protocol=tcp\nhost=%s\nport=%d"
                .formatted(instance.server().host(), instance.server().port());
    Files.writeString(
        file,
        "[client]\n%s\nuser=%s\npassword=%s\n%s"
            .formatted(
                line, instance.server().user(), instance.server().password(), engine.withoutTls()));
    return file;
  }

  /** Runs programs, each reading what the one before it writes, and waits for all of them. */
  void pipe(String name, List<ProcessBuilder> programs) throws IOException, InterruptedException {
    Path errors = folder.resolve(name + ".log");
    Files.deleteIfExists(errors);
    programs.forEach(
        program -> program.redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile())));
    programs.getLast().redirectOutput(ProcessBuilder.Redirect.appendTo(errors.toFile()));
    List<Process> started = ProcessBuilder.startPipeline(programs);
    try {
      for (Process process : started) {
        if (process.waitFor() != 0) {
          throw new ForeignFailureException(
              "%s ended with %d: %s".formatted(name, process.exitValue(), beginning(errors)));
        }
      }
    } finally {
      started.forEach(Process::destroyForcibly);
    }
  }

  private static String beginning(Path output) throws IOException {
    try (Stream<String> lines = Files.lines(output)) {
      return lines.limit(5).collect(Collectors.joining(" "));
    }
  }
}
