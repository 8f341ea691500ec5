package dev.shunt.cluster;

import dev.shunt.workflow.plan.PlannedPrimary;
import dev.shunt.workflow.routing.DeniedTables;
import io.vitess.proto.Topodata;
import java.util.List;
import java.util.Optional;
import java.util.Set;

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

  /**
   * Why other shards must not take its place: denials of tables would not come along, and what
   * nobody should see would be served. Empty when there are none.
   *
   * @param own denials that belong to the move itself
   */
  public Optional<String> deniedTables(Set<String> own) {
    List<String> denied =
        DeniedTables.of(record).stream().filter(table -> !own.contains(table)).toList();
    return denied.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "%s denies table(s) %s, which the new shards would serve: drop them, or allow them with"
                    .formatted(name(), String.join(", ", denied))
                + " setshardtabletcontrol --remove");
  }
}
