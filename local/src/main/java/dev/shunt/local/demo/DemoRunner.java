package dev.shunt.local.demo;

import dev.shunt.embedded.Folders;
import dev.shunt.local.ClusterOptions;
import dev.shunt.local.Clusters;
import dev.shunt.local.LocalCluster;
import dev.shunt.service.StopRequest;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;

/** Brings up a cluster, runs the demo on it, and takes the cluster down again. */
public final class DemoRunner {
  private DemoRunner() {}

  /**
   * Runs the demo.
   *
   * @param out where it prints its progress
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
    try (StopRequest stop = StopRequest.watch();
        DemoProgress progress = new DemoProgress(out, terminal)) {
      try {
        DemoReport report = run(options, directory, progress, stop, began);
        out.print(report.summary());
        if (options.json() != null) {
          report.write(options.json());
        }
        return report.good() ? 0 : 1;
      } catch (RuntimeException | InterruptedException e) {
        if (stop.beginClosing()) {
          return StopRequest.EXIT_CODE;
        }
        throw e;
      } finally {
        boolean unused = stop.beginClosing();
        if (given == null) {
          Folders.delete(directory);
        }
      }
    }
  }

  /** No process stays behind, even of a demo that is cut off. */
  private static DemoReport run(
      DemoOptions options, Path directory, DemoProgress progress, StopRequest stop, long began)
      throws InterruptedException {
    Story story = Story.of(options);
    progress.say(
        "starting Kafka, registry, topology, %d %s servers, tablets and services%s"
            .formatted(
                story.layout().places().size(),
                options.engine().name().toLowerCase(Locale.ROOT),
                options.processes() ? " as processes" : ""));
    ClusterOptions cluster =
        ClusterOptions.in(directory).withEngine(options.engine()).withLayout(story.layout());
    LocalCluster running =
        options.processes() ? Clusters.processes(cluster) : Clusters.oneJvm(cluster);
    try {
      progress.say("everything runs: " + running.endpoints().toJson());
      return new Demo(running, options, story, progress).run(began);
    } finally {
      boolean unused = stop.beginClosing();
      running.close();
    }
  }

  private static Path folderOf(Path file) {
    Path folder = file.toAbsolutePath().getParent();
    return folder == null ? file : folder;
  }
}
