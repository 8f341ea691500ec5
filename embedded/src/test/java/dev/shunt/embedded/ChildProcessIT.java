package dev.shunt.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildProcessIT {
  @TempDir Path directory;

  /** Run as a JVM of its own: starts a child, tells its id, and waits. */
  static final class Parent {
    private Parent() {}

    public static void main(String[] arguments) throws IOException {
      Path directory = Path.of(arguments[0]);
      ChildProcess child =
          ChildProcess.start(
              "sleep", List.of("sleep", "300"), directory, directory.resolve("log"), Map.of());
      System.out.println(child.pid());
      int ignored = System.in.read();
      System.exit(ignored);
    }
  }

  @Test
  void aChildDoesNotOutliveAJvmThatIsKilled() throws IOException {
    assumeTrue(Tools.onPath("setpriv").isPresent(), "setpriv is not installed");
    Process parent =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Parent.class.getName(),
                directory.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader reader = parent.inputReader()) {
      ProcessHandle child = ProcessHandle.of(Long.parseLong(reader.readLine())).orElseThrow();
      assertThat(child.isAlive()).isTrue();
      parent.destroyForcibly();
      await().atMost(Duration.ofSeconds(10)).until(() -> !child.isAlive());
    } finally {
      parent.destroyForcibly();
    }
  }

  @Test
  void aServerThatEndsAtOnceTellsItsLastWords() {
    Path log = directory.resolve("log");
    ChildProcess child =
        ChildProcess.start(
            "broken", List.of("sh", "-c", "echo no disk; exit 3"), directory, log, Map.of());
    assertThatExceptionOfType(EmbeddedServerException.class)
        .isThrownBy(() -> child.awaitReady(Duration.ofSeconds(10), () -> false))
        .withMessageContaining("broken ended while starting, with exit code 3")
        .withMessageContaining("no disk");
    assertThatExceptionOfType(EmbeddedServerException.class)
        .isThrownBy(() ->
            ChildProcess.start("missing", List.of("/no/such/program"), directory, log, Map.of())
                .awaitReady(Duration.ofSeconds(10), () -> false))
        .withMessageContaining("missing");
  }

  @Test
  void aFrozenChildCanBeStopped() {
    ChildProcess child =
        ChildProcess.start(
            "sleep", List.of("sleep", "300"), directory, directory.resolve("log"), Map.of());
    child.signal("STOP");
    child.stop(Duration.ofSeconds(10));
    assertThat(child.isAlive()).isFalse();
    child.signal("CONT");
    child.kill();
  }
}
