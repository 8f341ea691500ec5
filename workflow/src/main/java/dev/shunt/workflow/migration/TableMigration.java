package dev.shunt.workflow.migration;

import java.util.Collection;
import java.util.List;

/**
 * Tables on their way from one keyspace to another; traffic follows by routing rules.
 *
 * @param source keyspace they come from
 * @param target keyspace they go to
 * @param tables tables, sorted and without duplicates
 */
public record TableMigration(String source, String target, List<String> tables)
    implements SwitchableMigration {
  public TableMigration {
    tables = tables.stream().sorted().distinct().toList();
  }

  @Override
  public String kind() {
    return "MoveTables";
  }

  @Override
  public boolean isRouted() {
    return true;
  }

  @Override
  public TableMigration reversed() {
    return new TableMigration(target, source, tables);
  }

  /** The same migration without these tables. */
  public TableMigration without(Collection<String> some) {
    return new TableMigration(
        source, target, tables.stream().filter(t -> !some.contains(t)).toList());
  }
}
