package dev.shunt.switcher;

import binlogdata.Binlogdata.VReplicationWorkflowState;
import dev.shunt.cluster.Claims;
import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.Parallel;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.cluster.StreamView;
import dev.shunt.cluster.Tables;
import dev.shunt.cluster.Traffic;
import dev.shunt.cluster.WorkflowView;
import dev.shunt.saga.Failures;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.workflow.Refusal;
import dev.shunt.workflow.WorkflowNames;
import dev.shunt.workflow.migration.ShardMigration;
import dev.shunt.workflow.migration.TableMigration;
import dev.shunt.workflow.routing.DeniedTables;
import dev.shunt.workflow.sharding.KeyRange;
import io.grpc.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What has to hold before traffic is switched; changes nothing. */
final class Prechecks {
  /** What is done to a workflow, for refusals. */
  static final String SWITCH = "switch the traffic of";

  private static final Duration AT_ONCE = Duration.ofSeconds(5);

  private final Cluster cluster;

  Prechecks(Cluster cluster) {
    this.cluster = cluster;
  }

  /** Refuses cells that there are not: their rules would be waited for for ever. */
  void requireCells(List<String> cells) {
    List<String> known = cluster.topo().cells();
    for (String cell : cells) {
      if (!known.contains(cell)) {
        throw Refusal.of(Refusal.Code.NOT_FOUND, "there is no cell %s; cells are %s", cell, known)
            .exception();
      }
    }
  }

  /**
   * Refuses to switch reads in cells that can't be reached, where each has a record of its own: the
   * switch would wait for them, and so would its way back.
   */
  void requireReach(SwitchRequest request, Traffic.Observed observed) {
    if (request.reads().isEmpty()) {
      return;
    }
    List<String> cells = request.cellsOfReads();
    List<String> silent =
        observed.silentCells().stream()
            .filter(cell -> cells.isEmpty() || cells.contains(cell))
            .toList();
    if (!silent.isEmpty()) {
      throw Refusal.failedPrecondition(
              "cell(s) %s can't be reached, so their reads can't be switched: bring them back, or"
                  + " name the others with --cells and switch reads without writes",
              String.join(", ", silent))
          .exception();
    }
  }

  /** Refuses when the workflow can't be switched as it is. */
  void require(WorkflowView view, SwitchRequest request, Instant now) throws Exception {
    if (view.switchable(SWITCH) instanceof ShardMigration) {
      requireAlone(view);
    }
    for (StreamView stream : view.streams()) {
      Optional<String> reason = reason(view, stream, request, now);
      if (reason.isPresent()) {
        throw cannot(view, reason.get());
      }
    }
    if (copying(view)) {
      throw cannot(view, "copy is still in progress");
    }
    requireAllShards(view);
    if (!request.command().force()) {
      refresh(view);
    }
  }

  private Optional<String> reason(
      WorkflowView view, StreamView stream, SwitchRequest request, Instant now) throws Exception {
    if (!stream.stopped() || stream.stream().getPos().isEmpty()) {
      return streamReason(stream, now, request.command().maxReplicationLagMillis() / 1000);
    }
    // A switch of writes starts what a diff left and waits for it; one of reads does not.
    boolean writesAlone = request.writes() && request.reads().isEmpty();
    return writesAlone && stream.stoppedForDiff() ? Optional.empty() : stoppedReason(view, stream);
  }

  /**
   * Refuses when the tables are not copied. To be asked where an interrupted attempt stopped the
   * streams, so that nothing can be said of their lag.
   */
  void requireCopied(WorkflowView view) throws Exception {
    for (StreamView stream : view.streams()) {
      VReplicationWorkflowState state = stream.stream().getState();
      if (stream.frozen()) {
        throw cannot(view, "workflow is frozen");
      }
      if (state == VReplicationWorkflowState.Error) {
        throw cannot(view, "workflow has errors");
      }
      if (state == VReplicationWorkflowState.Copying
          || state == VReplicationWorkflowState.Init
          || stream.stream().getPos().isEmpty()) {
        throw cannot(view, "copy is still in progress");
      }
    }
    if (copying(view)) {
      throw cannot(view, "copy is still in progress");
    }
    requireAllShards(view);
  }

