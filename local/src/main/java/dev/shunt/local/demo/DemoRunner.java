package dev.shunt.local.demo;

import dev.shunt.local.Cluster;
import dev.shunt.local.ClusterOptions;
import dev.shunt.local.Clusters;
import dev.shunt.local.Folders;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Brings up a cluster, runs the demo on it, and takes the cluster down again. */
public final class DemoRunner {
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
    long began = System.nanoTime();
    Path given = options.directory();
    Path directory = given == null ? Files.createTempDirectory("shunt-demo") : given;
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
        progress.say("everything runs: " + running.endpoints().toJson());
        report = new Demo(running, options, progress).run(began);
      }
      out.print(report.summary());
      if (options.json() != null) {
        report.write(options.json());
      }
      return report.good() ? 0 : 1;
    } finally {
      if (given == null) {
        Folders.delete(directory);
      }
    }
  }
}
