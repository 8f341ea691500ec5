package dev.shunt.workflow.migration;

/** A migration behind which traffic is switched from source to target, and back. */
public sealed interface SwitchableMigration extends Migration
    permits TableMigration, ShardMigration {
  /** The same on its way back. */
  SwitchableMigration reversed();
}
