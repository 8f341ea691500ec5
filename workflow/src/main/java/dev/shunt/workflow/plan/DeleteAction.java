package dev.shunt.workflow.plan;

/** Steps that cancel a workflow whose writes are not switched. */
public enum DeleteAction {
  /** Both keyspaces are locked, source first. */
  LOCK,
  /** The forward streams are stopped. */
  STOP_STREAMS,
  /** Reads that were switched go to the source again. */
  RETURN_READS,
  /** The target tables that the workflow created are dropped and gone from its VSchema. */
  REMOVE_TARGET_TABLES,
  /** The source shards deny the tables no more. */
  ALLOW_ON_SOURCE,
  /** The target shards deny the tables no more. */
  ALLOW_ON_TARGET,
  /** Reverse streams, if any, and their diffs are gone. */
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
