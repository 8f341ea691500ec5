package dev.shunt.workflow.plan;

/** Steps that end a workflow whose traffic is switched. */
public enum CompleteAction {
  /** Both keyspaces are locked, source first. */
  LOCK,
  /**
   * Every forward stream is frozen and no routing rule leads to the source; else nothing is done.
   */
  CHECK_COMPLETED,
  /** The reverse streams are stopped, so that they do not meet tables that go away. */
  STOP_REVERSE_STREAMS,
  /** The source tables are dropped or renamed and gone from the source VSchema. */
  REMOVE_SOURCE_TABLES,
  /** The source shards deny the tables no more. */
  ALLOW_ON_SOURCE,
  /** The target shards deny the tables no more. */
  ALLOW_ON_TARGET,
  /** The reverse streams and their diffs are gone. */
  DELETE_REVERSE_STREAMS,
  /** No routing rule names the tables. */
  DELETE_ROUTING_RULES,
  /** The serving VSchema of all cells tells so. */
  REBUILD_SERVING_VSCHEMA,
  /** The forward streams and their diffs are gone; last, as they tell what the workflow is. */
  DELETE_STREAMS,
  /** Both keyspaces are unlocked. */
  UNLOCK
}
