package dev.shunt.workflow.plan;

/** Steps of a traffic switch, those of a way back from an interrupted attempt among them. */
public enum SwitchAction implements PlanAction {
  /**
   * No run before this one can change anything on the tablets any more, and nothing was decided
   * since this one looked.
   */
  FENCE_EARLIER_RUNS(Kind.REVERSIBLE),
  /** What source and target are known to differ in stands on the log. */
  KNOWN_DIFFERENCES(Kind.REVERSIBLE),
  /** What an interrupted attempt left is taken back; writes may wait for it. */
  TAKE_BACK(Kind.REVERSIBLE),
  /**
   * The command ends, as something forbids the switch that an interrupted attempt had not heard of.
   */
  REFUSE(Kind.REVERSIBLE),
  /** Where traffic goes before the switch stands on the log. */
  REMEMBER_START(Kind.REVERSIBLE),
  /** The command ends, as too many attempts were interrupted before anything was decided. */
  GIVE_UP(Kind.REVERSIBLE),
  /** Both keyspaces are locked, in the order of their names, whatever the direction. */
  LOCK_FOR_READS(Kind.REVERSIBLE),
  /**
   * Reads of the requested types go to the target: routing rules, then the serving VSchema of the
   * requested cells, or of all. Where writes are switched next, these publish the rules of both.
   */
  SWITCH_READS(Kind.REVERSIBLE),
  /** Both keyspaces are unlocked. */
  UNLOCK_AFTER_READS(Kind.REVERSIBLE),
  /** Both keyspaces are locked, in the order of their names, whatever the direction. */
  LOCK_FOR_WRITES(Kind.REVERSIBLE),
  /** Streams that somebody had stopped before the switch, or a diff that died, run. */
  START_STOPPED_STREAMS(Kind.REVERSIBLE),
  /**
   * All tablets know of this run, the streams have caught up once, little is left for the pause.
   */
  PREPARE(Kind.REVERSIBLE),
  /**
   * The streams of other workflows that write the source shards stand at one position of each of
   * their sources, and go on there for nobody.
   */
  STOP_MIGRATED_STREAMS(Kind.REVERSIBLE),
  /** They are written for the target shards, stopped, from that position on. */
  CREATE_MIGRATED_STREAMS(Kind.REVERSIBLE),
  /**
   * The tables are denied on every source shard and its primary has taken notice; the target stays
   * denied. From here on writes wait.
   */
  DENY_SOURCE_WRITES(Kind.REVERSIBLE, true),
  /** No write that began before the denial is still under way on a source primary. */
  DRAIN_SOURCE_WRITES(Kind.REVERSIBLE, true),
  /** The position of each source primary behind its last write is known. */
  READ_SOURCE_POSITIONS(Kind.REVERSIBLE, true),
  /** Every stream has applied its source up to that position. */
  WAIT_FOR_CATCH_UP(Kind.REVERSIBLE, true),
  /**
   * The AUTO_INCREMENT of each target table is at or behind that of the sources, so that no id is
   * given out a second time. Behind the streams, which bring most of it; the positions of the
   * targets are read once more, as it shows in their logs.
   */
  MATCH_AUTO_INCREMENTS(Kind.REVERSIBLE, true),
  /** Every stream is stopped with the message {@code stopped for cutover}. */
  STOP_STREAMS(Kind.REVERSIBLE, true),
  /** The position of each target primary, where the reverse streams begin, is known. */
  READ_TARGET_POSITIONS(Kind.REVERSIBLE, true),
  /**
   * Nobody but the workflow's own streams has written the source shards since the other workflows'
   * were stopped: what these applied behind it would come twice. Last before the decision.
   */
  CHECK_MIGRATED_STREAMS(Kind.REVERSIBLE, true),
  /**
   * On each source primary, in one transaction: the reverse streams, stopped, and the journal. The
   * first journal is the point of no return.
   */
  WRITE_JOURNALS(Kind.DECISIVE, true),
  /** In one topology transaction: writes are routed to the target and its denial is lifted. */
  SWITCH_ROUTING(Kind.FORWARD_ONLY, true),
  /** The target primaries have taken notice. From here on writes flow again. */
  REFRESH_TARGETS(Kind.FORWARD_ONLY, true),
  /** The serving VSchema of all cells has the new rules. */
  REBUILD_SERVING_VSCHEMA(Kind.FORWARD_ONLY, true),
  /** The streams of other workflows run on the target shards, and are gone from the source. */
  START_MIGRATED_STREAMS(Kind.FORWARD_ONLY, true),
  /** The reverse streams run. */
  START_REVERSE_STREAMS(Kind.FORWARD_ONLY, true),
  /** The forward streams carry the message {@code FROZEN}. */
  FREEZE_STREAMS(Kind.FORWARD_ONLY, true),
  /** Both keyspaces are unlocked. */
  UNLOCK_AFTER_WRITES(Kind.FORWARD_ONLY);

  private final Kind kind;
  private final boolean inPause;

  SwitchAction(Kind kind) {
    this(kind, false);
  }

  SwitchAction(Kind kind, boolean inPause) {
    this.kind = kind;
    this.inPause = inPause;
  }

  @Override
  public boolean inPause() {
    return inPause;
  }

  @Override
  public Kind kind() {
    return kind;
  }
}
