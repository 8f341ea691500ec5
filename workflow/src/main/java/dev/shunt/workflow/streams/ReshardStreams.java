package dev.shunt.workflow.streams;

import binlogdata.Binlogdata.BinlogSource;
import binlogdata.Binlogdata.Filter;
import binlogdata.Binlogdata.Rule;
import dev.shunt.workflow.migration.ShardMigration;
import dev.shunt.workflow.sharding.KeyRange;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The streams of a Reshard, as Vitess has them: one for each pair of source and target shard whose
 * key ranges intersect, which reads the rows of all tables whose keyspace ids the target has.
 */
public final class ReshardStreams {
  /** What the rule for all tables matches. */
  public static final String ALL_TABLES = "/.*";

  private ReshardStreams() {}

  /**
   * The forward streams: for each target shard what its streams read, in order of source shards.
   *
   * @param referenceTables tables that every shard has in whole, which do not come by these streams
   * @param onDdl IGNORE, STOP, EXEC or EXEC_IGNORE
   * @param stopAfterCopy whether streams end with the copy
   */
  public static SortedMap<String, List<BinlogSource>> forward(
      ShardMigration migration,
      Collection<String> referenceTables,
      String onDdl,
      boolean stopAfterCopy) {
    SortedMap<String, List<BinlogSource>> streams = new TreeMap<>(ShardMigration.ORDER);
    for (String target : migration.targetShards()) {
      KeyRange range = KeyRange.ofShard(target);
      Filter.Builder filter = Filter.newBuilder();
      new TreeSet<>(referenceTables)
          .forEach(
              table -> filter.addRules(Rule.newBuilder().setMatch(table).setFilter(Rules.EXCLUDE)));
      filter.addRules(Rule.newBuilder().setMatch(ALL_TABLES).setFilter(range.toString()));
      streams.put(
          target,
          migration.sourceShards().stream()
              .filter(source -> KeyRange.ofShard(source).intersects(range))
              .map(source ->
                  BinlogSource.newBuilder()
                      .setKeyspace(migration.keyspace())
                      .setShard(source)
                      .setFilter(filter)
                      .setOnDdl(StreamPlanner.onDdl(onDdl))
                      .setStopAfterCopy(stopAfterCopy)
                      .build())
              .toList());
    }
    return streams;
  }

  /**
   * What the reverse of one forward stream reads; it runs on the primary of the source shard.
   *
   * @param migration the forward migration
   * @param forward what the forward stream reads
   * @param targetShard target shard of the forward stream
   */
  static BinlogSource reverse(ShardMigration migration, BinlogSource forward, String targetShard) {
    Filter.Builder filter = Filter.newBuilder();
    for (Rule rule : forward.getFilter().getRulesList()) {
      filter.addRules(
          Rules.excludes(rule)
              ? rule
              : Rule.newBuilder()
                  .setMatch(rule.getMatch())
                  .setFilter(KeyRange.ofShard(forward.getShard()).toString())
                  .build());
    }
    return BinlogSource.newBuilder()
        .setKeyspace(migration.keyspace())
        .setShard(targetShard)
        .setTabletType(forward.getTabletType())
        .setFilter(filter)
        .setOnDdl(forward.getOnDdl())
        .build();
  }
}
