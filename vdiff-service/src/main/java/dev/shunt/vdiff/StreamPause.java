package dev.shunt.vdiff;

import dev.shunt.saga.Parallel;
import dev.shunt.saga.Run;
import dev.shunt.saga.world.Cluster;
import dev.shunt.saga.world.ShardPrimary;
import dev.shunt.saga.world.StreamView;
import dev.shunt.saga.world.WorkflowView;
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
            execute(
                run,
                target,
                "update _vt.vreplication set state='Stopped', message='%s'".formatted(FOR_VDIFF)
                    + where(target)));
  }

  /** Lets a stream run to a position and no further; it stops there by itself. */
  void runTo(Run run, StreamView stream, String position) {
    execute(
        run,
        stream.target(),
        "update _vt.vreplication set state='Running', message='%s', stop_pos=%s where id=%d"
            .formatted(SYNCHRONIZING, SqlNames.literal(position), stream.id()));
  }

  /** Starts the streams, unless frozen. */
  void start(Run run) throws Exception {
    Parallel.each(
        view.targets(),
        target ->
            execute(
                run,
                target,
                "update _vt.vreplication set state='Running', message='', stop_pos=''"
                    + where(target)
                    + " and message!='"
                    + StreamView.FROZEN
                    + "'"));
  }

  private static String where(WorkflowView view, ShardPrimary target) {
    return " where db_name=%s and workflow=%s"
        .formatted(SqlNames.literal(target.database()), SqlNames.literal(view.workflow()));
  }

  private String where(ShardPrimary target) {
    return where(view, target);
  }

  private void execute(Run run, ShardPrimary target, String sql) {
    var unused = cluster.client(target).withFence(run.fence()).vReplicationExec(sql);
  }
}
