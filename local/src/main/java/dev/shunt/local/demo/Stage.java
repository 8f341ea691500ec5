package dev.shunt.local.demo;

import dev.shunt.client.CommandResult;
import dev.shunt.client.WorkflowTable;
import dev.shunt.local.LocalCluster;
import dev.shunt.schemas.Direction;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.StreamState;
import dev.shunt.schemas.StreamStatus;
import dev.shunt.schemas.VDiffTableFinished;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a story of the demo takes place: a cluster that runs, a shop that is open, and what is done
 * to a workflow there, with what was measured of it.
 */
final class Stage {
  static final Duration PATIENCE = Duration.ofMinutes(5);
  static final List<String> ALL = List.of("PRIMARY", "REPLICA", "RDONLY");

  private static final Logger log = LoggerFactory.getLogger(Stage.class);

  private final LocalCluster cluster;
  private final DemoOptions options;
  private final DemoProgress progress;
  private final WorkflowTable workflows;
  private final DemoCommands commands;
  private final ShopTraffic traffic;
  private final WriteGaps gaps;
  private final List<Long> gapOfEachSwitch = new ArrayList<>();
  private final LongAdder rowsCompared = new LongAdder();
  private final LongAdder rowsMismatched = new LongAdder();
  private final Set<String> killed = ConcurrentHashMap.newKeySet();
  private long rowsCopied;
  private double copySeconds;

  Stage(
      LocalCluster cluster,
      DemoOptions options,
      DemoProgress progress,
      WorkflowTable workflows,
      DemoCommands commands,
      ShopTraffic traffic,
      WriteGaps gaps) {
    this.cluster = cluster;
    this.options = options;
    this.progress = progress;
    this.workflows = workflows;
    this.commands = commands;
    this.traffic = traffic;
    this.gaps = gaps;
  }

  LocalCluster cluster() {
    return cluster;
  }

  DemoOptions options() {
    return options;
  }

  DemoCommands commands() {
    return commands;
  }

  ShopTraffic traffic() {
    return traffic;
  }

  void say(String line) {
    progress.say(line);
  }

  /** Rows that the copies wrote. */
  long rowsCopied() {
    return rowsCopied;
  }

  /** From the create commands until their streams had no lag any more. */
  double copySeconds() {
    return copySeconds;
  }

  long rowsCompared() {
    return rowsCompared.sum();
  }

  long rowsMismatched() {
    return rowsMismatched.sum();
  }

  /** The longest write gap of each switch of writes, milliseconds. */
  List<Long> gapOfEachSwitch() {
    return List.copyOf(gapOfEachSwitch);
  }

  /**
   * Waits until the streams of a workflow that was just created have copied all and have no lag.
   *
   * @param began when it was created, by {@link System#nanoTime}
   * @param total rows that are there to be copied
   */
  void awaitCopy(WorkflowKey key, long began, long total) {
    try (WorkflowTable.Subscription _ =
        workflows.subscribe(change -> {
          WorkflowStatus status = change.status();
          if (change.key().equals(key) && status != null) {
            progress.advance("copying", Math.min(total, rowsCopied(status)), total);
          }
        })) {
      awaitStreams(key);
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    long rows = workflows.get(key).map(Stage::rowsCopied).orElse(0L);
    rowsCopied += rows;
    copySeconds += seconds;
    progress.say("copied %,d rows in %.1f s; no lag is left".formatted(rows, seconds));
  }

  private static long rowsCopied(WorkflowStatus status) {
    return status.streams().stream().mapToLong(StreamStatus::rowsCopied).sum();
  }

  /** Waits until every stream of a workflow runs and has applied what was committed just now. */
  void awaitStreams(WorkflowKey key) {
    boolean caughtUp =
        workflows.await(
            key,
            status -> {
              status.stream()
                  .flatMap(one -> one.streams().stream())
                  .filter(stream -> stream.streamState() == StreamState.ERROR)
                  .findAny()
                  .ifPresent(stream -> {
                    throw new IllegalStateException(
                        "stream %d of %s failed: %s".formatted(stream.id(), key, stream.message()));
                  });
              return status.map(Stage::caughtUp).orElse(false);
            },
            PATIENCE);
    if (!caughtUp) {
      throw new IllegalStateException(
          "the streams of %s did not catch up: %s".formatted(key, workflows.get(key)));
    }
  }

  private static boolean caughtUp(WorkflowStatus status) {
    long now = System.currentTimeMillis() / 1000;
    return !status.streams().isEmpty()
        && status.streams().stream()
            .allMatch(stream ->
                stream.streamState() == StreamState.RUNNING
                    && stream.copyStates().isEmpty()
                    && now - Math.max(stream.transactionTimestamp(), stream.timeHeartbeat()) <= 2);
  }

  /** Compares every row of a workflow; whoever does so is killed at the first table, once. */
  void compare(WorkflowKey key, String when) {
    progress.say("comparing every row of %s, %s".formatted(key, when));
    LongAdder compared = new LongAdder();
    commands.run(
        DemoCommands.diff(key, when),
        event -> {
          if (event instanceof VDiffTableFinished finished) {
            compared.add(finished.result().processedRows());
            rowsMismatched.add(
                finished.result().mismatchedRows()
                    + finished.result().extraRowsSource()
                    + finished.result().extraRowsTarget());
            kill("vdiff", finished.header().by());
          }
        });
    rowsCompared.add(compared.sum());
    progress.say("  %,d rows compared".formatted(compared.sum()));
  }

  /** Switches traffic and measures how long any writer went without an answer meanwhile. */
  void switchAndMeasure(
      WorkflowKey key,
      String reason,
      Direction direction,
      List<String> types,
      Consumer<Event> listener)
      throws InterruptedException {
    gaps.open();
    CommandResult.Succeeded switched =
        commands.run(DemoCommands.switchTraffic(key, reason, direction, types), listener);
    long gap = gaps.close(PATIENCE).toMillis();
    gapOfEachSwitch.add(gap);
    progress.say(
        "%s: %s; longest write gap %d ms"
            .formatted(reason, switched.attributes().getOrDefault("current_state", ""), gap));
  }

  void killOne(String service) {
    kill(service, "");
  }

  /**
   * Kills the instance that events name so, or any when the name is empty; once a service, as the
   * demo starts no new ones.
   */
  boolean kill(String service, String instance) {
    if (killed.contains(service) || !cluster.kill(service, instance)) {
      return false;
    }
    killed.add(service);
    log.atInfo().addKeyValue("service", service).log("killed an instance");
    progress.say("  (killed an instance of " + service + ")");
    return true;
  }

  boolean wasKilled(String service) {
    return killed.contains(service);
  }
}
