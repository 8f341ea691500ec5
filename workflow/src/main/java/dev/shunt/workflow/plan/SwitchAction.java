package dev.shunt.workflow.plan;

/** Steps of a traffic switch. */
public enum SwitchAction {
  /** Both keyspaces are locked, in the order of their names, whatever the direction. */
  LOCK_FOR_READS,
  /**
   * Reads of the requested types go to the target: routing rules, then the serving VSchema of the
   * requested cells, or of all. Where writes are switched next, these publish the rules of both.
   */
  SWITCH_READS,
  /** Both keyspaces are unlocked. */
  UNLOCK_AFTER_READS,
  /** Both keyspaces are locked, in the order of their names, whatever the direction. */
  LOCK_FOR_WRITES,
  /**
   * The tables are denied on every source shard and its primary has taken notice; the target stays
   * denied. From here on writes wait.
   */
  DENY_SOURCE_WRITES,
  /** No write that began before the denial is still under way on a source primary. */
  DRAIN_SOURCE_WRITES,
  /** The position of each source primary behind its last write is known. */
  READ_SOURCE_POSITIONS,
  /** Every stream has applied its source up to that position. */
  WAIT_FOR_CATCH_UP,
  /**
   * The AUTO_INCREMENT of each target table is at or behind that of the sources, so that no id is
   * given out a second time. Behind the streams, which bring most of it; the positions of the
   * targets are read once more, as it shows in their logs.
   */
  MATCH_AUTO_INCREMENTS,
  /** Every stream is stopped with the message {@code stopped for cutover}. */
  STOP_STREAMS,
  /** The position of each target primary, where the reverse streams begin, is known. */
  READ_TARGET_POSITIONS,
  /**
   * On each source primary, in one transaction: the reverse streams, stopped, and the journal. The
   * first journal is the point of no return.
   */
  WRITE_JOURNALS,
  /** In one topology transaction: writes are routed to the target and its denial is lifted. */
  SWITCH_ROUTING,
  /** The target primaries have taken notice. From here on writes flow again. */
  REFRESH_TARGETS,
  /** The serving VSchema of all cells tells the new rules. */
  REBUILD_SERVING_VSCHEMA,
  /** The reverse streams run. */
  START_REVERSE_STREAMS,
  /** The forward streams carry the message {@code FROZEN}. */
  FREEZE_STREAMS,
  /** Both keyspaces are unlocked. */
  UNLOCK_AFTER_WRITES
}
