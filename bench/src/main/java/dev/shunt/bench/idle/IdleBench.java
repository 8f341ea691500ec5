package dev.shunt.bench.idle;

import dev.shunt.bench.measure.Figures;
import dev.shunt.bench.measure.Host;
import dev.shunt.bench.measure.Narrator;
import dev.shunt.bench.measure.ProcessTree;
import dev.shunt.bench.measure.ResidentMemory;
import dev.shunt.bench.server.WorkFolder;
import dev.shunt.embedded.BoundProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** Starts a cluster, leaves it alone, and measures what its processes take. */
public final class IdleBench {
  private static final long PATIENCE_SECONDS = 30;
  private static final double LEAST_PERCENT = 0.01;

  private final IdleOptions options;
  private final Narrator narrator;

  private IdleBench(IdleOptions options, Narrator narrator) {
    this.options = options;
    this.narrator = narrator;
  }

  /**
   * Runs it.
   *
   * @throws IllegalStateException when the cluster ends before it serves, or while it is measured
   */
  public static IdleReport run(IdleOptions options, Narrator narrator)
      throws IOException, InterruptedException {
    try (WorkFolder folder = WorkFolder.in(options.directory())) {
      return new IdleBench(options, narrator).run(folder.resolve("up.log"));
    }
  }

  private IdleReport run(Path log) throws IOException, InterruptedException {
    narrator.say("starting " + String.join(" ", options.command()));
    Process cluster =
        BoundProcess.start(
            new ProcessBuilder(new ArrayList<>(options.command())).redirectError(log.toFile()));
    try (BufferedReader out = cluster.inputReader(StandardCharsets.UTF_8)) {
      if (out.readLine() == null) {
        throw new IllegalStateException(
            "it ended before it served; its log:\n" + Files.readString(log));
      }
      narrator.say("it serves, left alone for " + options.settle().toSeconds() + " s");
      Thread.sleep(options.settle());
      narrator.say("measuring for " + options.time().toSeconds() + " s");
      return measure(cluster);
    } finally {
      end(cluster);
    }
  }

  private IdleReport measure(Process cluster) throws InterruptedException {
    Map<ProcessTree.Member, Double> before = ProcessTree.cpuSeconds(cluster.toHandle());
    Map<ProcessTree.Member, Double> threadsBefore = ProcessTree.threads(cluster.pid());
    long began = System.nanoTime();
    Thread.sleep(options.time());
    double seconds = (System.nanoTime() - began) / 1e9;
    Map<ProcessTree.Member, Double> after = ProcessTree.cpuSeconds(cluster.toHandle());
    Map<ProcessTree.Member, Double> threadsAfter = ProcessTree.threads(cluster.pid());
    if (!after.keySet().containsAll(before.keySet())) {
      throw new IllegalStateException("a process of the cluster has ended meanwhile");
    }
    SortedMap<String, IdleReport.Share> processes = new TreeMap<>();
    percents(before, after, seconds)
        .forEach((process, percent) ->
            processes.put(
                process.name() + " " + process.id(),
                new IdleReport.Share(
                    Figures.rounded(percent),
                    Figures.rounded(ResidentMemory.proportionalMegabytes(process.id())))));
    SortedMap<String, Double> threads = new TreeMap<>();
    percents(threadsBefore, threadsAfter, seconds)
        .forEach((thread, percent) ->
            threads.merge(thread.name(), Figures.rounded(percent), Double::sum));
    threads.values().removeIf(percent -> percent < LEAST_PERCENT);
    return new IdleReport(
        "idle",
        Host.now(),
        Figures.rounded(seconds),
        Figures.rounded(
            processes.values().stream().mapToDouble(IdleReport.Share::cpuPercent).sum()),
        Figures.rounded(
            processes.values().stream().mapToDouble(IdleReport.Share::memoryMegabytes).sum()),
        processes,
        threads);
  }

  private static Map<ProcessTree.Member, Double> percents(
      Map<ProcessTree.Member, Double> before,
      Map<ProcessTree.Member, Double> after,
      double seconds) {
    Map<ProcessTree.Member, Double> percents = new HashMap<>();
    after.forEach((member, now) ->
        percents.put(member, (now - before.getOrDefault(member, 0.0)) / seconds * 100));
    return percents;
  }

  private static void end(Process cluster) throws InterruptedException {
    cluster.destroy();
    if (!cluster.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      cluster.descendants().forEach(ProcessHandle::destroyForcibly);
      cluster.destroyForcibly();
    }
  }
}
