package dev.shunt.workflow.lifecycle;

import dev.shunt.schemas.Command;
import dev.shunt.schemas.CommandCancel;
import dev.shunt.schemas.CommandSignal;
import dev.shunt.schemas.MoveTablesComplete;
import dev.shunt.schemas.MoveTablesCreate;
import dev.shunt.schemas.ReshardCreate;
import dev.shunt.schemas.SignalKind;
import dev.shunt.schemas.SwitchTraffic;
import dev.shunt.schemas.VDiffCreate;
import dev.shunt.schemas.WorkflowDelete;
import dev.shunt.schemas.WorkflowUpdate;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/** What has to be known of each kind of command, whatever it says: one line a kind. */
public enum CommandKind {
  /** Creates a workflow that moves tables. */
  MOVE_TABLES_CREATE(MoveTablesCreate.class, ServiceName.COPY, Effect.CREATES, true),
  /** Creates a workflow that moves the rows of shards to other shards. */
  RESHARD_CREATE(ReshardCreate.class, ServiceName.COPY, Effect.CREATES, true),
  /** Ends a workflow whose traffic is switched. */
  MOVE_TABLES_COMPLETE(MoveTablesComplete.class, ServiceName.COPY, Effect.TAKES_AWAY, true),
  /** Ends a workflow whose traffic is not switched. */
  WORKFLOW_DELETE(WorkflowDelete.class, ServiceName.COPY, Effect.TAKES_AWAY, true),
  /** Changes the streams of a workflow. */
  WORKFLOW_UPDATE(WorkflowUpdate.class, ServiceName.COPY, Effect.CHANGES, false),
  /** Switches traffic, or switches it back. */
  SWITCH_TRAFFIC(SwitchTraffic.class, ServiceName.SWITCH, Effect.CHANGES, true),
  /** Compares source and target. */
  VDIFF_CREATE(VDiffCreate.class, ServiceName.VDIFF, Effect.READS, false);

  /** What it does to a workflow. */
  private enum Effect {
    CREATES,
    CHANGES,
    TAKES_AWAY,
    READS
  }

  private final String type;
  private final ServiceName service;
  private final Effect effect;
  private final boolean planned;

  CommandKind(Class<? extends Command> type, ServiceName service, Effect effect, boolean planned) {
    this.type = type.getSimpleName();
    this.service = service;
    this.effect = effect;
    this.planned = planned;
  }

  /**
   * The kind of a command; none of {@link CommandCancel} and {@link CommandSignal}, which are about
   * other commands and which admission carries out itself.
   */
  public static Optional<CommandKind> of(Command command) {
    return switch (command) {
      case MoveTablesCreate _ -> Optional.of(MOVE_TABLES_CREATE);
      case ReshardCreate _ -> Optional.of(RESHARD_CREATE);
      case MoveTablesComplete _ -> Optional.of(MOVE_TABLES_COMPLETE);
      case WorkflowDelete _ -> Optional.of(WORKFLOW_DELETE);
      case WorkflowUpdate _ -> Optional.of(WORKFLOW_UPDATE);
      case SwitchTraffic _ -> Optional.of(SWITCH_TRAFFIC);
      case VDiffCreate _ -> Optional.of(VDIFF_CREATE);
      case CommandCancel _, CommandSignal _ -> Optional.empty();
    };
  }

  /** The kind of a command by its record name, as events have it; empty for an unknown one. */
  public static Optional<CommandKind> ofType(String recordName) {
    return Arrays.stream(values()).filter(kind -> kind.type.equals(recordName)).findFirst();
  }

  /** The service that carries it out. */
  public ServiceName service() {
    return service;
  }

  /** Whether it creates a workflow. */
  boolean creates() {
    return effect == Effect.CREATES;
  }

  /** Whether it removes what no other command could remove behind it. */
  boolean takesAway() {
    return effect == Effect.TAKES_AWAY;
  }

  /** Whether it compares only, beside a command that changes something. */
  public boolean reads() {
    return effect == Effect.READS;
  }

  /** What it can be asked to do while it is carried out. */
  public Set<SignalKind> signals() {
    return switch (effect) {
      case READS -> Set.of(SignalKind.STOP, SignalKind.PAUSE, SignalKind.RESUME, SignalKind.RETUNE);
      case CREATES, CHANGES, TAKES_AWAY -> Set.of();
    };
  }

  /** Whether there is a plan that a dry run can print. */
  boolean planned() {
    return planned;
  }
}
