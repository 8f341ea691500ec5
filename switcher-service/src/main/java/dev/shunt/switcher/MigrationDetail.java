package dev.shunt.switcher;

import dev.shunt.workflow.migration.ShardMigration;
import dev.shunt.workflow.migration.SwitchableMigration;
import dev.shunt.workflow.migration.TableMigration;
import java.util.List;

/**
 * A migration as it stands in the details of steps, so that a later run need not read it from the
 * streams: the one place where details and migrations meet.
 *
 * @param source keyspace that data comes from
 * @param target keyspace that it goes to
 * @param tables tables that are moved; none where it is shards within a keyspace
 * @param sourceShards shards that data comes from, where it is shards
 * @param targetShards shards that it goes to, where it is shards
 */
record MigrationDetail(
    String source,
    String target,
    List<String> tables,
    List<String> sourceShards,
    List<String> targetShards) {
  MigrationDetail {
    tables = List.copyOf(tables);
    sourceShards = List.copyOf(sourceShards);
    targetShards = List.copyOf(targetShards);
  }

  static MigrationDetail of(SwitchableMigration migration) {
    return switch (migration) {
      case TableMigration tables ->
          new MigrationDetail(
              tables.source(), tables.target(), tables.tables(), List.of(), List.of());
      case ShardMigration shards ->
          new MigrationDetail(
              shards.keyspace(),
              shards.keyspace(),
              List.of(),
              shards.sourceShards(),
              shards.targetShards());
    };
  }

  SwitchableMigration migration() {
    return tables.isEmpty() && source.equals(target)
        ? new ShardMigration(source, sourceShards, targetShards)
        : new TableMigration(source, target, tables);
  }
}
