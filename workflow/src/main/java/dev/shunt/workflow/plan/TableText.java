package dev.shunt.workflow.plan;

import dev.shunt.workflow.migration.TableMigration;
import dev.shunt.workflow.routing.TableRouting.ReadType;
import java.util.Collection;
import java.util.List;

/** The words for tables between keyspaces. */
record TableText(TableMigration migration) implements MigrationText {
  private String tables() {
    return DryRunText.list(migration.tables());
  }

  @Override
  public String denyTarget(Collection<PlannedPrimary> shards) {
    return "Deny tables %s on: %s".formatted(tables(), shards(migration.target(), shards));
  }

  @Override
  public List<String> routeToSource(boolean rules) {
    return rules
        ? List.of(
            "Route tables %s to keyspace %s".formatted(tables(), migration.source()),
            rulesUpdated())
        : List.of();
  }

  @Override
  public List<String> switchReads(Collection<ReadType> types) {
    return List.of(
        "Switch reads for tables %s to keyspace %s for tablet types %s"
            .formatted(
                tables(), migration.target(), DryRunText.list(types.stream().map(ReadType::name))),
        rulesUpdated());
  }

  @Override
  public List<String> publishReads() {
    return List.of(
        "Serving VSchema will be rebuilt for the %s keyspace".formatted(migration.target()));
  }

  @Override
  public String stopWrites(String positions) {
    return "Stop writes on keyspace %s for tables %s: %s"
        .formatted(migration.source(), tables(), positions);
  }

  @Override
  public List<String> switchWrites(
      Collection<PlannedPrimary> sources, Collection<PlannedPrimary> targets) {
    return List.of(
        "Enable writes on keyspace %s for tables %s".formatted(migration.target(), tables()),
        "Switch routing from keyspace %s to keyspace %s"
            .formatted(migration.source(), migration.target()),
        rulesUpdated());
  }

  private String rulesUpdated() {
    return "Routing rules for tables %s will be updated".formatted(tables());
  }

  @Override
  public String removeSource(String verb, Collection<PlannedPrimary> shards) {
    return removal(verb, migration.source(), migration.tables(), shards);
  }

  @Override
  public String removeTarget(List<String> tables, Collection<PlannedPrimary> shards) {
    return removal("Dropping", migration.target(), tables, shards);
  }

  private static String removal(
      String verb, String keyspace, List<String> some, Collection<PlannedPrimary> shards) {
    return "%s these tables from the database and removing them from the vschema for keyspace %s: %s"
        .formatted(
            verb,
            keyspace,
            DryRunText.list(
                shards.stream()
                    .sorted(PlannedPrimary.ORDER)
                    .flatMap(p ->
                        some.stream()
                            .sorted()
                            .map(table -> MigrationText.table(keyspace, p, table)))));
  }

  private static String shards(String keyspace, Collection<PlannedPrimary> shards) {
    return DryRunText.list(
        shards.stream()
            .sorted(PlannedPrimary.ORDER)
            .map(p ->
                "keyspace:%s;shard:%s;tablet:%d".formatted(keyspace, p.shard(), p.tabletUid())));
  }

  @Override
  public List<String> allow(String keyspace, Collection<PlannedPrimary> shards) {
    return List.of(
        "Denied tables records on %s will be removed from: %s"
            .formatted(tables(), shards(keyspace, shards)));
  }

  @Override
  public List<String> deleteRoutes() {
    return List.of("Routing rules for participating tables will be deleted");
  }
}
