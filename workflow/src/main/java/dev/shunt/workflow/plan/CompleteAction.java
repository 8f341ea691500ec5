package dev.shunt.workflow.plan;

/** Steps that end a workflow whose traffic is switched. */
public enum CompleteAction implements PlanAction {
  /** What the outcome warns of stands on the log: later it could not be found out any more. */
  WARNINGS(Kind.REVERSIBLE),
  /** Both keyspaces can be locked; each later write to the topology locks them for itself. */
  LOCK(Kind.REVERSIBLE),
  /**
   * Every forward stream is frozen and no routing rule leads to the source; else nothing is done.
   */
  CHECK_COMPLETED(Kind.REVERSIBLE),
  /** The reverse streams are stopped, so that they do not meet tables that go away. */
  STOP_REVERSE_STREAMS(Kind.DECISIVE),
  /** The source tables are dropped or renamed and gone from the source VSchema. */
  REMOVE_SOURCE_TABLES(Kind.FORWARD_ONLY),
  /** The source shards deny the tables no more. */
  ALLOW_ON_SOURCE(Kind.FORWARD_ONLY),
  /** The target shards deny the tables no more. */
  ALLOW_ON_TARGET(Kind.FORWARD_ONLY),
  /** The reverse streams and their diffs are gone. */
  DELETE_REVERSE_STREAMS(Kind.FORWARD_ONLY),
  /** No routing rule names the tables. */
  DELETE_ROUTING_RULES(Kind.FORWARD_ONLY),
  /** The serving VSchema of all cells says so. */
  REBUILD_SERVING_VSCHEMA(Kind.FORWARD_ONLY),
  /** The forward streams and their diffs are gone; last, as they say what the workflow is. */
  DELETE_STREAMS(Kind.FORWARD_ONLY),
  /** Nothing: no lock is held by then. It stands for Vitess's line in dry runs. */
  UNLOCK(Kind.FORWARD_ONLY);

  private final Kind kind;

  CompleteAction(Kind kind) {
    this.kind = kind;
  }

  @Override
  public Kind kind() {
    return kind;
  }
}
