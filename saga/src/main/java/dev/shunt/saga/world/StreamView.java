package dev.shunt.saga.world;

import binlogdata.Binlogdata;
import binlogdata.Binlogdata.VReplicationWorkflowState;
import io.vitess.proto.Topodata;
import tabletmanagerdata.Tabletmanagerdata;

/**
 * A stream as its tablet tells.
 *
 * @param target shard that it writes to
 * @param stream the row of {@code _vt.vreplication}
 */
public record StreamView(
    ShardPrimary target, Tabletmanagerdata.ReadVReplicationWorkflowResponse.Stream stream) {
  /** Message of a stream whose writes were switched away. */
  public static final String FROZEN = "FROZEN";

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

  /** Alias of the tablet that runs it. */
  public Topodata.TabletAlias tablet() {
    return target.tablet().getAlias();
  }
}
