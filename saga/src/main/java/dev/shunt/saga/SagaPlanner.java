package dev.shunt.saga;

import dev.shunt.workflow.RefusedException;
import java.util.List;

/** Turns a task into steps. */
@FunctionalInterface
public interface SagaPlanner {
  /**
   * Looks at the world and plans. Changes nothing but what keeps earlier runs from acting on. The
   * steps that an earlier run began are among those of this plan, under the same names: when it
   * fails they are taken back with it.
   *
   * @throws RefusedException when the command can't be carried out as things are
   * @throws RunAgainException when it is not known whether it can
   */
  Saga plan(Run run) throws Exception;

  /**
   * Called when {@link #plan} refuses though earlier runs began steps: the steps that can be taken
   * back, in the order of the plan, made of what these runs told. Those of them that stand by the
   * history are undone, until that holds; then the command fails with the refusal.
   *
   * @throws RunAgainException when this must not end here, for instance because it is decided
   */
  default List<Step> takingBack(Run run, RefusedException why) throws Exception {
    return List.of();
  }
}
