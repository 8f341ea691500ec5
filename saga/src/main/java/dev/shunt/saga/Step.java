package dev.shunt.saga;

import dev.shunt.workflow.plan.PlanAction.Kind;
import dev.shunt.workflow.plan.PlannedStep;

/**
 * One step of a saga: the step of a plan, which says how it is carried out, with its effect.
 *
 * @param planned the step of the plan
 * @param effect what it does
 */
record Step(PlannedStep<?> planned, Effect effect) {
  /** Name of the step in events, the same in each run. */
  String name() {
    return planned.action().stepName();
  }

  /** Whether the saga only goes forward once it holds. */
  boolean decisive() {
    return planned.action().kind() == Kind.DECISIVE;
  }

  /** Whether nothing is sent to Kafka meanwhile and a request to stop waits. */
  boolean quiet() {
    return planned.action().inPause();
  }

  /** Whether it is tried again until it holds, whatever fails. */
  boolean mustSucceed() {
    return planned.mustSucceed();
  }
}
