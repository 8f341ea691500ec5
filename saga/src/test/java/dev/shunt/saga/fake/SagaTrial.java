package dev.shunt.saga.fake;

import dev.shunt.saga.SagaHandler;
import dev.shunt.saga.SagaPlanner;
import dev.shunt.saga.StopSignal;
import dev.shunt.saga.Task;
import dev.shunt.saga.TaskHandler;
import dev.shunt.schemas.Command;
import dev.shunt.schemas.WorkflowKey;

/** Runs commands on a fake cluster as a service would, its events kept. */
public final class SagaTrial {
  public final FakeCluster cluster;
  public final RecordingSink log = new RecordingSink();
  private final SagaPlanner planner;

  /** Runs what the planner plans. */
  public SagaTrial(FakeCluster cluster, SagaPlanner planner) {
    this.cluster = cluster;
    this.planner = planner;
  }

  /** One run of a command's task. */
  public TaskHandler.Result run(Command command) {
    return new SagaHandler(
            cluster.topo,
            cluster.cluster()::lockName,
            log,
            log,
            "here",
            cluster.time,
            Samples.QUICK,
            planner)
        .handle(new Task(WorkflowKey.of(command.header()), command, 0, 1), new StopSignal());
  }

  /** Runs a command until it has an outcome; the outcome in short. */
  public String outcome(Command command) {
    for (int i = 0; i < 20; i++) {
      if (run(command) == TaskHandler.Result.FINISHED) {
        return log.told().getLast();
      }
    }
    throw new IllegalStateException("no outcome: " + log.told());
  }
}
