package dev.shunt.workflow.plan;

import dev.shunt.workflow.migration.ShardMigration;
import dev.shunt.workflow.migration.SwitchableMigration;
import dev.shunt.workflow.migration.TableMigration;
import dev.shunt.workflow.routing.TableRouting.ReadType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What dry runs say of a migration, in the words of Vitess: one implementation a kind. */
sealed interface MigrationText permits TableText, ShardText {
  /** The words for a migration. */
  static MigrationText of(SwitchableMigration migration) {
    return switch (migration) {
      case TableMigration tables -> new TableText(tables);
      case ShardMigration shards -> new ShardText(shards);
    };
  }

  /** The migration. */
  SwitchableMigration migration();

  /** Of locking both keyspaces. */
  default List<String> lock() {
    List<String> lines = new ArrayList<>(List.of("Lock keyspace " + migration().source()));
    if (!migration().source().equals(migration().target())) {
      lines.add("Lock keyspace " + migration().target());
    }
    return lines;
  }

  /** Of unlocking both keyspaces. */
  default List<String> unlock() {
    return lock().reversed().stream().map(line -> line.replaceFirst("^Lock", "Unlock")).toList();
  }

  /** Of keeping shards of the target from serving what is moved. */
  String denyTarget(Collection<PlannedPrimary> shards);

  /** Of making what shards of the target lack; names by shard. */
  default String createOnTarget(
      Map<String, Set<String>> missing, Collection<PlannedPrimary> shards) {
    String target = migration().target();
    return "Create these tables in the database for keyspace %s: %s"
        .formatted(
            target,
            DryRunText.list(
                shards.stream()
                    .sorted(PlannedPrimary.ORDER)
                    .flatMap(shard ->
                        missing.getOrDefault(shard.shard(), Set.of()).stream()
                            .sorted()
                            .map(table -> table(target, shard, table)))));
  }

  /** A table of a shard. */
  static String table(String keyspace, PlannedPrimary shard, String table) {
    return "keyspace:%s;shard:%s;dbname:%s;tablet:%d;table:%s"
        .formatted(keyspace, shard.shard(), shard.dbName(), shard.tabletUid(), table);
  }

  /** Of sending all traffic to the source, with rules or without. */
  List<String> routeToSource(boolean rules);

  /** Of sending reads of these types to the target. */
  List<String> switchReads(Collection<ReadType> types);

  /** Of telling cells, where reads alone are switched. */
  List<String> publishReads();

  /** Of refusing writes on the source, whose shards are at these positions. */
  String stopWrites(String positions);

  /** Of sending writes from these primaries of the source to those of the target. */
  List<String> switchWrites(Collection<PlannedPrimary> sources, Collection<PlannedPrimary> targets);

  /** Of removing what was moved from shards of the source; the verb is Dropping or Renaming. */
  String removeSource(String verb, Collection<PlannedPrimary> shards);

  /** Of dropping tables from shards of the target. */
  String removeTarget(List<String> tables, Collection<PlannedPrimary> shards);

  /** Of serving again on shards of a keyspace. */
  List<String> allow(String keyspace, Collection<PlannedPrimary> shards);

  /** Of the end of what routes traffic. */
  List<String> deleteRoutes();
}
