package dev.shunt.vdiff;

import dev.shunt.saga.Parallel;
import dev.shunt.saga.Run;
import dev.shunt.saga.world.Cluster;
import dev.shunt.saga.world.ShardPrimary;
import dev.shunt.saga.world.StreamView;
import dev.shunt.saga.world.Streams;
import dev.shunt.saga.world.WorkflowView;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.workflow.sql.SqlNames;
import java.util.Set;

/**
 * Stops the streams of a workflow for a diff and starts them again. Message and stop position of a
 * stream tell that a diff stopped it, so that whoever comes after a death can start it.
 */
final class StreamPause {
  private static final String FOR_VDIFF = "for vdiff";
  private static final String SYNCHRONIZING = "synchronizing for vdiff";
  private static final Set<String> OURS = Set.of(FOR_VDIFF, SYNCHRONIZING);

  private final Cluster cluster;
  private final WorkflowView view;

  StreamPause(Cluster cluster, WorkflowView view) {
    this.cluster = cluster;
    this.view = view;
  }

  /** Whether a diff stopped a stream and did not start it again. */
  boolean left() {
    return view.streams().stream()
        .anyMatch(stream ->
            !stream.frozen()
                && (OURS.contains(stream.stream().getMessage())
                    || !stream.stream().getStopPos().isEmpty()));
  }

  void stop(Run run) throws Exception {
    Parallel.each(
        view.targets(),
        target ->
            Streams.change(
                client(run, target),
                target,
                view.workflow(),
                "set state='Stopped', message='%s'".formatted(FOR_VDIFF),
                "",
                view.streamsTo(target).size()));
  }

  /** Lets a stream run to a position and no further; it stops there by itself. */
  void runTo(Run run, StreamView stream, String position) {
    Streams.change(
        client(run, stream.target()),
        stream.target(),
        view.workflow(),
        "set state='Running', message='%s', stop_pos=%s"
            .formatted(SYNCHRONIZING, SqlNames.literal(position)),
        " and id=" + stream.id(),
        1);
  }

  /** Starts the streams, unless frozen. */
  void start(Run run) throws Exception {
    Parallel.each(
        view.targets(),
        target ->
            Streams.changeWhatIsLeft(
                client(run, target),
                target,
                view.workflow(),
                "set state='Running', message='', stop_pos=''",
                " and message!='" + StreamView.FROZEN + "'",
                view.streamsTo(target).size()));
  }

  private TabletClient client(Run run, ShardPrimary target) {
    return cluster.client(target).withFence(run.fence());
  }
}
