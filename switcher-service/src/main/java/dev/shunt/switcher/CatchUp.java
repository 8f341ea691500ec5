package dev.shunt.switcher;

import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.Parallel;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.cluster.StreamView;
import dev.shunt.cluster.WorkflowView;
import dev.shunt.saga.FailedException;
import dev.shunt.tabletclient.TabletException;
import io.grpc.Status;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Where the databases of a switch are: the last write of each source, and each target once its
 * streams have applied all of them. Changes nothing.
 */
final class CatchUp {
  private static final Duration STOCK_DRAIN_PAUSE = Duration.ofMillis(100);

  private final Cluster cluster;
  private final WorkflowView view;
  private final MovedTables tables;
  private final PauseLimit limit;
  private final Map<String, String> sources = new ConcurrentHashMap<>();
  private final Map<String, String> targets = new ConcurrentHashMap<>();

  /**
   * Knows no position yet.
   *
   * @param tables the tables that are switched
   * @param limit of the waits
   */
  CatchUp(Cluster cluster, WorkflowView view, MovedTables tables, PauseLimit limit) {
    this.cluster = cluster;
    this.view = view;
    this.tables = tables;
    this.limit = limit;
  }

  /** Takes positions of the targets from a journal that stands. */
  void resumeFrom(Map<String, String> positions) {
    targets.putAll(positions);
  }

  /** Position of each source by shard, as it was read last. */
  Map<String, String> sources() {
    return Map.copyOf(sources);
  }

  /** Position of each target by shard, as it was read last. */
  Map<String, String> targets() {
    return Map.copyOf(targets);
  }

  /** Positions in the order of their shards. */
  static String text(Map<String, String> positions) {
    return positions.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(entry -> entry.getKey() + "=" + entry.getValue())
        .collect(Collectors.joining(" "));
  }

  /** Reads where the sources are now. */
  void readSources() throws Exception {
    Parallel.each(view.sources(), this::readSource);
  }

  private void readSource(ShardPrimary source) {
    sources.put(source.shard(), cluster.control(source).within(limit.left()).position());
  }

  /** Reads where the targets are now. */
  void readTargets() throws Exception {
    Parallel.each(view.targets(), this::readTarget);
  }

  private void readTarget(ShardPrimary target) {
    targets.put(target.shard(), cluster.control(target).within(limit.left()).position());
  }

  /**
   * Waits for writes that began before the denial: a table lock comes after all of them. Behind it
   * the position of the source is final.
   *
   * @param stock whether a source has a stock vttablet: there statements may have passed the check
   *     and not have reached the database yet
   */
  void drain(boolean stock) throws Exception {
    if (stock) {
      Parallel.each(view.sources(), this::lockTables);
      cluster.time().sleep(STOCK_DRAIN_PAUSE);
    }
    Parallel.each(
        view.sources(),
        source -> {
          lockTables(source);
          readSource(source);
        });
  }

  private void lockTables(ShardPrimary source) throws Exception {
    try {
      cluster.control(source).within(limit.left()).drain(tables.names());
    } catch (TabletException e) {
      throw late(
          e,
          "writes on %s did not end within %d ms: a transaction that changed one of the tables is"
              + " still open; end it and switch again",
          source.name());
    }
  }

  /** Waits until the streams have applied all, and reads where each target is then. */
  String waitForStreams() throws Exception {
    Parallel.each(
        view.targets(),
        target -> {
          Parallel.each(view.streamsTo(target), this::waitForStream);
          readTarget(target);
        });
    return "%d stream(s)".formatted(view.streams().size());
  }

  private void waitForStream(StreamView stream) {
    String position = sources.getOrDefault(stream.sourceShard(), "");
    try {
      cluster
          .streams(stream.target(), view.workflow())
          .within(limit.left())
          .awaitPosition(stream.id(), position);
    } catch (TabletException e) {
      throw late(
          e,
          "%s did not catch up within %d ms",
          "stream %d on %s".formatted(stream.id(), stream.target().name()));
    }
  }

  /** A sentence about who is late instead of a bare deadline. */
  private RuntimeException late(TabletException e, String format, String who) {
    return e.code() == Status.Code.DEADLINE_EXCEEDED
        ? new FailedException(e.code(), format.formatted(who, limit.whole().toMillis()), e)
        : e;
  }
}
