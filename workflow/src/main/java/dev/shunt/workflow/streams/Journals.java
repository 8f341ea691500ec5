package dev.shunt.workflow.streams;

import binlogdata.Binlogdata.Journal;
import binlogdata.Binlogdata.KeyspaceShard;
import binlogdata.Binlogdata.MigrationType;
import binlogdata.Binlogdata.ShardGtid;
import dev.shunt.workflow.migration.ShardMigration;
import dev.shunt.workflow.migration.SwitchableMigration;
import dev.shunt.workflow.migration.TableMigration;
import dev.shunt.workflow.sharding.KeyRange;
import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;

/** The journal that a write switch leaves on each source primary: its point of no return. */
public final class Journals {
  private Journals() {}

  /**
   * The journal of one source shard, as {@link #ofTables} or {@link #ofShards}.
   *
   * @param migrated workflows whose streams go on with the target shards
   */
  public static Journal of(
      long id,
      SwitchableMigration migration,
      Collection<String> sourceShards,
      String localPosition,
      Map<String, String> targetPositions,
      Collection<String> migrated) {
    Journal journal =
        switch (migration) {
          case TableMigration tables ->
              ofTables(id, tables, sourceShards, localPosition, targetPositions);
          case ShardMigration shards -> ofShards(id, shards, localPosition, targetPositions);
        };
    return journal.toBuilder().addAllSourceWorkflows(migrated).build();
  }

  /**
   * The journal of one source shard.
   *
   * @param id migration id
   * @param move source, target and tables
   * @param sourceShards every source shard of the workflow
   * @param localPosition position of this source shard behind its last write
   * @param targetPositions position of each target shard behind its catch-up, by shard
   */
  public static Journal ofTables(
      long id,
      TableMigration move,
      Collection<String> sourceShards,
      String localPosition,
      Map<String, String> targetPositions) {
    Journal.Builder journal =
        Journal.newBuilder()
            .setId(id)
            .setMigrationType(MigrationType.TABLES)
            .addAllTables(move.tables())
            .setLocalPosition(localPosition);
    return journal(journal, move, sourceShards, targetPositions);
  }

  /**
   * The journal of one source shard whose keyspace is given other shards: who reads it goes on with
   * these, from the given positions.
   *
   * @param id migration id
   * @param migration all its source shards take part
   * @param localPosition position of this source shard behind its last write
   * @param targetPositions position of each target shard behind its catch-up, by shard
   */
  public static Journal ofShards(
      long id,
      ShardMigration migration,
      String localPosition,
      Map<String, String> targetPositions) {
    Journal.Builder journal =
        Journal.newBuilder()
            .setId(id)
            .setMigrationType(MigrationType.SHARDS)
            .addTables(ReshardStreams.ALL_TABLES)
            .setLocalPosition(localPosition);
    return journal(journal, migration, migration.sourceShards(), targetPositions);
  }

  private static Journal journal(
      Journal.Builder journal,
      SwitchableMigration move,
      Collection<String> sourceShards,
      Map<String, String> targetPositions) {
    for (Map.Entry<String, String> target : new TreeMap<>(targetPositions).entrySet()) {
      journal.addShardGtids(
          ShardGtid.newBuilder()
              .setKeyspace(move.target())
              .setShard(target.getKey())
              .setGtid(target.getValue()));
    }
    sourceShards.stream()
        .distinct()
        .sorted(Comparator.comparing(KeyRange::ofShard).thenComparing(shard -> shard))
        .forEach(shard ->
            journal.addParticipants(
                KeyspaceShard.newBuilder().setKeyspace(move.source()).setShard(shard)));
    return journal.build();
  }
}
