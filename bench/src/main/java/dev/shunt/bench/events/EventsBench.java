package dev.shunt.bench.events;

import dev.shunt.bench.apply.Distribution;
import dev.shunt.bench.measure.Figures;
import dev.shunt.bench.measure.Host;
import dev.shunt.bench.measure.Narrator;
import dev.shunt.bench.server.WorkFolder;
import dev.shunt.client.StateReplay;
import dev.shunt.client.WorkflowTable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;

/** Measures the way of commands and reports through Kafka, alone and together. */
public final class EventsBench {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int WARM_ROUNDS = 5;
  private static final int MOST_FLOODS = 5;

  private final EventsOptions options;
  private final Narrator narrator;
  private final EventsCluster cluster;
  private final WorkflowTable table;
  private final Flood flood;
  private final CommandTimer timer;

  private EventsBench(
      EventsOptions options,
      Narrator narrator,
      EventsCluster cluster,
      WorkflowTable table,
      CommandTimer timer) {
    this.options = options;
    this.narrator = narrator;
    this.cluster = cluster;
    this.table = table;
    this.flood = new Flood(cluster, options);
    this.timer = timer;
  }

  /**
   * Runs it.
   *
   * @throws IllegalStateException when something takes longer than it may, or the status of a
   *     stream is not the one that was reported last
   */
  public static EventsReport run(EventsOptions options, Narrator narrator)
      throws IOException, InterruptedException, ExecutionException {
    try (WorkFolder folder = WorkFolder.in(options.directory())) {
      narrator.say("starting Kafka, a registry, workflow-state and a service without work");
      try (EventsCluster cluster = EventsCluster.start(folder.path());
          WorkflowTable table = new WorkflowTable(cluster.connection())) {
        table.start(PATIENCE);
        try (CommandTimer timer = new CommandTimer(cluster, table, options.longest())) {
          return new EventsBench(options, narrator, cluster, table, timer).measure();
        }
      }
    }
  }

  /** Reports a second, and the commands that went on meanwhile. */
  private record UnderLoad(List<Double> latencies, double reportsPerSecond) {}

  private EventsReport measure() throws InterruptedException, ExecutionException {
    narrator.say("warming up");
    var unused = flood.run(flood.wave(Math.min(WARM_ROUNDS, options.rounds())), table);
    unused = timer.perSecond("warm-", options.burst());
    var unusedToo = timer.latencies("warm-", times(options.commands() / 3));

    Distribution idle = Distribution.of(timer.latencies("idle-", times(options.commands())));
    narrator.say(
        "command to outcome: %.1f ms median, %.1f ms p99".formatted(idle.median(), idle.p99()));
    Distribution locked =
        Distribution.of(timer.latencies(StandIn.LOCKED, times(options.commands() / 3)));
    narrator.say("with lock and history: %.1f ms median".formatted(locked.median()));
    double commands = timer.perSecond("burst-", options.burst());
    narrator.say("%,.0f commands a second".formatted(commands));
    double reports = flood();
    narrator.say("%,.0f stream reports a second".formatted(reports));
    UnderLoad latency = latenciesWhileReportsComeIn();
    Distribution loaded = Distribution.of(latency.latencies());
    narrator.say(
        "while reports flood in: %.1f ms median, %.1f ms p99, %,.0f reports a second"
            .formatted(loaded.median(), loaded.p99(), latency.reportsPerSecond()));
    double commandsLoaded = burstWhileReportsComeIn();
    narrator.say("while reports flood in: %,.0f commands a second".formatted(commandsLoaded));
    compare();
    ReplayRate replay = ReplayRate.measure(cluster);
    return new EventsReport(
        "events",
        Host.now(),
        options.workflows(),
        options.streams(),
        options.rounds() * options.workflows() * options.streams(),
        Figures.rounded(idle.median()),
        Figures.rounded(idle.p99()),
        Figures.rounded(loaded.median()),
        Figures.rounded(loaded.p99()),
        Figures.rounded(locked.median()),
        Figures.rounded(locked.p99()),
        loaded.samples(),
        Figures.rounded(commands),
        Figures.rounded(commandsLoaded),
        Figures.rounded(reports),
        Figures.rounded(latency.reportsPerSecond()),
        Figures.rounded(replay.replay()),
        Figures.rounded(replay.plain()),
        Figures.rounded(replay.replay() / replay.plain()));
  }

  private static BooleanSupplier times(int count) {
    int[] left = {Math.max(1, count)};
    return () -> left[0]-- > 0;
  }

  private double flood() throws InterruptedException {
    Flood.Wave wave = flood.wave(options.rounds());
    return wave.size() / flood.run(wave, table);
  }

  private UnderLoad latenciesWhileReportsComeIn() throws InterruptedException, ExecutionException {
    List<Double> latencies = new ArrayList<>();
    double seconds = 0;
    long written = 0;
    for (int floods = 0; floods < MOST_FLOODS && latencies.size() < options.commands(); floods++) {
      Flood.Wave wave = flood.wave(options.rounds());
      try (ExecutorService other = Executors.newSingleThreadExecutor()) {
        Future<Double> flooding = other.submit(() -> flood.run(wave, table));
        latencies.addAll(timer.latencies("loaded-" + floods + "-", () -> !flooding.isDone()));
        seconds += flooding.get();
        written += wave.size();
      }
    }
    return new UnderLoad(latencies, written / seconds);
  }

  private double burstWhileReportsComeIn() throws InterruptedException, ExecutionException {
    Flood.Wave wave = flood.wave(options.rounds());
    try (ExecutorService other = Executors.newSingleThreadExecutor()) {
      Future<Double> flooding = other.submit(() -> flood.run(wave, table));
      double perSecond = timer.perSecond("burst-loaded-", options.burst());
      var unused = flooding.get();
      return perSecond;
    }
  }

  /** The fold of the logs is what the live one came to, byte for byte. */
  private void compare() {
    try (StateReplay replay = new StateReplay(cluster.connection())) {
      StateReplay.Comparison comparison = replay.compare();
      if (!comparison.equal()) {
        throw new IllegalStateException(
            "the live state of %d workflows is not the fold of the logs, for instance that of %s"
                .formatted(
                    comparison.differences().size(), comparison.differences().getFirst().key()));
      }
    }
    narrator.say("the live state is the fold of the logs");
  }
}