  /**
   * Where all of a keyspace moves, each table of a source has to be on each target: one that was
   * made since the workflow was is in none of its streams.
   */
  private void requireSameTables(WorkflowView view) throws Exception {
    List<String> moved = cluster.tables(view);
    Parallel.each(
        view.targets(),
        target -> {
          Set<String> missing = new TreeSet<>(moved);
          missing.removeAll(Tables.definitions(cluster.client(target)).keySet());
          if (!missing.isEmpty()) {
            throw cannot(
                view,
                "table(s) %s were made since the workflow was, and %s lacks them: make them there, empty,"
                        .formatted(String.join(", ", missing), target.name())
                    + " and the streams copy them; or drop them, or cancel the workflow and create it"
                    + " anew");
          }
        });
  }

  /** Refuses to take a denial of the source for one's own while others have the tables as well. */
  void requireUnclaimed(WorkflowView forward) throws Exception {
    Map<String, Set<String>> claims =
        cluster.claims(forward.switchable(SWITCH), forward.workflow()).streams();
    if (!claims.isEmpty()) {
      throw cannot(
          forward,
          "writes of its tables are denied already, and other workflows have some of them: %s;"
                  .formatted(Claims.text(claims))
              + " complete or cancel them first");
    }
  }

  /** What reads or writes the shards would go on with those that nobody writes any more. */
  void requireAlone(WorkflowView view) throws Exception {
    Map<String, Set<String>> claims =
        cluster.claims(view.switchable(SWITCH), WorkflowNames.forward(view.workflow())).streams();
    if (!claims.isEmpty()) {
      throw cannot(
          view,
          "other workflows have streams on its shards that can't go on with the new ones: %s;"
                  .formatted(Claims.text(claims))
              + " complete or cancel them first");
    }
  }

  private static RuntimeException cannot(WorkflowView view, String reason) {
    return Refusal.failedPrecondition(
            "cannot switch traffic for workflow %s at this time: %s", view.workflow(), reason)
        .exception();
  }

  private static Optional<String> streamReason(StreamView stream, Instant now, long allowed) {
    if (stream.frozen()) {
      return Optional.of("workflow is frozen");
    }
    VReplicationWorkflowState state = stream.stream().getState();
    return switch (state) {
      case Error -> Optional.of("workflow has errors");
      case Copying, Init, Stopped -> Optional.of("copy is still in progress");
      default -> lagReason(stream, now, allowed);
    };
  }

  /** As in Vitess a stopped stream will do when nothing is left for it to apply. */
  private Optional<String> stoppedReason(WorkflowView view, StreamView stream) throws Exception {
    for (ShardPrimary source : view.sources()) {
      if (source.shard().equals(stream.sourceShard())) {
        try {
          cluster
              .streams(stream.target(), view.workflow())
              .within(AT_ONCE)
              .awaitPosition(stream.id(), cluster.control(source).position());
        } catch (TabletException e) {
          if (e.code() == Status.Code.UNAVAILABLE) {
            throw e;
          }
          return Optional.of(
              "stream %d on %s is stopped and behind its source: start the workflow"
                  .formatted(stream.id(), stream.target().name()));
        }
      }
    }
    return Optional.empty();
  }

  /** As Vitess: since the last transaction, or since the last sign of life when that is newer. */
  private static Optional<String> lagReason(StreamView stream, Instant now, long allowed) {
    long transaction = stream.stream().getTransactionTimestamp().getSeconds();
    long alive = stream.stream().getTimeUpdated().getSeconds();
    long lag = Math.max(0, now.getEpochSecond() - Math.max(transaction, alive));
    return lag > allowed
        ? Optional.of("replication lag %ds is higher than allowed lag %ds".formatted(lag, allowed))
        : Optional.empty();
  }

