package dev.shunt.vdiff;

import binlogdata.Binlogdata.VReplicationWorkflowState;
import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.WorkflowView;
import dev.shunt.saga.Run;
import dev.shunt.schemas.VDiffCreate;
import dev.shunt.topo.TopoException;
import dev.shunt.workflow.Refusal;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The streams of the workflow that a diff is of, and whether they allow one. */
final class ComparableStreams {
  private final Cluster cluster;
  private final VDiffCreate command;

  ComparableStreams(Cluster cluster, VDiffCreate command) {
    this.cluster = cluster;
    this.command = command;
  }

  private String keyspace() {
    return command.header().keyspace();
  }

  private String workflow() {
    return command.header().workflow();
  }

  /**
   * The workflow, whose streams run: what a diff that died left stopped is started, whether or not
   * the others allow a diff. The lock is held, so no diff that lives has stopped it.
   */
  WorkflowView running(Run run) throws Exception {
    WorkflowView view = cluster.requireWorkflow(keyspace(), workflow());
    if (startLeft(run, view)) {
      view = cluster.requireWorkflow(keyspace(), workflow());
    }
    requireComparable(view);
    return view;
  }

  private void requireComparable(WorkflowView view) {
    if (view.frozen()) {
      throw Refusal.failedPrecondition(
              "invalid VDiff run: writes have been already been switched for workflow %s.%s",
              keyspace(), workflow())
          .exception();
    }
    boolean comparable =
        view.streams().stream()
            .allMatch(stream ->
                !stream.stream().getPos().isEmpty()
                    && stream.stream().getState() == VReplicationWorkflowState.Running);
    if (!comparable) {
      throw Refusal.failedPrecondition(
              "not all streams are running in workflow %s.%s", keyspace(), workflow())
          .exception();
    }
  }

  /**
   * Starts what a diff that died left stopped, if there still is such a workflow; under the lock.
   */
  void startLeft(Run run) throws Exception {
    Optional<WorkflowView> view = workflowIfAny();
    if (view.isPresent()) {
      boolean unused = startLeft(run, view.get());
    }
  }

  private boolean startLeft(Run run, WorkflowView view) throws Exception {
    StreamPause pause = new StreamPause(cluster, view);
    if (!pause.left()) {
      return false;
    }
    pause.start(run);
    return true;
  }

  private Optional<WorkflowView> workflowIfAny() throws Exception {
    try {
      return cluster.workflow(keyspace(), workflow());
    } catch (TopoException e) {
      if (e.kind() == TopoException.Kind.NO_NODE) { // the keyspace is gone as well
        return Optional.empty();
      }
      throw e;
    }
  }

  /** The tables that are compared, of those that the workflow has. */
  List<String> tables(WorkflowView view) throws Exception {
    List<String> moved = cluster.tables(view);
    if (command.tables().isEmpty()) {
      return moved;
    }
    Set<String> unknown = new TreeSet<>(command.tables());
    moved.forEach(unknown::remove);
    if (!unknown.isEmpty()) {
      throw Refusal.failedPrecondition(
              "no tables found to diff: workflow %s.%s has no %s",
              keyspace(), workflow(), String.join(",", unknown))
          .exception();
    }
    return List.copyOf(new TreeSet<>(command.tables()));
  }
}
