package dev.shunt.embedded;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Starts processes that do not outlive this JVM, however it ends.
 *
 * <p>Where {@code setpriv} is installed the kernel sends SIGTERM to the child when the JVM is gone,
 * even after a SIGKILL; the JVM's own orderly shutdown can then still use the child. Elsewhere a
 * shutdown hook ends it.
 */
public final class BoundProcess {
  // The kernel's signal follows the thread that started the child, so one thread that lives as long
  // as the JVM starts them all.
  private static final ExecutorService STARTER =
      Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "child-process-starter");
        thread.setDaemon(true);
        return thread;
      });
  private static final Optional<Path> SETPRIV = Tools.onPath("setpriv");

  private BoundProcess() {}

  /**
   * Starts what a builder describes; the builder's command is changed by it.
   *
   * @throws IOException when it can't be started
   */
  public static Process start(ProcessBuilder builder) throws IOException {
    SETPRIV.ifPresent(setpriv -> {
      List<String> full = new ArrayList<>(List.of(setpriv.toString(), "--pdeathsig", "TERM"));
      full.addAll(builder.command());
      builder.command(full);
    });
    try {
      Process process = STARTER.submit(builder::start).get();
      if (SETPRIV.isEmpty()) {
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy, "stop-child"));
      }
      return process;
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while starting " + builder.command().getFirst(), e);
    }
  }
}
