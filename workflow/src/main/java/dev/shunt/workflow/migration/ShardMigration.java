package dev.shunt.workflow.migration;

import dev.shunt.workflow.sharding.KeyRange;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * All rows of a keyspace on their way from some of its shards to others, which together have the
 * same keyspace ids; traffic follows by the shards that serve.
 *
 * @param keyspace the keyspace
 * @param sourceShards shards that the rows come from, in the order of their key ranges
 * @param targetShards shards that they go to, likewise
 */
public record ShardMigration(String keyspace, List<String> sourceShards, List<String> targetShards)
    implements SwitchableMigration {
  /** By key range, then by name. */
  public static final Comparator<String> ORDER =
      Comparator.comparing(KeyRange::ofShard).thenComparing(shard -> shard);

  public ShardMigration {
    sourceShards = sorted(sourceShards);
    targetShards = sorted(targetShards);
  }

  private static List<String> sorted(Collection<String> shards) {
    return shards.stream().distinct().sorted(ORDER).toList();
  }

  @Override
  public String source() {
    return keyspace;
  }

  @Override
  public String target() {
    return keyspace;
  }

  @Override
  public String kind() {
    return "Reshard";
  }

  @Override
  public boolean isRouted() {
    return false;
  }

  @Override
  public ShardMigration reversed() {
    return new ShardMigration(keyspace, targetShards, sourceShards);
  }
}
