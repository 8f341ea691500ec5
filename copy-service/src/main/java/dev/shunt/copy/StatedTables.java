package dev.shunt.copy;

import dev.shunt.saga.Statuses;
import dev.shunt.saga.Task;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Takes them from the workflow's newest status. */
record StatedTables(Statuses statuses) implements CreatedTables {
  @Override
  public Optional<Set<String>> of(Task task) {
    return Optional.ofNullable(statuses.of(Set.of(task.key())).get(task.key()))
        .filter(status -> status.createdAt() > 0)
        .map(status -> new TreeSet<>(status.createdTables()));
  }
}
