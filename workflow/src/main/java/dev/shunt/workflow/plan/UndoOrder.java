package dev.shunt.workflow.plan;

import java.util.List;

/**
 * In which order the steps of a plan are taken back, whoever does so: the run that fails, one that
 * finds what an interrupted run left, or a new owner that can't plan any more.
 *
 * @param actions the first one to be taken back first; those that have no way back may be among
 *     them
 * @param eachAlone whether one that can't be taken back for now holds none of the others up;
 *     otherwise what comes behind it waits, for it needs that the other is gone
 * @param <A> actions of the plan
 */
public record UndoOrder<A extends PlanAction>(List<A> actions, boolean eachAlone) {
  public UndoOrder {
    actions = List.copyOf(actions);
  }

  /** An order of its own, in which none needs another. */
  static <A extends PlanAction> UndoOrder<A> eachAlone(List<A> actions) {
    return new UndoOrder<>(actions, true);
  }

  /** An order in which each needs that those before it are taken back. */
  static <A extends PlanAction> UndoOrder<A> oneByOne(List<A> actions) {
    return new UndoOrder<>(actions, false);
  }
}
