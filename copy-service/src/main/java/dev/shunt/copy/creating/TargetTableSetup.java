package dev.shunt.copy.creating;

import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.Parallel;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.cluster.Tables;
import dev.shunt.saga.Run;
import dev.shunt.tabletclient.ResultRow;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.workflow.Refusal;
import dev.shunt.workflow.sql.SqlNames;
import io.vitess.proto.Query;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import tabletmanagerdata.Tabletmanagerdata;

/** Tables of a workflow on its target shards. */
final class TargetTableSetup {
  /** Takes what the source took, zero dates among them. */
  private static final String SQL_MODE = "NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION";

  private final Cluster cluster;

  TargetTableSetup(Cluster cluster) {
    this.cluster = cluster;
  }

  /** Tables that are not there yet, by shard; shards that have all are left out. */
  Map<String, Set<String>> missing(List<ShardPrimary> targets, Collection<String> tables)
      throws Exception {
    Map<String, Set<String>> missing = new TreeMap<>();
    List<Set<String>> present = Parallel.map(targets, this::names);
    for (int i = 0; i < targets.size(); i++) {
      Set<String> absent = new TreeSet<>(tables);
      absent.removeAll(present.get(i));
      if (!absent.isEmpty()) {
        missing.put(targets.get(i).shard(), absent);
      }
    }
    return missing;
  }

  private Set<String> names(ShardPrimary shard) {
    return Tables.definitions(cluster.client(shard)).keySet();
  }

  /** Refuses when a table has rows on any target shard. */
  void requireEmpty(
      String keyspace,
      List<ShardPrimary> targets,
      Collection<String> tables,
      Map<String, Set<String>> missing)
      throws Exception {
    Set<String> filled = new TreeSet<>();
    Parallel.map(
            targets,
            target -> {
              Set<String> absent = missing.getOrDefault(target.shard(), Set.of());
              return tables.stream()
                  .filter(table -> !absent.contains(table) && hasRows(target, table))
                  .toList();
            })
        .forEach(filled::addAll);
    if (!filled.isEmpty()) {
      throw Refusal.failedPrecondition(
              "non-empty table(s) found in target keyspace(%s): %s",
              keyspace, String.join(", ", filled))
          .exception();
    }
  }

  private boolean hasRows(ShardPrimary target, String table) {
    String sql =
        "select 1 from %s.%s limit 1"
            .formatted(SqlNames.quoted(target.database()), SqlNames.quoted(table));
    return cluster.client(target).executeFetchAsDba(sql, 1).getRowsCount() > 0;
  }

  /**
   * Makes what shards lack, from the definitions of the source.
   *
   * @param missing tables by shard
   */
  void create(
      Run run,
      List<ShardPrimary> targets,
      Map<String, Set<String>> missing,
      Map<String, String> definitions,
      boolean removeAutoIncrement,
      boolean dropForeignKeys)
      throws Exception {
    Parallel.each(
        lacking(targets, missing),
        shard ->
            create(
                run,
                shard,
                missing.getOrDefault(shard.shard(), Set.of()),
                definitions,
                removeAutoIncrement,
                dropForeignKeys));
  }

  private static List<ShardPrimary> lacking(
      List<ShardPrimary> targets, Map<String, Set<String>> missing) {
    return targets.stream().filter(shard -> missing.containsKey(shard.shard())).toList();
  }

  /** Makes those of the tables that are missing on the shard. */
  private void create(
      Run run,
      ShardPrimary target,
      Collection<String> tables,
      Map<String, String> definitions,
      boolean removeAutoIncrement,
      boolean dropForeignKeys) {
    TabletClient client = cluster.client(target).withFence(run.fence());
    Set<String> absent = new TreeSet<>(tables);
    absent.removeAll(names(target));
    for (String table : absent) {
      run.check();
      String ddl = definitions.get(table);
      if (ddl == null) {
        throw Refusal.failedPrecondition("source has no table %s any more", table).exception();
      }
      apply(client, removeAutoIncrement ? ShowCreateTable.withoutAutoIncrement(ddl) : ddl);
    }
    if (dropForeignKeys) {
      tables.forEach(table -> dropForeignKeys(client, target, table));
    }
  }

  private static void apply(TabletClient client, String ddl) {
    var unused =
        client.applySchema(
            Tabletmanagerdata.ApplySchemaRequest.newBuilder()
                .setSql(ddl)
                .setAllowReplication(true)
                .setSqlMode(SQL_MODE)
                .setDisableForeignKeyChecks(true)
                .build());
  }

  private static void dropForeignKeys(TabletClient client, ShardPrimary target, String table) {
    String sql =
        "select constraint_name as name from information_schema.table_constraints"
            + " where constraint_type = 'FOREIGN KEY' and table_schema = %s and table_name = %s"
                .formatted(SqlNames.literal(target.database()), SqlNames.literal(table));
    Query.QueryResult found = client.executeFetchAsDba(sql, 1000);
    List<String> drops = new ArrayList<>();
    for (ResultRow row : ResultRow.of(found)) {
      drops.add("drop foreign key " + SqlNames.quoted(row.text("name")));
    }
    if (!drops.isEmpty()) {
      apply(client, "alter table " + SqlNames.quoted(table) + " " + String.join(", ", drops));
    }
  }

  /**
   * Drops what shards lacked before.
   *
   * @param missing tables by shard
   * @param kept tables that stay
   */
  void drop(Run run, List<ShardPrimary> targets, Map<String, Set<String>> missing, Set<String> kept)
      throws Exception {
    Parallel.each(
        lacking(targets, missing),
        shard -> {
          Set<String> ours = new TreeSet<>(missing.getOrDefault(shard.shard(), Set.of()));
          ours.removeAll(kept);
          drop(run, shard, ours);
        });
  }

  /**
   * Drops tables of a shard, on whatever tablet is its primary by now; those that are gone already
   * are fine.
   */
  private void drop(Run run, ShardPrimary shard, Collection<String> tables) {
    ShardPrimary target = cluster.primary(shard.keyspace(), shard.shard());
    TabletClient client = cluster.client(target).withFence(run.fence());
    for (String table : tables) {
      try {
        Tables.drop(client, target.database(), table);
      } catch (TabletException e) {
        if (!Tables.didNotExist(e)) {
          throw e;
        }
      }
    }
  }
}
