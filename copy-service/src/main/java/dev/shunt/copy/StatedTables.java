package dev.shunt.copy;

import dev.shunt.saga.FailedException;
import dev.shunt.saga.Statuses;
import dev.shunt.saga.Task;
import dev.shunt.schemas.WorkflowStatus;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Takes them from the workflow's newest status. */
record StatedTables(Statuses statuses) implements CreatedTables {
  @Override
  public Optional<Set<String>> of(Task task) {
    return status(task)
        .filter(status -> status.createdAt() > 0)
        .map(status -> new TreeSet<>(status.createdTables()));
  }

  private Optional<WorkflowStatus> status(Task task) {
    try {
      return Optional.ofNullable(statuses.of(Set.of(task.key())).get(task.key()));
    } catch (FailedException e) {
      throw new FailedException(
          e.code(),
          "can't tell which tables %s created: %s; send the command again"
              .formatted(task.key(), e.getMessage()),
          e);
    }
  }
}
