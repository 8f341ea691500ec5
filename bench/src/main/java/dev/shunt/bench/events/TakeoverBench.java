package dev.shunt.bench.events;

import dev.shunt.bench.measure.Figures;
import dev.shunt.bench.measure.Host;
import dev.shunt.bench.measure.Narrator;
import dev.shunt.bench.server.WorkFolder;
import dev.shunt.client.WorkflowTable;
import dev.shunt.embedded.Folders;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;

/** Measures how long commands wait when the instance that admits them is killed. */
public final class TakeoverBench {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Enough for each of 16 partitions to have one, almost surely. */
  private static final int COMMANDS = 256;

  private final TakeoverOptions options;
  private final Narrator narrator;
  private final EventsCluster cluster;
  private final CommandTimer timer;

  private TakeoverBench(
      TakeoverOptions options, Narrator narrator, EventsCluster cluster, CommandTimer timer) {
    this.options = options;
    this.narrator = narrator;
    this.cluster = cluster;
    this.timer = timer;
  }

  /**
   * Runs it.
   *
   * @throws IllegalStateException when a takeover lasts longer than it may
   */
  public static TakeoverReport run(TakeoverOptions options, Narrator narrator)
      throws IOException, InterruptedException, ExecutionException {
    try (WorkFolder folder = WorkFolder.in(options.directory())) {
      narrator.say("starting Kafka, a registry and a service without work");
      try (EventsCluster cluster = EventsCluster.startWithoutState(folder.path());
          WorkflowTable table = new WorkflowTable(cluster.connection());
          Instances instances = new Instances(cluster, folder.path())) {
        instances.start().awaitReady();
        table.start(PATIENCE);
        try (CommandTimer timer = new CommandTimer(cluster, table, options.longest())) {
          TakeoverBench bench = new TakeoverBench(options, narrator, cluster, timer);
          bench.fill(table);
          return bench.measure(instances);
        }
      }
    }
  }

  /** The instances that run, the one that has all partitions first. */
  private static final class Instances implements AutoCloseable {
    private final EventsCluster cluster;
    private final Path folder;
    private final List<StateProcess> running = new ArrayList<>();
    private final List<Path> folders = new ArrayList<>();
    private int started;

    private Instances(EventsCluster cluster, Path folder) {
      this.cluster = cluster;
      this.folder = folder;
    }

    private StateProcess start() throws IOException {
      return start(folder.resolve("state-" + started++));
    }

    private StateProcess start(Path state) throws IOException {
      StateProcess instance = StateProcess.start(cluster.kafka(), state);
      running.add(instance);
      folders.add(state);
      return instance;
    }

    /** Kills the first; returns its folder. */
    private Path kill() {
      running.removeFirst().kill();
      return folders.removeFirst();
    }

    @Override
    public void close() {
      running.forEach(StateProcess::close);
    }
  }

  private void fill(WorkflowTable table) throws InterruptedException {
    narrator.say(
        "reporting %,d streams of %,d workflows"
            .formatted(options.workflows() * options.streams(), options.workflows()));
    Flood flood = new Flood(cluster, options.flood());
    var unused = flood.run(flood.wave(1), table);
  }

  private TakeoverReport measure(Instances instances)
      throws IOException, InterruptedException, ExecutionException {
    List<Double> kept = new ArrayList<>();
    List<Double> lost = new ArrayList<>();
    List<Double> beside = new ArrayList<>();
    awaitOutcomes("before");
    for (int i = 0; i < options.kills(); i++) {
      long began = System.nanoTime();
      var unused = instances.start(instances.kill());
      took("kept", began, kept);
    }
    for (int i = 0; i < options.kills(); i++) {
      long began = System.nanoTime();
      Path folder = instances.kill();
      var unused = instances.start();
      took("lost", began, lost);
      Folders.delete(folder);
    }
    for (int i = 0; i < options.kills(); i++) {
      instances.start().awaitReady();
      Thread.sleep(options.settle());
      long began = System.nanoTime();
      Path folder = instances.kill();
      took("beside", began, beside);
      Folders.delete(folder);
    }
    return new TakeoverReport(
        "takeover",
        Host.now(),
        options.workflows(),
        options.streams(),
        cluster.kafka().sessionTimeoutMillis(),
        beside,
        kept,
        lost);
  }

  private void took(String way, long began, List<Double> seconds)
      throws InterruptedException, ExecutionException {
    seconds.add(Figures.rounded((awaitOutcomes(way) - began) / 1e9));
    narrator.say("%s: %.2f s".formatted(way, seconds.getLast()));
  }

  private long awaitOutcomes(String prefix) throws InterruptedException, ExecutionException {
    return timer.allEnded(prefix + "-", COMMANDS);
  }
}
