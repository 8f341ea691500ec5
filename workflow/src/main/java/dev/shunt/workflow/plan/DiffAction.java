package dev.shunt.workflow.plan;

/** Steps of a diff. It changes nothing that lasts, so there is no point of no return. */
public enum DiffAction implements PlanAction {
  /** The log says that the diff has begun, and what it compares. */
  START_DIFF(Kind.REVERSIBLE),
  /** All tables are compared, and no stream stands still for the diff. */
  COMPARE_TABLES(Kind.REVERSIBLE);

  private final Kind kind;

  DiffAction(Kind kind) {
    this.kind = kind;
  }

  @Override
  public Kind kind() {
    return kind;
  }
}
