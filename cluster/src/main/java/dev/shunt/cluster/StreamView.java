package dev.shunt.cluster;

import binlogdata.Binlogdata;
import binlogdata.Binlogdata.VReplicationWorkflowState;
import dev.shunt.workflow.streams.StreamMessages;
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
    return stream.getMessage().equals(StreamMessages.FROZEN);
  }

  /** Whether it waits for the end of a switch, which may have been interrupted. */
  public boolean stoppedForCutover() {
    return stream.getMessage().equals(StreamMessages.CUTOVER);
  }

  /**
   * Whether it waits for the end of a diff, which may have been interrupted. What a switch has
   * stopped since waits for the switch, whatever position the diff left.
   */
  public boolean stoppedForDiff() {
    return !StreamMessages.OF_SWITCHES.contains(stream.getMessage())
        && (stream.getMessage().equals(StreamMessages.DIFF)
            || stream.getMessage().equals(StreamMessages.DIFF_CATCH_UP)
            || !stream.getStopPos().isEmpty());
  }

  /** Alias of the tablet that runs it. */
  public Topodata.TabletAlias tablet() {
    return target.tablet().getAlias();
  }
}
