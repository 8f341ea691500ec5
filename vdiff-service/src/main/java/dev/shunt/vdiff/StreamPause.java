package dev.shunt.vdiff;

import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.Parallel;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.cluster.StreamControl;
import dev.shunt.cluster.StreamView;
import dev.shunt.cluster.WorkflowView;
import dev.shunt.saga.Run;

/**
 * Stops the streams of a workflow for a diff and starts them again. Message and stop position of a
 * stream tell that a diff stopped it, so that whoever comes after a death can start it.
 */
final class StreamPause {
  private final Cluster cluster;
  private final WorkflowView view;

  StreamPause(Cluster cluster, WorkflowView view) {
    this.cluster = cluster;
    this.view = view;
  }

  /** Whether a diff stopped a stream and did not start it again. */
  boolean left() {
    return view.streams().stream().anyMatch(StreamView::stoppedForDiff);
  }

  void stop(Run run) throws Exception {
    Parallel.each(
        view.targets(), target -> streams(run, target).stopForDiff(view.streamsTo(target).size()));
  }

  /** Lets a stream run to a position and no further; it stops there by itself. */
  void runTo(Run run, StreamView stream, String position) {
    streams(run, stream.target()).runTo(stream.id(), position);
  }

  /** Starts the streams that a diff has stopped. */
  void start(Run run) throws Exception {
    Parallel.each(
        view.targets(),
        target -> streams(run, target).startAfterDiff(view.streamsTo(target).size()));
  }

  private StreamControl streams(Run run, ShardPrimary target) {
    return cluster.streams(target, view.workflow(), run.fence());
  }
}
