package dev.shunt.saga.world;

import dev.shunt.workflow.routing.DeniedTables;
import io.vitess.proto.Topodata;
import java.util.List;

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

  /** Tablets deny these tables when they are the primary of the shard. */
  public List<String> deniedTables() {
    return DeniedTables.of(record);
  }

  /** {@code keyspace/shard}. */
  public String name() {
    return keyspace + "/" + shard;
  }
}
