package dev.shunt.workflow.plan;

import dev.shunt.workflow.migration.ShardMigration;
import dev.shunt.workflow.routing.TableRouting.ReadType;
import dev.shunt.workflow.streams.ReshardStreams;
import java.util.Collection;
import java.util.List;

/** The words for shards within a keyspace. */
record ShardText(ShardMigration migration) implements MigrationText {
  private static final String TABLES = "[" + ReshardStreams.ALL_TABLES + "]";

  @Override
  public String denyTarget(Collection<PlannedPrimary> shards) {
    return "Shards %s of keyspace %s serve nothing yet"
        .formatted(list(shards), migration.keyspace());
  }

  @Override
  public List<String> routeToSource(boolean rules) {
    return List.of();
  }

  @Override
  public List<String> switchReads(Collection<ReadType> types) {
    return List.of(
        "Switch reads from keyspace %s to keyspace %s for shards %s to shards %s"
            .formatted(
                migration.source(),
                migration.target(),
                DryRunText.list(migration.sourceShards()),
                DryRunText.list(migration.targetShards())));
  }

  @Override
  public List<String> publishReads() {
    return List.of();
  }

  @Override
  public String stopWrites(String positions) {
    return "Stop writes on keyspace %s for tables %s: %s"
        .formatted(migration.source(), TABLES, positions);
  }

  @Override
  public List<String> switchWrites(
      Collection<PlannedPrimary> sources, Collection<PlannedPrimary> targets) {
    return List.of(
        "Enable writes on keyspace %s for tables %s".formatted(migration.target(), TABLES),
        "Switch routing from keyspace %s to keyspace %s"
            .formatted(migration.source(), migration.target()),
        "IsPrimaryServing will be set to false for: " + list(sources),
        "IsPrimaryServing will be set to true for: " + list(targets));
  }

  @Override
  public String removeSource(String verb, Collection<PlannedPrimary> shards) {
    return removal(shards);
  }

  @Override
  public String removeTarget(List<String> tables, Collection<PlannedPrimary> shards) {
    return removal(shards);
  }

  private String removal(Collection<PlannedPrimary> shards) {
    return "Delete these shards of keyspace %s, and the records of their tablets: %s"
        .formatted(migration.keyspace(), list(shards));
  }

  @Override
  public List<String> allow(String keyspace, Collection<PlannedPrimary> shards) {
    return List.of();
  }

  @Override
  public List<String> deleteRoutes() {
    return List.of();
  }

  private static String list(Collection<PlannedPrimary> shards) {
    return DryRunText.list(
        shards.stream()
            .sorted(PlannedPrimary.ORDER)
            .map(p -> "shard:%s;tablet:%d".formatted(p.shard(), p.tabletUid())));
  }
}
