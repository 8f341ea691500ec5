package dev.shunt.copy.ending;

import binlogdata.Binlogdata.VReplicationWorkflowState;
import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.Parallel;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.cluster.StreamControl;
import dev.shunt.cluster.StreamView;
import dev.shunt.cluster.WorkflowView;
import dev.shunt.saga.Details;
import dev.shunt.saga.Effect;
import dev.shunt.saga.Run;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Stops the streams of a workflow, and starts again those that ran. */
final class StreamStop {
  private final Cluster cluster;
  private final Optional<WorkflowView> streams;

  /**
   * @param streams the workflow whose streams are stopped; there may be none
   */
  StreamStop(Cluster cluster, Optional<WorkflowView> streams) {
    this.cluster = cluster;
    this.streams = streams;
  }

  /** Of the decisive step: behind it things are taken away that the streams need. */
  Effect effect() {
    return Effect.of(Details.text(running()), this::stop).undoneBy(this::startAgain);
  }

  /** Ids of the streams that run, or would if a diff had not died, by shard. */
  private Map<String, Set<String>> running() {
    Map<String, Set<String>> running = new TreeMap<>();
    for (StreamView stream : streams.map(WorkflowView::streams).orElse(List.of())) {
      boolean leftByDiff = stream.stopped() && stream.stoppedForDiff();
      if (runs(stream.stream().getState()) || leftByDiff) {
        running
            .computeIfAbsent(stream.target().shard(), shard -> new TreeSet<>())
            .add(Integer.toString(stream.id()));
      }
    }
    return running;
  }

  private static boolean runs(VReplicationWorkflowState state) {
    return switch (state) {
      case Init, Copying, Running, Lagging -> true;
      default -> false;
    };
  }

  private String stop(Run run) throws Exception {
    if (streams.isEmpty()) {
      return "there are none";
    }
    WorkflowView view = streams.get();
    Parallel.each(
        view.targets(),
        shard ->
            cluster
                .streams(shard, view.workflow(), run.fence())
                .setState(VReplicationWorkflowState.Stopped));
    return "%d stream(s)".formatted(view.streams().size());
  }

  /** Starts those that ran, on whatever tablet is the primary by now. */
  private void startAgain(Run run) throws Exception {
    if (streams.isEmpty()) {
      return;
    }
    WorkflowView view = streams.get();
    String keyspace = view.keyspace();
    Parallel.each(
        running().entrySet(),
        shard -> {
          ShardPrimary primary = cluster.primary(keyspace, shard.getKey());
          StreamControl control = cluster.streams(primary, view.workflow(), run.fence());
          shard.getValue().forEach(id -> control.resume(Integer.parseInt(id)));
        });
  }
}
