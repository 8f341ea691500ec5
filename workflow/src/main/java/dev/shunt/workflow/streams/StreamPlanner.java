package dev.shunt.workflow.streams;

import binlogdata.Binlogdata.BinlogSource;
import binlogdata.Binlogdata.Filter;
import binlogdata.Binlogdata.OnDDLAction;
import binlogdata.Binlogdata.Rule;
import dev.shunt.workflow.Refusal;
import dev.shunt.workflow.migration.ShardMigration;
import dev.shunt.workflow.migration.SwitchableMigration;
import dev.shunt.workflow.migration.TableMigration;
import dev.shunt.workflow.sharding.KeyRange;
import dev.shunt.workflow.sharding.KeyspaceIds;
import dev.shunt.workflow.sharding.ShardingKey;
import dev.shunt.workflow.sql.SqlNames;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import vschema.Vschema;

/**
 * Decides which streams a MoveTables workflow has and what each of them reads, as Vitess does: a
 * stream for each pair of source and target shard whose key ranges intersect, or for every pair
 * when the two keyspaces place rows by different vindexes.
 */
public final class StreamPlanner {
  private StreamPlanner() {}

  /**
   * The forward streams: for each target shard what its streams read, in order of source shards.
   *
   * @throws dev.shunt.workflow.RefusedException when there is nothing to read or write, a table is
   *     missing in the VSchema of a sharded target, or no vindex can filter its rows
   */
  public static SortedMap<String, List<BinlogSource>> forward(MoveTablesStreams request) {
    TableMigration move = request.move();
    checkTables(request);
    List<String> sourceShards =
        sorted(request.sourceShards(), "no source shards in " + move.source());
    List<String> targetShards =
        sorted(request.targetShards(), "no target shards in " + move.target());
    boolean everyPair =
        VindexComparison.primaryVindexesDiffer(
            request.sourceVschema(), request.targetVschema(), move.tables());
    SortedMap<String, List<BinlogSource>> streams = new TreeMap<>();
    for (String targetShard : targetShards) {
      KeyRange target = KeyRange.ofShard(targetShard);
      List<String> chosen =
          sourceShards.stream()
              .filter(source -> everyPair || KeyRange.ofShard(source).intersects(target))
              .toList();
      boolean equalRanges =
          chosen.size() == 1 && KeyRange.ofShard(chosen.getFirst()).equals(target);
      Filter filter = forwardFilter(request, targetShard, equalRanges);
      streams.put(
          targetShard, chosen.stream().map(source -> source(request, source, filter)).toList());
    }
    return streams;
  }

  /** What the reverse of one forward stream reads; it runs on the primary of the source shard. */
  public static BinlogSource reverse(
      SwitchableMigration migration,
      BinlogSource forward,
      String targetShard,
      Vschema.Keyspace sourceVschema) {
    return switch (migration) {
      case TableMigration tables -> ofTables(tables, forward, targetShard, sourceVschema);
      case ShardMigration shards -> ReshardStreams.reverse(shards, forward, targetShard);
    };
  }

  /**
   * What the reverse of one forward stream reads; it runs on the primary of the source shard.
   *
   * @param move the forward move
   * @param forward what the forward stream reads
   * @param targetShard target shard of the forward stream
   * @param sourceVschema VSchema of the source keyspace, where the rows go back to
   */
  private static BinlogSource ofTables(
      TableMigration move,
      BinlogSource forward,
      String targetShard,
      Vschema.Keyspace sourceVschema) {
    Filter.Builder filter = Filter.newBuilder();
    for (Rule rule : forward.getFilter().getRulesList()) {
      filter.addRules(
          Rules.excludes(rule)
              ? rule
              : reverseRule(move, rule.getMatch(), forward.getShard(), sourceVschema));
    }
    return BinlogSource.newBuilder()
        .setKeyspace(move.target())
        .setShard(targetShard)
        .setTabletType(forward.getTabletType())
        .setFilter(filter)
        .setOnDdl(forward.getOnDdl())
        .setSourceTimeZone(forward.getTargetTimeZone())
        .setTargetTimeZone(forward.getSourceTimeZone())
        .build();
  }

  private static Rule reverseRule(
      TableMigration move, String table, String sourceShard, Vschema.Keyspace vschema) {
    String select = "select * from " + SqlNames.quoted(table);
    Optional<ShardingKey> key = KeyspaceIds.primary(move.source(), vschema, table);
    return Rule.newBuilder()
        .setMatch(table)
        .setFilter(
            key.map(k -> select + " where " + inKeyRange(k, move.source(), sourceShard))
                .orElse(select))
        .build();
  }

