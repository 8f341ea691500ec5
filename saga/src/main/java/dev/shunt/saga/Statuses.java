package dev.shunt.saga;

import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The states of workflows as they were published last, without their streams: of those the tablets
 * are asked.
 */
@FunctionalInterface
public interface Statuses {
  /**
   * The states of those of the workflows of which something is known.
   *
   * @throws FailedException with UNAVAILABLE when they can't be read
   */
  Map<WorkflowKey, WorkflowStatus> of(Set<WorkflowKey> keys);

  /**
   * As {@link #of(Set)}.
   *
   * @param waiting is told, when it takes long, what is waited for; by the calling thread
   */
  default Map<WorkflowKey, WorkflowStatus> of(Set<WorkflowKey> keys, Consumer<String> waiting) {
    return of(keys);
  }
}
