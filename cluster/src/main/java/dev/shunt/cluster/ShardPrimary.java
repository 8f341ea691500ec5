package dev.shunt.cluster;

import dev.shunt.workflow.plan.PlannedPrimary;
import io.vitess.proto.Topodata;

/**
 * A shard and the tablet that is its primary.
 *
 * @param keyspace keyspace of the shard
 * @param shard name of the shard
 * @param record the shard's record when it was read
 * @param tablet the primary
 */
public record ShardPrimary(
    String keyspace, String shard, Topodata.Shard record, Topodata.Tablet tablet) {
  /** Database of the shard. */
  public String database() {
    String override = tablet.getDbNameOverride();
    return override.isEmpty() ? "vt_" + keyspace : override;
  }

  /** The same as plans name it. */
  public PlannedPrimary planned() {
    return new PlannedPrimary(shard, tablet.getAlias().getUid(), database());
  }

  /** {@code keyspace/shard}. */
  public String name() {
    return keyspace + "/" + shard;
  }
}