  private static void checkTables(MoveTablesStreams request) {
    if (request.move().tables().isEmpty()) {
      throw Refusal.failedPrecondition("no tables to move").exception();
    }
    if (!request.targetVschema().getSharded()) {
      return;
    }
    List<String> missing = new ArrayList<>();
    for (String table : request.move().tables()) {
      if (!request.targetVschema().containsTables(table)) {
        missing.add(table);
      }
    }
    if (!missing.isEmpty()) {
      throw Refusal.of(
              Refusal.Code.FAILED_PRECONDITION,
              "table %s not found in vschema for keyspace %s",
              String.join(", ", missing),
              request.move().target())
          .exception();
    }
  }

  private static List<String> sorted(List<String> shards, String whenNone) {
    if (shards.isEmpty()) {
      throw Refusal.failedPrecondition("%s", whenNone).exception();
    }
    return shards.stream()
        .sorted(Comparator.comparing(KeyRange::ofShard).thenComparing(shard -> shard))
        .toList();
  }

  private static Filter forwardFilter(
      MoveTablesStreams request, String targetShard, boolean equalRanges) {
    Filter.Builder filter = Filter.newBuilder();
    for (String table : request.move().tables()) {
      Optional<ShardingKey> key =
          equalRanges
              ? Optional.empty()
              : KeyspaceIds.best(request.move().target(), request.targetVschema(), table);
      String select =
          key.map(k ->
                  "select * from %s where %s"
                      .formatted(
                          SqlNames.canonical(table),
                          inKeyRange(k, request.move().target(), targetShard)))
              .orElseGet(() -> "select * from " + SqlNames.quoted(table));
      filter.addRules(Rule.newBuilder().setMatch(table).setFilter(select));
    }
    return filter.build();
  }

  private static String inKeyRange(ShardingKey key, String keyspace, String shard) {
    return "in_keyrange(%s, %s, '%s')"
        .formatted(
            key.columns().stream().map(SqlNames::canonical).collect(Collectors.joining(", ")),
            SqlNames.literal(keyspace + "." + key.vindexName()),
            KeyRange.ofShard(shard));
  }

  private static BinlogSource source(MoveTablesStreams request, String shard, Filter filter) {
    BinlogSource.Builder source =
        BinlogSource.newBuilder()
            .setKeyspace(request.move().source())
            .setShard(shard)
            .setFilter(filter)
            .setOnDdl(onDdl(request.onDdl()))
            .setStopAfterCopy(request.stopAfterCopy());
    if (!request.sourceTimeZone().isEmpty()) {
      source.setSourceTimeZone(request.sourceTimeZone()).setTargetTimeZone("UTC");
    }
    return source.build();
  }

  /** The action of that name; empty means IGNORE. Refuses other names. */
  public static OnDDLAction onDdl(String name) {
    return switch (name.toUpperCase(Locale.ROOT)) {
      case "", "IGNORE" -> OnDDLAction.IGNORE;
      case "STOP" -> OnDDLAction.STOP;
      case "EXEC" -> OnDDLAction.EXEC;
      case "EXEC_IGNORE" -> OnDDLAction.EXEC_IGNORE;
      default ->
          throw Refusal.invalidArgument(
                  "unknown on-ddl action %s: use IGNORE, STOP, EXEC or EXEC_IGNORE", name)
              .exception();
    };
  }

  /**
   * The VSchema of an unsharded target with entries for tables it lacks: those of the source where
   * it has some, without their vindexes, else empty ones. Entries that are there stay; a sharded
   * target stays as it is.
   */
  public static Vschema.Keyspace targetVschemaWith(
      Vschema.Keyspace target, Vschema.Keyspace source, List<String> tables) {
    if (target.getSharded()) {
      return target;
    }
    Vschema.Keyspace.Builder changed = target.toBuilder();
    for (String table : tables) {
      if (!target.containsTables(table)) {
        Map<String, Vschema.Table> known = source.getTablesMap();
        changed.putTables(
            table,
            known.getOrDefault(table, Vschema.Table.getDefaultInstance()).toBuilder()
                .clearColumnVindexes()
                .build());
      }
    }
    return changed.build();
  }
}
