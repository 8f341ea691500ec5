package dev.shunt.switcher;

import dev.shunt.workflow.migration.SwitchableMigration;
import dev.shunt.workflow.migration.TableMigration;
import java.util.List;

/**
 * A migration as it stands in the details of steps, so that a later run need not read it from the
 * streams: the one place where details and migrations meet.
 *
 * @param source keyspace that data comes from
 * @param target keyspace that it goes to
 * @param tables tables that are moved
 */
record MigrationDetail(String source, String target, List<String> tables) {
  MigrationDetail {
    tables = List.copyOf(tables);
  }

  static MigrationDetail of(SwitchableMigration migration) {
    return switch (migration) {
      case TableMigration tables ->
          new MigrationDetail(tables.source(), tables.target(), tables.tables());
    };
  }

  SwitchableMigration migration() {
    return new TableMigration(source, target, tables);
  }
}
