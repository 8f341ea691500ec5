package dev.shunt.workflow.plan;

import java.util.List;

/** Plans a diff. */
public final class DiffPlan {
  /** Streams run again before the log says that the diff has ended. */
  public static final UndoOrder<DiffAction> UNDOS =
      UndoOrder.oneByOne(List.of(DiffAction.COMPARE_TABLES, DiffAction.START_DIFF));

  private DiffPlan() {}

  /** The steps, the same for each diff; there is no dry run of one. */
  public static Plan<DiffAction> of() {
    return new Plan.Builder<DiffAction>()
        .step(DiffAction.START_DIFF)
        .step(DiffAction.COMPARE_TABLES)
        .build(UNDOS);
  }
}