  private boolean copying(WorkflowView view) throws Exception {
    return Parallel.map(view.targets(), target -> copying(view, target)).contains(true);
  }

  private boolean copying(WorkflowView view, ShardPrimary target) {
    return cluster
        .streams(target, view.workflow())
        .copying(view.streamsTo(target).stream().map(StreamView::id).toList());
  }

  /** Refuses where shards take no part that have rows of what is switched, on either side. */
  void requireAllShards(WorkflowView view) throws Exception {
    switch (view.switchable(SWITCH)) {
      case TableMigration unused -> {
        requireAll(view.sourceKeyspace(), view.sources());
        requireAll(view.keyspace(), view.targets());
      }
      case ShardMigration shards -> {
        requireSameRange(view, shards);
        requireNothingDenied(view);
        requireSameTables(view);
      }
    }
  }

  /** Denials of single tables would not come along: what nobody should see would be served. */
  private static void requireNothingDenied(WorkflowView view) {
    for (ShardPrimary source : view.sources()) {
      Optional<String> denied = source.deniedTables(Set.of(DeniedTables.ALL));
      if (denied.isPresent()) {
        throw cannot(view, denied.get());
      }
    }
  }

  /** Of both sides the records are there, and each side has the same keyspace ids, each id once. */
  private static void requireSameRange(WorkflowView view, ShardMigration shards) {
    Optional<KeyRange> from = range(view.sources());
    Optional<KeyRange> to = range(view.targets());
    if (from.isEmpty() || !from.equals(to) || !allPairs(view)) {
      throw Refusal.failedPrecondition(
              "mismatched shards for keyspace %s: streams go from %s to %s, which do not have the"
                  + " same keyspace ids, or a stream between two of them is missing",
              shards.keyspace(), shards.sourceShards(), shards.targetShards())
          .exception();
    }
  }

  /** Whether a stream goes between each two shards that have some keyspace id in common. */
  private static boolean allPairs(WorkflowView view) {
    return view.targets().stream()
        .allMatch(target ->
            view.sources().stream()
                .filter(source ->
                    KeyRange.ofShard(source.shard()).intersects(KeyRange.ofShard(target.shard())))
                .allMatch(source ->
                    view.streamsTo(target).stream()
                        .anyMatch(stream -> stream.sourceShard().equals(source.shard()))));
  }

  private static Optional<KeyRange> range(List<ShardPrimary> primaries) {
    return KeyRange.union(
        primaries.stream().map(primary -> KeyRange.ofShard(primary.shard())).toList());
  }

  /** Shards that don't serve, such as those for a Reshard to come, have no rows of it. */
  private void requireAll(String keyspace, List<ShardPrimary> taking) {
    Set<String> missing = new TreeSet<>();
    cluster
        .topo()
        .shards(keyspace)
        .forEach((name, shard) -> {
          if (shard.value().getIsPrimaryServing()) {
            missing.add(name);
          }
        });
    taking.forEach(shard -> missing.remove(shard.shard()));
    if (!missing.isEmpty()) {
      throw Refusal.failedPrecondition(
              "mismatched shards for keyspace %s: the workflow has no streams on %s",
              keyspace, String.join(",", missing))
          .exception();
    }
  }

  private void refresh(WorkflowView view) throws Exception {
    List<ShardPrimary> shards = new ArrayList<>(view.sources());
    shards.addAll(view.targets());
    List<String> failures = new ArrayList<>();
    Parallel.map(shards, this::refresh).forEach(failure -> failure.ifPresent(failures::add));
    if (!failures.isEmpty()) {
      throw cannot(
          view,
          "could not refresh all of the tablets involved in the operation:\n"
              + String.join("\n", failures));
    }
  }

  private Optional<String> refresh(ShardPrimary shard) {
    try {
      cluster.control(shard).refreshState();
      return Optional.empty();
    } catch (RuntimeException e) {
      return Optional.of(shard.name() + ": " + Failures.message(e));
    }
  }
}
