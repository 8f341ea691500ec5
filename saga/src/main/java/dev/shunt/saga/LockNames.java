package dev.shunt.saga;

import dev.shunt.schemas.WorkflowKey;

/** Names the lock of a workflow; a workflow and its reverse share one. */
@FunctionalInterface
public interface LockNames {
  /** Name of the lock, for instance {@code customer/c2c}. */
  String of(WorkflowKey key);
}
