package dev.shunt.switcher;

import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.Parallel;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.cluster.StreamControl;
import dev.shunt.cluster.StreamView;
import dev.shunt.cluster.WorkflowView;
import dev.shunt.saga.Details;
import dev.shunt.saga.Effect;
import dev.shunt.saga.Run;
import dev.shunt.saga.RunHistory;
import dev.shunt.workflow.plan.SwitchAction;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

/**
 * Streams that somebody had stopped before the switch. They have caught up, or it would not have
 * begun; they are started for it, and stopped again when it is taken back. As the detail of the
 * step that starts them it tells a later run all that it needs for that.
 *
 * @param keyspace keyspace whose shards have them
 * @param workflow their workflow
 * @param ids ids by shard
 */
record StoppedStreams(String keyspace, String workflow, Map<String, Set<String>> ids) {
  StoppedStreams {
    ids = new TreeMap<>(ids);
  }

  /** Of a workflow; none when all of its streams run or were stopped by a switch or a diff. */
  static StoppedStreams of(WorkflowView view) {
    return of(
        view,
        stream -> stream.stopped() && !stream.stoppedForCutover() && !stream.stoppedForDiff());
  }

  /**
   * Those that a diff has left so that they stand still, or will: it died, for the lock is held.
   * Nobody wants them stopped, so they run on when the switch is taken back.
   */
  static StoppedStreams leftByDiff(WorkflowView view) {
    return of(view, StreamView::stoppedForDiff);
  }

  private static StoppedStreams of(WorkflowView view, Predicate<StreamView> which) {
    Map<String, Set<String>> ids = new TreeMap<>();
    for (StreamView stream : view.streams()) {
      if (which.test(stream)) {
        ids.computeIfAbsent(stream.target().shard(), shard -> new TreeSet<>())
            .add(Integer.toString(stream.id()));
      }
    }
    return new StoppedStreams(view.keyspace(), view.workflow(), ids);
  }

  /**
   * Those that an earlier run began to start.
   *
   * @param view their workflow, which earlier versions did not put on the log
   */
  static Optional<StoppedStreams> begun(RunHistory history, WorkflowView view) {
    return history
        .started(SwitchAction.START_STOPPED_STREAMS)
        .map(detail ->
            tellsAll(detail)
                ? parse(detail)
                : new StoppedStreams(view.keyspace(), view.workflow(), Details.setsByName(detail)));
  }

  /** The same, for whoever can't look at the workflow; empty for what earlier versions began. */
  static Optional<StoppedStreams> begun(RunHistory history) {
    return history
        .started(SwitchAction.START_STOPPED_STREAMS)
        .filter(StoppedStreams::tellsAll)
        .map(StoppedStreams::parse);
  }

  private static boolean tellsAll(String detail) {
    return detail.contains("\"workflow\"");
  }

  private static StoppedStreams parse(String detail) {
    return Details.values(detail, StoppedStreams.class);
  }

  /** Whether there are any. */
  boolean any() {
    return !ids.isEmpty();
  }

  /**
   * Starts them. Without the message of the switch, whoever resumes its streams leaves them alone.
   *
   * @param left others that are started and not stopped again
   */
  Effect effect(Cluster cluster, StoppedStreams left) {
    return Effect.of(
            Details.text(this),
            run -> {
              // A diff that died may have left a position at which they would stop again.
              each(cluster, run, StreamControl::startWithoutEnd);
              left.each(cluster, run, StreamControl::startWithoutEnd);
              return "";
            })
        .undoneBy(run -> stopAgain(cluster, run));
  }

  /** Takes their start back. */
  void stopAgain(Cluster cluster, Run run) throws Exception {
    each(cluster, run, StreamControl::stop);
  }

  /** On whatever tablets are the primaries by now. */
  private void each(Cluster cluster, Run run, BiConsumer<StreamControl, Integer> change)
      throws Exception {
    Parallel.each(
        ids.entrySet(),
        shard -> {
          ShardPrimary primary = cluster.primary(keyspace, shard.getKey());
          StreamControl control = cluster.streams(primary, workflow, run.fence());
          shard.getValue().forEach(id -> change.accept(control, Integer.valueOf(id)));
        });
  }
}
