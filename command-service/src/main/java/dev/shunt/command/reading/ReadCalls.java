package dev.shunt.command.reading;

import dev.shunt.schemas.Phase;
import dev.shunt.schemas.StreamState;
import dev.shunt.schemas.StreamStatus;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.topo.Topo;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import vtctldata.Vtctldata;

/** GetWorkflows: a scan of the materialised state, no tablet is called unless logs are wanted. */
public final class ReadCalls {
  private final Topo topo;
  private final WorkflowStates workflows;
  private final StreamLogs logs;
  private final InstantSource clock;

  /** Answers from the materialised state. */
  public ReadCalls(Topo topo, WorkflowStates workflows, TabletAccess tablets, InstantSource clock) {
    this.topo = topo;
    this.workflows = workflows;
    this.logs = new StreamLogs(topo, tablets);
    this.clock = clock;
  }

  /** Workflows of a keyspace that have streams, sorted by name. */
  public Vtctldata.GetWorkflowsResponse workflows(Vtctldata.GetWorkflowsRequest request) {
    TargetShards shards = TargetShards.read(topo, request.getKeyspace(), request.getShardsList());
    Set<String> wanted = Set.copyOf(request.getShardsList());
    long now = clock.instant().getEpochSecond();
    Vtctldata.GetWorkflowsResponse.Builder answer = Vtctldata.GetWorkflowsResponse.newBuilder();
    for (WorkflowStatus status : workflows.all()) {
      if (!status.keyspace().equals(request.getKeyspace())
          || (!request.getWorkflow().isEmpty()
              && !request.getWorkflow().equals(status.workflow()))) {
        continue;
      }
      List<StreamAnswer> streams = new ArrayList<>();
      for (StreamStatus stream : status.streams()) {
        if ((wanted.isEmpty() || wanted.contains(stream.shard()))
            && !(request.getActiveOnly() && stream.streamState() == StreamState.STOPPED)
            && !isRemoved(status, stream)) {
          streams.add(StreamAnswer.of(stream, now));
        }
      }
      if (!streams.isEmpty()) {
        answer.addWorkflows(describe(request, status, streams, shards));
      }
    }
    return answer.build();
  }

  /** Tablets report that a stream is gone a moment after the workflow has ended. */
  private static boolean isRemoved(WorkflowStatus status, StreamStatus stream) {
    boolean ended = status.phase() == Phase.COMPLETED || status.phase() == Phase.DELETED;
    return ended && stream.timeUpdated() <= status.updatedAt() / 1000;
  }

  private Vtctldata.Workflow describe(
      Vtctldata.GetWorkflowsRequest request,
      WorkflowStatus status,
      List<StreamAnswer> streams,
      TargetShards shards) {
    if (request.getNameOnly()) {
      return Vtctldata.Workflow.newBuilder().setName(status.workflow()).build();
    }
    Vtctldata.Workflow workflow =
        WorkflowMapper.map(status.keyspace(), status.workflow(), streams, shards);
    return request.getIncludeLogs() ? logs.add(workflow) : workflow;
  }
}
