package dev.shunt.saga;

/** Turns a task into steps. */
@FunctionalInterface
public interface SagaPlanner {
  /**
   * Looks at the world and plans. Changes nothing but what keeps earlier runs from acting on.
   *
   * @throws dev.shunt.workflow.RefusedException when the command can't be carried out as things are
   */
  Saga plan(Run run) throws Exception;
}
