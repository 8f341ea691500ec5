package dev.shunt.workflow.plan;

import dev.shunt.workflow.sharding.KeyRange;
import java.util.Comparator;

/**
 * The primary of a shard that takes part, as dry-run lines name it.
 *
 * @param shard shard
 * @param tabletUid number of the tablet within its cell
 * @param dbName its database
 */
public record PlannedPrimary(String shard, int tabletUid, String dbName) {
  static final Comparator<PlannedPrimary> ORDER =
      Comparator.comparing((PlannedPrimary primary) -> KeyRange.ofShard(primary.shard()))
          .thenComparing(PlannedPrimary::shard);
}
