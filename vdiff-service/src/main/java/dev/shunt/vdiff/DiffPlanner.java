package dev.shunt.vdiff;

import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.WorkflowView;
import dev.shunt.saga.Effect;
import dev.shunt.saga.Failures;
import dev.shunt.saga.Run;
import dev.shunt.saga.Saga;
import dev.shunt.saga.SagaPlanner;
import dev.shunt.saga.SagaSettings;
import dev.shunt.saga.Undos;
import dev.shunt.schemas.VDiffCreate;
import dev.shunt.workflow.Refusal;
import dev.shunt.workflow.RefusedException;
import dev.shunt.workflow.plan.DiffAction;
import dev.shunt.workflow.plan.DiffPlan;
import java.util.List;
import java.util.Map;

/**
 * Plans diffs. The workflow's lock is held only while streams are stopped; a table that an earlier
 * run finished is not compared again.
 */
public final class DiffPlanner implements SagaPlanner {
  private final Cluster cluster;
  private final SagaSettings settings;
  private final long waitingBytes;

  /**
   * Plans diffs of the workflows of a cluster.
   *
   * @param waitingBytes most memory that rows without a match may take in one comparison
   */
  public DiffPlanner(Cluster cluster, SagaSettings settings, long waitingBytes) {
    this.cluster = cluster;
    this.settings = settings;
    this.waitingBytes = waitingBytes;
  }

  @Override
  public boolean locksThroughout() {
    return false;
  }

  @Override
  public Saga plan(Run run) throws Exception {
    VDiffCreate command = command(run);
    cluster.vschema(command.header().keyspace());
    ComparableStreams streams = new ComparableStreams(cluster, command);
    WorkflowView view = streams.running(run);
    List<String> tables = streams.tables(view);
    Diff diff = new Diff(cluster, command, tables, run.history(), settings, waitingBytes);
    return Saga.of(
        DiffPlan.of(),
        action ->
            switch (action) {
              case START_DIFF ->
                  Effect.of(running -> diff.start(running, view)).undoneBy(diff::fail);
              case COMPARE_TABLES ->
                  Effect.of(diff::compare)
                      .undoneBy(running -> running.underLock(() -> streams.startLeft(running)));
            },
        false,
        diff::finish);
  }

  /** Streams that an earlier run stopped must not stand still, whatever becomes of the diff. */
  @Override
  public Undos overdue(Run run) {
    ComparableStreams streams = new ComparableStreams(cluster, command(run));
    return Undos.of(
        DiffPlan.UNDOS, Map.of(DiffAction.COMPARE_TABLES, Effect.begun("", streams::startLeft)));
  }

  /** What an earlier run published of the start is followed by an end. */
  @Override
  public Undos takingBack(Run run, Exception why) throws Exception {
    return why instanceof RefusedException
        ? Undos.of(
            DiffPlan.UNDOS,
            Map.of(
                DiffAction.START_DIFF,
                Effect.begun("", running -> Diff.abandon(running, Failures.message(why)))))
        : SagaPlanner.super.takingBack(run, why);
  }

  private static VDiffCreate command(Run run) {
    if (run.command() instanceof VDiffCreate command) {
      return command;
    }
    throw Refusal.of(
            Refusal.Code.UNIMPLEMENTED,
            "%s is not a task of the vdiff service",
            run.command().getClass().getSimpleName())
        .exception();
  }
}
