package dev.shunt.copy;

import dev.shunt.saga.Task;
import java.util.Optional;
import java.util.Set;

/** Which tables of a workflow did not exist on the target before. */
@FunctionalInterface
public interface CreatedTables {
  /** The tables; empty when the workflow was not created by a command that is remembered. */
  Optional<Set<String>> of(Task task);
}
