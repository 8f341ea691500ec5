package dev.shunt.copy;

import dev.shunt.cluster.Cluster;
import dev.shunt.copy.creating.CreatePlanner;
import dev.shunt.copy.creating.ReshardPlanner;
import dev.shunt.copy.ending.CancelPlanner;
import dev.shunt.copy.ending.CompletePlanner;
import dev.shunt.copy.updating.UpdatePlanner;
import dev.shunt.saga.DifferenceGuard;
import dev.shunt.saga.Run;
import dev.shunt.saga.Saga;
import dev.shunt.saga.SagaPlanner;
import dev.shunt.saga.Undos;
import dev.shunt.schemas.CommandCancel;
import dev.shunt.schemas.CommandSignal;
import dev.shunt.schemas.MoveTablesComplete;
import dev.shunt.schemas.MoveTablesCreate;
import dev.shunt.schemas.ReshardCreate;
import dev.shunt.schemas.SwitchTraffic;
import dev.shunt.schemas.VDiffCreate;
import dev.shunt.schemas.WorkflowDelete;
import dev.shunt.schemas.WorkflowUpdate;
import dev.shunt.time.Time;
import dev.shunt.workflow.Refusal;
import dev.shunt.workflow.RefusedException;

/** Plans each command of the copy service. */
public final class CopyPlanner implements SagaPlanner {
  private final CreatePlanner create;
  private final ReshardPlanner reshard;
  private final CompletePlanner complete;
  private final CancelPlanner cancel;
  private final UpdatePlanner update;

  /**
   * Plans the commands of copies in a cluster.
   *
   * @param createdTables knows what a cancel may drop
   * @param differences knows what source and target are known to differ in
   */
  public CopyPlanner(
      Cluster cluster, CreatedTables createdTables, DifferenceGuard differences, Time time) {
    this.create = new CreatePlanner(cluster);
    this.reshard = new ReshardPlanner(cluster);
    this.complete = new CompletePlanner(cluster, differences, time);
    this.cancel = new CancelPlanner(cluster, createdTables, differences);
    this.update = new UpdatePlanner(cluster);
  }

  @Override
  public Saga plan(Run run) throws Exception {
    return switch (run.command()) {
      case MoveTablesCreate command -> create.plan(command, run);
      case ReshardCreate command -> reshard.plan(command, run);
      case MoveTablesComplete command -> complete.plan(command, run);
      case WorkflowDelete command -> cancel.plan(command, run);
      case WorkflowUpdate command -> update.plan(command, run);
      case SwitchTraffic command -> throw misdirected(command.getClass());
      case VDiffCreate command -> throw misdirected(command.getClass());
      case CommandCancel command -> throw misdirected(command.getClass());
      case CommandSignal command -> throw misdirected(command.getClass());
    };
  }

  @Override
  public Undos takingBack(Run run, Exception why) throws Exception {
    if (why instanceof RefusedException && run.command() instanceof MoveTablesCreate command) {
      return create.takingBack(command, run);
    }
    if (why instanceof RefusedException && run.command() instanceof ReshardCreate command) {
      return reshard.takingBack(command, run);
    }
    return SagaPlanner.super.takingBack(run, why);
  }

  private static RuntimeException misdirected(Class<?> command) {
    return Refusal.of(
            Refusal.Code.UNIMPLEMENTED,
            "%s is not a task of the copy service",
            command.getSimpleName())
        .exception();
  }
}
