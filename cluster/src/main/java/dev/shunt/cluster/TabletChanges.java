package dev.shunt.cluster;

import dev.shunt.topo.Aliases;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/** Which tablets a command changed, as attributes {@code tablet.<alias>} of its success. */
public final class TabletChanges {
  private static final String PREFIX = "tablet.";

  private TabletChanges() {}

  /** The attributes, {@code true} for each shard's primary that was changed. */
  public static Map<String, String> attributes(
      List<ShardPrimary> shards, Predicate<ShardPrimary> changed) {
    Map<String, String> attributes = new TreeMap<>();
    for (ShardPrimary shard : shards) {
      attributes.put(
          PREFIX + Aliases.text(shard.tablet().getAlias()), Boolean.toString(changed.test(shard)));
    }
    return attributes;
  }
}
