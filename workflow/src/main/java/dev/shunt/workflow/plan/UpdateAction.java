package dev.shunt.workflow.plan;

import java.util.List;

/** Steps that change the streams of a workflow. */
public enum UpdateAction implements PlanAction {
  /** The streams are as the command wants them; how they were before is nowhere kept. */
  UPDATE_STREAMS;

  /** Its only plan. */
  public static final Plan<UpdateAction> PLAN =
      new Plan.Builder<UpdateAction>().step(UPDATE_STREAMS).build(UndoOrder.oneByOne(List.of()));

  @Override
  public Kind kind() {
    return Kind.REVERSIBLE;
  }
}
