package dev.shunt.cluster;

import binlogdata.Binlogdata;
import binlogdata.Binlogdata.VReplicationWorkflowState;
import io.vitess.proto.Topodata;
import tabletmanagerdata.Tabletmanagerdata;

/**
 * A stream as its tablet reports it.
 *
 * @param target shard that it writes to
 * @param stream the row of {@code _vt.vreplication}
 */
public record StreamView(
    ShardPrimary target, Tabletmanagerdata.ReadVReplicationWorkflowResponse.Stream stream) {
  /** Message of a stream whose writes were switched away. */
  public static final String FROZEN = "FROZEN";

  /** Message of streams that wait for the end of a switch. */
  public static final String CUTOVER = "stopped for cutover";

  /** Message of streams that were written ahead of the journal of a switch, until it stands. */
  public static final String DRAFT = "for cutover";

  /** Message of a stream that waits for the end of a diff. */
  public static final String DIFF = "for vdiff";

  /** Message of a stream that a diff lets run to a position. */
  public static final String DIFF_CATCH_UP = "synchronizing for vdiff";

  /** Id on its tablet. */
  public int id() {
    return stream.getId();
  }

  /** Where it reads and what. */
  public Binlogdata.BinlogSource source() {
    return stream.getBls();
  }

  /** Shard that it reads. */
  public String sourceShard() {
    return stream.getBls().getShard();
  }

  /** Whether somebody has stopped it, and not because its writes were switched away. */
  public boolean stopped() {
    return stream.getState() == VReplicationWorkflowState.Stopped && !frozen();
  }

  /** Whether its message is FROZEN. */
  public boolean frozen() {
    return stream.getMessage().equals(FROZEN);
  }

  /** Whether it waits for the end of a switch, which may have been interrupted. */
  public boolean stoppedForCutover() {
    return stream.getMessage().equals(CUTOVER);
  }

  /**
   * Whether it waits for the end of a diff, which may have been interrupted. What a switch has
   * stopped since waits for the switch, whatever position the diff left.
   */
  public boolean stoppedForDiff() {
    return !frozen()
        && !stoppedForCutover()
        && !stream.getMessage().equals(DRAFT)
        && (stream.getMessage().equals(DIFF)
            || stream.getMessage().equals(DIFF_CATCH_UP)
            || !stream.getStopPos().isEmpty());
  }

  /** Alias of the tablet that runs it. */
  public Topodata.TabletAlias tablet() {
    return target.tablet().getAlias();
  }
}
