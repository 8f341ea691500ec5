package dev.shunt.workflow.plan;

/**
 * Steps that create a workflow. Nothing of it decides: all is taken back when a later one fails.
 */
public enum CreateAction implements PlanAction {
  /** Which tables it is about stands on the log: later runs are about the same. */
  SELECT_TABLES,
  /**
   * The streams are there, stopped. They are the claim by which others see that the tables are
   * taken.
   */
  CREATE_STREAMS,
  /** No other workflow has claimed any of it before these streams were there. */
  CHECK_OTHER_WORKFLOWS,
  /** The target serves none of the tables, and has no row of them. */
  DENY_ON_TARGET,
  /** The tables that the target lacks are there, empty. */
  CREATE_TABLES,
  /** Traffic goes to the source, under whichever name it is asked for. */
  ROUTE_TO_SOURCE,
  /** No switch was made before under the id that a switch of these streams would have. */
  CHECK_JOURNALS,
  /** The streams run. */
  START_STREAMS;

  @Override
  public Kind kind() {
    return Kind.REVERSIBLE;
  }
}
