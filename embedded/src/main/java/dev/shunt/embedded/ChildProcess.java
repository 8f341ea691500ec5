package dev.shunt.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * A server process that does not outlive this JVM, however the JVM ends; see {@link BoundProcess}.
 */
final class ChildProcess {
  private static final int LOG_TAIL = 3000;

  private final String name;
  private final Path log;
  private final Process process;

  private ChildProcess(String name, Path log, Process process) {
    this.name = name;
    this.log = log;
    this.process = process;
  }

  /** Starts {@code command} in {@code directory}; what it prints is appended to {@code log}. */
  static ChildProcess start(
      String name,
      List<String> command,
      Path directory,
      Path log,
      Map<String, String> environment) {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().putAll(environment);
    try {
      Process process = BoundProcess.start(builder);
      process.getOutputStream().close();
      return new ChildProcess(name, log, process);
    } catch (IOException e) {
      throw new EmbeddedServerException(name + " can't be started: " + e.getMessage(), e);
    }
  }

  /** Runs a command to its end; fails with the tail of its output when it does not end with 0. */
  static void run(String name, List<String> command, Path directory, Path log) {
    run(name, command, directory, log, Map.of());
  }

  /** As {@link #run(String, List, Path, Path)}, with more in the environment. */
  static void run(
      String name,
      List<String> command,
      Path directory,
      Path log,
      Map<String, String> environment) {
    ChildProcess child = start(name, command, directory, log, environment);
    try {
      if (child.process.waitFor() != 0) {
        throw child.failure("failed with exit code " + child.process.exitValue());
      }
    } catch (InterruptedException e) {
      child.kill();
      throw interrupted(name, e);
    }
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /**
   * Waits until {@code ready} holds; kills the process and fails when it ends or takes too long.
   */
  void awaitReady(Duration timeout, BooleanSupplier ready) {
    long deadline = System.nanoTime() + timeout.toNanos();
    try {
      while (!ready.getAsBoolean()) {
        if (!process.isAlive()) {
          throw failure("ended while starting, with exit code " + process.exitValue());
        }
        if (System.nanoTime() - deadline > 0) {
          process.destroyForcibly();
          throw failure("was not ready after " + timeout.toSeconds() + " s");
        }
        boolean ended = process.waitFor(20, TimeUnit.MILLISECONDS);
        if (ended) {
          throw failure("ended while starting, with exit code " + process.exitValue());
        }
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      throw interrupted(name, e);
    }
  }

  /** SIGTERM, and SIGKILL where that does not end the process within {@code grace}. */
  void stop(Duration grace) {
    // A stopped (SIGSTOP) process would not see the SIGTERM.
    signal("CONT");
    process.destroy();
    try {
      if (!process.waitFor(grace.toMillis(), TimeUnit.MILLISECONDS)) {
        kill();
      }
    } catch (InterruptedException e) {
      kill();
      Thread.currentThread().interrupt();
    }
  }

  /** SIGKILL; returns when the process is gone. */
  void kill() {
    process.destroyForcibly();
    process.onExit().join();
  }

  /** Sends a signal by its name without SIG, such as {@code STOP}; nothing if it has ended. */
  void signal(String signal) {
    if (!process.isAlive()) {
      return;
    }
    try {
      new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException e) {
      throw new EmbeddedServerException("SIG" + signal + " can't be sent to " + name, e);
    } catch (InterruptedException e) {
      throw interrupted(name, e);
    }
  }

  private EmbeddedServerException failure(String what) {
    return new EmbeddedServerException(name + " " + what + "; " + log + " ends with:\n" + tail());
  }

  private String tail() {
    try {
      byte[] all = Files.readAllBytes(log);
      int from = Math.max(0, all.length - LOG_TAIL);
      return new String(all, from, all.length - from, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static EmbeddedServerException interrupted(String name, InterruptedException e) {
    Thread.currentThread().interrupt();
    return new EmbeddedServerException("interrupted while waiting for " + name, e);
  }
}
