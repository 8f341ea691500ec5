package dev.shunt.workflow.lifecycle;

import dev.shunt.schemas.Phase;
import dev.shunt.schemas.WorkflowStatus;
import org.jspecify.annotations.Nullable;

/**
 * Where a workflow stands, as far as commands depend on it. Its summary is enough to say: of
 * streams it matters only whether there are any.
 *
 * <pre>
 *            MoveTablesCreate admitted          WorkflowCreated
 *   Absent ────────────────────────► Creating ────────────────► Active
 *     │  ▲ ◄─── refused or failed ─────┘                          │
 *     │  │                                 WorkflowCompleted or   │
 *     │  └── (the name is free again) ◄──── WorkflowDeleted ──────┘
 *     │
 *     └─ streams seen that no command created ─► Observed
 * </pre>
 */
public sealed interface LifecycleState {
  /** No such workflow, or none any more. */
  record Absent() implements LifecycleState {}

  /** Its streams exist, and no command of ours created them; a reverse workflow, for instance. */
  record Observed(WorkflowStatus status) implements LifecycleState {}

  /** It is being created. */
  record Creating(WorkflowStatus status) implements LifecycleState {}

  /** It was created by a command and has not ended. */
  record Active(WorkflowStatus status) implements LifecycleState {}

  /**
   * It has ended, yet streams of its name are reported: late news of its own, or another workflow
   * that somebody created since. Only a look at the tablets can tell.
   */
  record Ended(WorkflowStatus status) implements LifecycleState {}

  /** Where the workflow of a status stands. */
  static LifecycleState of(@Nullable WorkflowStatus status) {
    if (status == null) {
      return new Absent();
    }
    return switch (status.phase()) {
      case CREATING -> new Creating(status);
      case ACTIVE -> new Active(status);
      case UNKNOWN, OBSERVED -> status.shards().isEmpty() ? new Absent() : new Observed(status);
      case COMPLETED, DELETED -> status.shards().isEmpty() ? new Absent() : new Ended(status);
    };
  }

  /** The phase of a workflow that is neither being created nor active, from what else is known. */
  static Phase restingPhase(WorkflowStatus status) {
    if (status.createdAt() == 0) {
      return status.shards().isEmpty() ? Phase.UNKNOWN : Phase.OBSERVED;
    }
    return status.writesSwitched() ? Phase.COMPLETED : Phase.DELETED;
  }
}
