package dev.shunt.workflow.plan;

/** Steps that cancel a workflow whose writes are not switched. */
public enum DeleteAction implements PlanAction {
  /** What the outcome warns of stands on the log: later it could not be found out any more. */
  WARNINGS(Kind.REVERSIBLE),
  /** Both keyspaces can be locked; each later write to the topology locks them for itself. */
  LOCK(Kind.REVERSIBLE),
  /** The forward streams are stopped. */
  STOP_STREAMS(Kind.DECISIVE),
  /** Reads that were switched go to the source again. */
  RETURN_READS(Kind.FORWARD_ONLY),
  /** The target tables that the workflow created are dropped and gone from its VSchema. */
  REMOVE_TARGET_TABLES(Kind.FORWARD_ONLY),
  /** The source shards deny the tables no more. */
  ALLOW_ON_SOURCE(Kind.FORWARD_ONLY),
  /** The target shards deny the tables no more. */
  ALLOW_ON_TARGET(Kind.FORWARD_ONLY),
  /** Reverse streams, if any, and their diffs are gone. */
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

  DeleteAction(Kind kind) {
    this.kind = kind;
  }

  @Override
  public Kind kind() {
    return kind;
  }
}
