package dev.shunt.command.reading;

import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** The materialised state of all workflows, kept in this process. */
public interface WorkflowStates {
  /** A workflow. */
  Optional<WorkflowStatus> find(WorkflowKey key);

  /** All workflows, sorted by key. */
  List<WorkflowStatus> all();

  /**
   * Waits until a workflow is as wanted.
   *
   * @return false when it was not within the time
   */
  boolean await(WorkflowKey key, Predicate<Optional<WorkflowStatus>> wanted, Duration timeout);
}
