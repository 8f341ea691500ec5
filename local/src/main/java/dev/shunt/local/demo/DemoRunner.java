package dev.shunt.local.demo;

import dev.shunt.embedded.Folders;
import dev.shunt.local.Cluster;
import dev.shunt.local.ClusterOptions;
import dev.shunt.local.Clusters;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings up a cluster, runs the demo on it, and takes the cluster down again. */
public final class DemoRunner {
  private static final Logger log = LoggerFactory.getLogger(DemoRunner.class);

  private DemoRunner() {}

  /**
   * Runs the demo.
   *
   * @param out where it tells of its progress
   * @param terminal whether that is a terminal
   * @return the exit code: 0 only when nothing was lost, nothing differs and the replay is equal
   */
  public static int run(DemoOptions options, PrintStream out, boolean terminal)
      throws IOException, InterruptedException {
    if (options.json() != null && !Files.isDirectory(folderOf(options.json()))) {
      throw new NoSuchFileException(
          options.json().toString(), null, "there is no folder for the report");
    }
    long began = System.nanoTime();
    Path given = options.directory();
    Path directory = given == null ? Files.createTempDirectory("shunt-demo") : given;
    AtomicReference<@Nullable Cluster> started = new AtomicReference<>();
    Thread interrupted = new Thread(() -> cleanUp(started.get(), given == null ? directory : null));
    Runtime.getRuntime().addShutdownHook(interrupted);
    try (Progress progress = new Progress(out, terminal)) {
      progress.say(
          "starting Kafka, registry, topology, three %s servers, tablets and services%s"
              .formatted(
                  options.engine().name().toLowerCase(Locale.ROOT),
                  options.processes() ? " as processes" : ""));
      DemoReport report;
      ClusterOptions cluster = ClusterOptions.in(directory).withEngine(options.engine());
      try (Cluster running =
          options.processes() ? Clusters.processes(cluster) : Clusters.oneJvm(cluster)) {
        started.set(running);
        progress.say("everything runs: " + running.endpoints().toJson());
        report = new Demo(running, options, progress).run(began);
      }
      out.print(report.summary());
      if (options.json() != null) {
        report.write(options.json());
      }
      return report.good() ? 0 : 1;
    } finally {
      if (ended(interrupted) && given == null) {
        Folders.delete(directory);
      }
    }
  }

  private static Path folderOf(Path file) {
    Path folder = file.toAbsolutePath().getParent();
    return folder == null ? file : folder;
  }

  /** Whether the hook was still to come; it sees to all when the JVM is being ended. */
  private static boolean ended(Thread hook) {
    try {
      return Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      return false; // the JVM is ending, and the hook at work
    }
  }

  /** For a demo that is cut off: no process and no temporary folder stays behind. */
  private static void cleanUp(@Nullable Cluster cluster, @Nullable Path temporary) {
    if (cluster != null) {
      cluster.close();
    }
    if (temporary != null) {
      try {
        Folders.delete(temporary);
      } catch (IOException e) {
        log.atWarn().addKeyValue("folder", temporary).setCause(e).log("could not delete");
      }
    }
  }
}
